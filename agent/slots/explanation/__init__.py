"""Answers in words: the `facts` about a time that fits, or the `conflict` where none does, whose fewest rules
are a smallest `hitting_set`."""
