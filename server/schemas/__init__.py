"""Every shape that crosses the wire, in one place: OpenAPI, the TypeScript types and the checks come from here."""
