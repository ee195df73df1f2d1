"""tap_lightspeed."""
