"""The budget of calls: a forecast for given sizes, and what a run leaves to more important ones."""
