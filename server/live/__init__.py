"""The running rooms: the only place where rooms, media and ledger meet."""
