"""Rule books: the legal values of the instance, in versions, each with its source."""
