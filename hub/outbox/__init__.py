"""Facts to tell others: written with the effect, delivered afterwards, at least once, in order."""
