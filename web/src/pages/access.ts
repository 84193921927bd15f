/** Actions of the log are spelled with dots by some parts of the server; a key of the locale files must not be. */
export const actionKey = (action: string): string =>
  `access.action.${action.replace(/[^A-Za-z]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`;
