"""What can be done with the ledger, one file per resource.

Every action takes the store, (where somebody asks) the actor, a frozen command and `now` in epoch seconds; it checks rights through
`ledger.access`, decides, writes in one transaction, and answers with frozen records once that has been committed. A refusal is raised as a
`ledger.refusals.Refusal` and has changed nothing; `StoreUnavailable` means the same call may be tried again.
"""
