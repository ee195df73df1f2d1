"""A Singer target for Lightspeed eCom (C-Series)."""
