"""A Google Drive of our own, for what no other server has: changes, revisions, comments, shared drives.

`world` is what lies in it and what people do there, `server` speaks the interface, `faults` makes it fail.
Each request and each answer is held against Google's discovery document (`google_schema`).
"""
