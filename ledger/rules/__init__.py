"""Pure rules: frozen facts and a rulebook in, frozen results and complaints out. No clock, no store, no exceptions for odd facts."""
