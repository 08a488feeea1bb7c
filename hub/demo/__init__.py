"""The demonstration regency: real records, synthetic people."""
