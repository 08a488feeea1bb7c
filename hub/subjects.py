"""Which subject each procedure is about: the one place where the machine meets what it moves."""
