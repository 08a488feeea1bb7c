"""Threads through the exchange: the edges between records, indexed when a release is published."""
