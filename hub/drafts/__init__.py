"""A steward's spreadsheet on its way to a published schema and a dataset of its own."""
