"""The command line: what is typed, and how answers look."""
