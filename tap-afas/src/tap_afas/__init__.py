"""Singer tap for AFAS Profit."""
