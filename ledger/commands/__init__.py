"""Parts of `python -m ledger`, one file per noun: each says its arguments and what it does with a store."""
