"""Products that point to products."""
