"""A home while it is open: who owns it, and its parts, wired from its settings when they are first needed."""
