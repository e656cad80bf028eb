"""What every door offers, in plain JSON: the command line, the loopback API, `--json` (docs/json.md)."""
