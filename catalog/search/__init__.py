"""Finding datasets by what people call them, the same on SQLite and on PostgreSQL."""
