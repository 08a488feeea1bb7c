"""A wrong value is reported back to its owner: the mark travels with the row until it is settled."""
