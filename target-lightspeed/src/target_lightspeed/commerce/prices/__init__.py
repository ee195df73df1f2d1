"""Prices, tiers and prices of customer groups."""
