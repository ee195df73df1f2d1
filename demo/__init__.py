"""The coupling at work, for a person to watch: `make demo`."""
