"""upsert."""
