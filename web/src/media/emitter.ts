/** A typed list of listeners. It decides nothing; a listener that throws must not keep the others from hearing. */

export type Listener<T> = (value: T) => void;
export type Stop = () => void;

/** A bug in one place is told to the console and to monitors, and stops nothing else. (reportError is younger than Chrome 87.) */
export function loudly(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}

export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Stop {
    const listeners = this.#listeners.get(name) ?? new Set();
    listeners.add(listener as Listener<never>);
    this.#listeners.set(name, listeners);
    return () => listeners.delete(listener as Listener<never>);
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as Listener<Events[Name]>)(value);
      } catch (error) {
        loudly(error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
