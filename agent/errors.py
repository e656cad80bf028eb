"""What the agent says no with: sentences for the person."""

from __future__ import annotations


class Refusal(Exception):
    """What was asked cannot be done; a sentence for the person and an exit code."""

    def __init__(self, message: str, code: int = 2, kind: str = "refused") -> None:
        super().__init__(message)
        self.code, self.kind = code, kind


class InUse(Refusal):
    """Another process owns this home."""
