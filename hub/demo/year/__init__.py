"""A year of requests replayed: agencies that answer, stall, refuse at the last hour, and object."""
