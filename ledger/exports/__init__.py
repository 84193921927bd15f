"""From a value to the bytes of a file: CSV, XLSX, PDF, iCalendar. The same value gives the same bytes:
no clock, no randomness, no locale of the machine."""
