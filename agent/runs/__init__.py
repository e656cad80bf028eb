"""Runs: how a plan is carried out, step by step, and survives whatever stops it."""
