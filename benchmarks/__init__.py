"""Speed, memory and call counts, measured; see `make bench`."""
