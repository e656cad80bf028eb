"""What a look asks that finds something amiss: what would go wrong, and what to say instead."""

from __future__ import annotations

from deskhand.agent.plans.language import Unclear

_OTHERWISE = "it in other words, or leave it out"


def amiss(what: str, instead: str) -> Unclear:
    """What would be done wrongly, and what to say instead, as the ends of its two sentences."""
    return Unclear(lacking=True, message=f"{what}, so nothing was done. Say {instead}.")


def left_out(words: str, instead: str = _OTHERWISE) -> Unclear:
    """A plan does nothing of these words of the wish."""
    return amiss(f"I would do nothing of “{words}”", instead)
