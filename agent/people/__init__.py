"""Whom the person deals with, and who is meant by a bare name."""
