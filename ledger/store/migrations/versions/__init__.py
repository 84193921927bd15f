"""One file per step; the number in front is the order."""
