"""The sources that can be mapped: a package each, with its options and its feeds."""
