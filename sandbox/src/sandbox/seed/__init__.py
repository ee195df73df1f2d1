"""Deterministic seed data of a small Dutch merchant; both services draw their items from `sandbox.seed.catalogue`."""

SEEDS = ("small", "large", "empty")
"""The seeds a sandbox can start from."""
