"""Steps that bring a database from empty to today's tables. A released step is never edited: the next one is added."""
