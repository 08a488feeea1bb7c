"""How data comes in: collect, judge, admit; batches, sources and their runs."""
