"""What can be wrong with settings, paths and secrets."""

from __future__ import annotations


class ConfigError(ValueError):
    """Something about how Deskhand is set up must be changed by the person. The message is a sentence
    that says what and, where it is in a file, at which line."""


def nearest(word: str, known: list[str]) -> str:
    """ " (did you mean 'zone'?)", or nothing where no known word is near."""
    from difflib import get_close_matches

    near = get_close_matches(word[:80], known, n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""
