"""Who reads whose data, how much and for what: counted from the ledger, for those who gave it."""
