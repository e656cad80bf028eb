"""How mail goes out: how long it is held after a yes, so that it can still be taken back."""

from __future__ import annotations

import re
from datetime import timedelta

from pydantic import field_validator

from deskhand.config.people import Section

LONGEST = timedelta(hours=1)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def read_length(text: str) -> timedelta:
    """`"30s"`, `"2m"`, `"1h"`. A number alone is none: who writes 5 and means minutes must not have five
    seconds to take a mail back. :raises ValueError: it is none, or longer than an hour."""
    match = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)\s*([smh]?)", text.strip())
    if match is None:
        raise ValueError(f"{text[:80]!r} is no length of time; write it like '30s' or '2m'")
    if not match[2]:
        meant = "'0s', which switches it off" if not float(match[1]) else f"'{match[1]}s' or '{match[1]}m'"
        raise ValueError(f"{text.strip()!r} says no unit; write {meant}")
    length = timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
    if length > LONGEST:
        raise ValueError("at most an hour")
    return length


class Sending(Section):
    """What happens between the yes to a mail and its going out."""

    hold: str = "30s"
    """So long it is held, and `deskhand undo` takes it back; "0s" switches it off."""

    @property
    def held(self) -> timedelta:
        """The same as a length of time; zero: nothing is held."""
        return read_length(self.hold)

    @field_validator("hold", mode="before")
    @classmethod
    def _hold_read(cls, hold: object) -> str:
        text = str(hold) if isinstance(hold, int | float) and not isinstance(hold, bool) else hold
        if not isinstance(text, str):
            raise ValueError("write it like '30s' or '2m'")
        read_length(text)
        return text
