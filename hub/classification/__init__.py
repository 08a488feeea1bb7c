"""Access classes and the duties they bring: who may raise one, on which ground, and who confirms it."""
