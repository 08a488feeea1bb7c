"""The tamper-evident record of the exchange: entries, their Merkle tree, and proofs of both."""
