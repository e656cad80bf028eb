"""By what an item shows that Deskhand wrote it: the keys of the effects that it carries.

A mark proves nothing, for anybody can write one. It only says what the ledger has to be asked.
"""

from __future__ import annotations

import re

from deskhand.connectors._ical_text import EFFECT, KEPT_EFFECTS
from deskhand.connectors.model import Item

KEPT = KEPT_EFFECTS
"""So many effects of ours a component of an event carries; older ones it does not tell of."""

_MESSAGE_ID = re.compile(r"<deskhand\.([A-Za-z0-9_-]{1,80})@[^<>@]+>", re.I)
_EFFECT = re.compile(rf"^{EFFECT}(?:;[^:\r\n]*)?:([^\r\n]*)", re.M | re.I)
_FOLD = re.compile(r"\r?\n[ \t]")


def marks(item: Item) -> tuple[str, ...]:
    """The keys of the effects that an item says it was written by, each once; () where it says nothing.

    A message has one in its Message-ID, an event as many as its components carry (`KEPT` in each).
    """
    if item.ref.kind == "message":
        found = _MESSAGE_ID.fullmatch(str(item.data.get("message_id", "")))
        return (found[1],) if found else ()
    if item.ref.kind == "event":
        ics = str(item.data.get("ics", ""))
        if EFFECT in ics.upper():
            keys = (m[1].strip() for m in _EFFECT.finditer(_FOLD.sub("", ics)))
            return tuple(dict.fromkeys(keys))
    return ()
