"""Ready-made aggregates: counting over data that is not given, with small cells suppressed."""
