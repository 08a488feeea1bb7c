"""The agencies of the regency, the posts in them, and who holds which post."""
