"""Data that is asked for and does not exist yet: a debt with an owner and a day."""
