"""How sources look in a terminal: how they stand, and what a sync did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from deskhand.agent.sources.standing import asked_again
from deskhand.agent.terminal.output import Screen, count, short
from deskhand.agent.terminal.show import run
from deskhand.agent.terminal.show_leaving import size

Answer = Mapping[str, Any]

_SHOWN = 20
"""Things that could not be read are shown, of each source."""


def sources(screen: Screen, answer: Answer) -> None:
    """The sources and how they stand."""
    if not answer["sources"]:
        screen.line("No source is connected yet. For example: deskhand add maildir ~/Mail")
    for s in answer["sources"]:
        screen.line(f"{s['source']}  ({', '.join(filter(None, (s['kind'], s['place'])))})", "bold")
        screen.line(f"  {_how_far(screen, s)}")
        if not s["connected"]:
            screen.line("  disconnected, and its data is kept: found, and not read anew", "yellow")
            screen.line(f"  connect it again: {s['again']}", "dim")
            screen.line(f"  erase it: deskhand remove {s['source']}", "dim")
            continue
        can = ", ".join(s["operations"]) or (
            "nothing (read-only)" if s["opens"] else "nothing while it cannot be opened"
        )
        screen.line(f"  can do: {can}", "dim")
        if s["away"]:
            screen.line(f"  {s['away']}", "yellow")
        if s["clock"]:
            screen.line(f"  {s['clock']}", "yellow")
        _trouble(screen, s)
        for quota in s["quota"]:
            of = f" of {quota['limit']:,}" if quota["limit"] is not None else ""
            screen.line(f"  used: {quota['used']:,}{of} {short(quota['of'], 80)}", "dim")
        if s["failures"]:
            screen.line(f"  could not be read: {len(s['failures'])}", "yellow")
            _failures(screen, s["failures"], len(s["failures"]) if "versions" in s else _SHOWN)
        if "versions" in s:
            _whole(screen, s)


def _how_far(screen: Screen, s: Answer) -> str:
    if s["synced"]:
        return f"{count(s['items'], 'item')}, synced {screen.time(s['synced'])}"
    if not s["items"]:
        return "0 items, never synced"
    on = f"; goes on there with: deskhand sync {s['source']}" if s["connected"] else ""
    return f"{count(s['items'], 'item')} so far, not read to its end yet{on}"


def synced(screen: Screen, answer: Answer) -> None:
    """What a sync did."""
    if not answer["sources"]:
        screen.line("No source is connected yet. For example: deskhand add maildir ~/Mail")
    for s in answer["sources"]:
        parts = [f"{s[k]} {k}" for k in ("added", "changed", "moved", "removed") if s[k]]
        if s["failed"]:
            parts.append(f"{s['failed']} could not be read")
        elif s["failures"]:  # an earlier pass said so, and it is so still
            parts.append(f"nothing new; {len(s['failures'])} still cannot be read")
        if s["error"]:
            screen.line(f"{s['source']}: {s['error']}", "red")
        if s["next_try"]:
            asked = "It was not asked now; next" if s["rests"] else "Next"
            when = _again(screen, s)
            screen.line(f"  {asked} try {when}, or now: deskhand sync {s['source']}", "dim")
        if parts or not s["error"]:
            screen.line(f"{s['source']}: {', '.join(parts) or 'nothing new'}")
        _failures(screen, s["failures"], _SHOWN)
    if answer["embedded"]:
        screen.line(f"Indexed {count(answer['embedded'], 'passage')}.", "dim")
    if answer["pending"]:
        screen.line(
            f"{count(answer['pending'], 'passage')} still to be understood; found by words until then."
        )
    for followed in answer["followed"]:
        run(screen, followed)


def _again(screen: Screen, s: Answer) -> str:
    """When it is asked again, to the same minute as answers say it."""
    return screen.time(asked_again(datetime.fromisoformat(s["next_try"])).isoformat())


def _trouble(screen: Screen, s: Answer) -> None:
    """What broke off the last pass, how often in a row, how far it came, and when it is tried again."""
    if not s["error"]:
        return
    times = f" ({s['failed']} times in a row)" if s["failed"] > 1 else ""
    screen.line(f"  problem{times}: {s['error']}", "red")
    if s["reached"]:
        done, of = s["reached"]["done"], s["reached"]["expected"]
        left = f" of {of:,}; {max(of - done, 0):,} to go" if of else ""
        screen.line(f"  it got to {done:,}{left}, and goes on there", "yellow")
    if s["rests"]:
        when = _again(screen, s)
        screen.line(f"  left alone until {when}; ask it now with: deskhand sync {s['source']}", "yellow")
    else:
        screen.line("  tried again with the next command that reads", "dim")


def _whole(screen: Screen, s: Answer) -> None:
    """What else is known of one source."""
    older = s["versions"] - s["items"]
    extra = [f"{count(s['attachments'], 'attachment')} among them"] if s["attachments"] else []
    extra += [f"{count(older, 'version')} of them and of what is gone beside"] if older > 0 else []
    if extra:
        screen.line(f"  {', '.join(extra)}", "dim")
    if s["bytes"]:
        screen.line(f"  {size(s['bytes'])} of files kept for it", "dim")
    if s["tried"] and s["tried"] != s["synced"]:
        screen.line(f"  last asked {screen.time(s['tried'])}", "dim")
    for name, value in s["options"].items():
        screen.line(f"  {name} = {value}", "dim")


def _failures(screen: Screen, failures: Sequence[Answer], most: int) -> None:
    for f in failures[:most]:
        screen.line(f"    {short(f['ref'], 1_000)}: {short(f['reason'], 500)}")
    if len(failures) > most:
        screen.line(f"    and {len(failures) - most} more (deskhand sources ALIAS shows all)")
