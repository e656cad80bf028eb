"""What sort of place a kind of source is at, and which kind a place is for: said before anything is opened.

A module says it by `PLACE`: "folder", "file" (of this machine), "address" (on the web) or "account" (a mail
address); of one that says nothing every place will do.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from deskhand.connectors.errors import Misconfigured

_WANTS = {
    "folder": "a folder on this machine",
    "file": "a file on this machine",
    "address": "an address on the web (https://...)",
    "account": "the mail address of an account, like noor@example.org",
}
_IS = {
    "folder": "is a folder",
    "file": "is a file",
    "address": "is an address on the web",
    "account": "is the address of an account",
}


def is_account(place: str) -> bool:
    """Whether a place is an account, `noor@example.org`, and no folder."""
    return "/" not in place and "@" in place[1:-1] and not os.path.exists(place)


def sort_of(place: str) -> str:
    """What a place is; "" where nothing of that name is there."""
    if "://" in place:
        return "address"
    if is_account(place):
        return "account"
    there = Path(place).expanduser()
    return "folder" if there.is_dir() else "file" if there.is_file() else ""


def check(kind: str, place: str, *, wants: Iterable[str], holds: Iterable[str], user: str = "") -> None:
    """Look whether a source of this kind can be at a place at all.

    :param wants: the sorts that its kind is at. :param holds: the kinds of items in it.
    :param user: who signs in, where that was said: then an account need not be a mail address.
    :raises Misconfigured: it cannot; names the kind that it is a place for.
    """
    wanted, sort = list(wants), sort_of(place)
    if not wanted or sort in wanted or (not sort and wanted != ["account"]) or (user and "account" in wanted):
        return
    what = " or ".join(_WANTS[w] for w in wanted).replace(" on this machine or", " or")
    if not sort:
        raise Misconfigured(
            f"{kind} wants {what}; {place!r} is none. Say: deskhand add {kind} {shlex.quote(place)}@DOMAIN"
        )
    try_ = _meant(place, sort, set(holds))
    raise Misconfigured(f"{kind} wants {what}, and {place} {_IS[sort]}.{f' Say: {try_}' if try_ else ''}")


def _meant(place: str, sort: str, holds: set[str]) -> str:
    """The command that somebody with this place, who wants things of this kind, may have meant."""
    said = shlex.quote(place)
    what = "message" if "message" in holds else "event" if "event" in holds else "document"
    if sort in ("file", "folder"):
        found = _looks(Path(place).expanduser())
        if sort == "file" and found == "files":
            return f"deskhand add files {shlex.quote(str(Path(place).parent))}"
        return f"deskhand add {found} {said}"
    if sort == "account":
        return {
            "message": f"deskhand add imap {said}",
            "event": f"deskhand add caldav {said}, or, at Google: deskhand add gcalendar {said}",
            "document": f"deskhand add gdrive {said}, where it is at Google",
        }[what]
    if what == "message":
        return f"deskhand add imap YOU@DOMAIN -o host={urlsplit(place).hostname or 'SERVER'}"
    if what == "event":
        return f"deskhand add webcal {said} (or caldav, where it is a server that you sign in to)"
    return ""


def _looks(there: Path) -> str:
    """The kind of source that a file or a folder seems to be."""
    try:
        if there.is_dir():
            inside = [p for p in (there, *sorted(there.iterdir())[:200]) if p.is_dir()]
            if any((p / "cur").is_dir() and (p / "new").is_dir() for p in inside):
                return "maildir"
            return "ics" if any(there.glob("*.ics")) else "files"
        with there.open("rb") as file:
            begins = file.read(200)
    except OSError:
        return "files"
    if begins.startswith(b"From "):
        return "mbox"
    return "ics" if b"BEGIN:VCALENDAR" in begins else "files"
