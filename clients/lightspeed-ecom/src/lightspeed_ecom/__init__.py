"""lightspeed_ecom."""
