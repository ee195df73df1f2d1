"""What tests across packages share."""
