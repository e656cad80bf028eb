"""A meeting that is held again and again: which dates it `repeats` on, and how to `find` the time of day that
fits the most of them."""
