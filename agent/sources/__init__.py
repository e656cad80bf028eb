"""The sources of a home: how they are added, opened, read and removed, and how they stand."""
