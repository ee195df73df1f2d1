"""Singer target for AFAS Profit."""
