"""When a wish is about: days, stretches, limits and likes, what hangs on an event, how much of a series."""
