"""From the ledger's records to the shapes of the wire. They decide spelling only, never what somebody may see."""
