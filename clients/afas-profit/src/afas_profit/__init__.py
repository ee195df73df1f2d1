"""afas_profit."""
