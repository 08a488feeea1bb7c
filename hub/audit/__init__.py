"""The ledger as its readers see it: who may list which entries, proofs for everybody."""
