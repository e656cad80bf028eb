"""A meeting that is held again and again.

`model` has the series and its exceptions; `repeats` says on which dates it is held; `find` is the door: the
time of day that fits the most of them.
"""
