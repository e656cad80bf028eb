"""Outlook's Global Object IDs: UIDs in hexadecimal letters that Exchange writes, and what is wrapped in them.

Sixteen bytes that all share, the day of a single occurrence, when it was made, and data ([MS-OXOCAL]
2.2.1.27); of a meeting that another program made, the data hold its UID ([MS-OXCICAL] 2.1.3.1.1.20.26).
"""

from __future__ import annotations

import re

_BEGINS = "040000008200E00074C5B7101A82E008"
_ID = re.compile(rf"{_BEGINS}([0-9A-F]{{8}})[0-9A-F]{{40,}}")
_HEAD = 40
"""Bytes before the data."""
_FOREIGN = b"vCal-Uid\x01\0\0\0"


def unwrapped(uid: str) -> str:
    """A UID as its own program gave it, where Exchange has wrapped it; any other as it is."""
    if not uid.upper().startswith(_BEGINS):
        return uid
    try:
        data = bytes.fromhex(uid)[_HEAD:]
        if data.startswith(_FOREIGN):
            return data[len(_FOREIGN) :].rstrip(b"\0").decode()
    except ValueError:
        pass
    return uid


def wrapped(uid: str) -> str:
    """A UID as Exchange wraps it."""
    data = _FOREIGN + uid.encode("utf-8", "replace") + b"\0"
    return f"{_BEGINS}{0:040X}{len(data).to_bytes(4, 'little').hex()}{data.hex()}".upper()


def of_meeting(uid: str) -> str:
    """The UID of a whole meeting: unwrapped and, of Outlook's own, without the day of an occurrence."""
    if (found := _ID.fullmatch(uid.upper())) is None:
        return uid
    if (inner := unwrapped(uid)) != uid:
        return inner
    return found[0][: found.start(1)] + "0" * 8 + found[0][found.end(1) :]
