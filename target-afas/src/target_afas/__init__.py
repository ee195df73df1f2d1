"""target_afas."""
