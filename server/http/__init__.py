"""REST: one file per resource, every handler parse, who, act, answer. The table of all routes is in `routes`."""
