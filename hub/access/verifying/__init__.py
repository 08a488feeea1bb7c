"""Verification: whether a record that is shown is in the data, without giving the data."""
