"""Socket.IO: one function per message, thin – parse, who, act, answer. docs/protocol.md lists them; a test holds the two together."""
