"""Lightspeed eCom C-Series, imitated: the shop's REST API with its state, limits and oddities."""
