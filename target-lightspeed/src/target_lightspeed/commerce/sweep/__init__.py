"""What drifted in the shop, or vanished from it: found by listing it now and then, corrected from the source."""
