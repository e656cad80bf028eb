"""Which earlier versions of a file are to be told, and in words which of them are gone for good."""

from __future__ import annotations

from collections.abc import Sequence

from deskhand.connectors._cloud_scope import moment
from deskhand.connectors._cloud_texts import Head


def between(heads: Sequence[Head], *, last: str, at: str) -> list[Head]:
    """Those after the one that was told last and before the present one.

    :param heads: oldest first, the present one last. :param last: the name of the one that was told last.
    :param at: when that came to be; "": none was told.
    """
    if not at:
        return list(heads[:-1])
    for n, head in enumerate(heads):
        if head.version == last:
            return list(heads[n + 1 : -1])
    return [h for h in heads[:-1] if moment(h.at) > moment(at)]


def left_out(service: str, heads: Sequence[Head], *, last: str, since: str) -> str:
    """What a list of versions leaves out at its beginning, in a sentence; "" where it is nothing.

    :param since: when the one that was told last came to be, else the file itself.
    """
    if not heads or any(h.version == last for h in heads):
        return ""
    first, then = moment(heads[0].at), moment(since)
    if (first - then).total_seconds() <= 60:
        return ""
    return (
        f"{service} no longer tells which versions there were between {then:%Y-%m-%d} and {first:%Y-%m-%d}."
    )


def gone(service: str, heads: Sequence[Head]) -> str:
    """That what was in these versions is not to be had any more, in a sentence."""
    first, last = moment(heads[0].at), moment(heads[-1].at)
    days = f"of {first:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last.date() != first.date() else "")
    many = "a version" if len(heads) == 1 else f"{len(heads)} versions"
    return f"{service} no longer has what was in {many} {days}, before this one."
