"""The command `deskhand slots`."""

from __future__ import annotations

from typing import Annotated

import typer

from deskhand.agent import show_slots
from deskhand.agent.terminal import Home, Json, Now, do


def slots(
    words: Annotated[
        list[str] | None, typer.Argument(help='When it may be: "next week, not Friday, mornings".')
    ] = None,
    with_: Annotated[
        list[str] | None, typer.Option("--with", metavar="WHO", help="Who must be there: name or address.")
    ] = None,
    optional: Annotated[
        list[str] | None, typer.Option(metavar="WHO", help="Who should be there, if possible.")
    ] = None,
    minutes: Annotated[int, typer.Option(help="How long; 30 where nothing says it.")] = 0,
    longest: Annotated[int, typer.Option(help="Up to so many minutes, where there is room.")] = 0,
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help="Not before this.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="Over by then.")] = "",
    room: Annotated[str, typer.Option(metavar="any|NAME", help="A room is needed too.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 5,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Find times for a meeting in the connected calendars; nothing is booked.

    Who cannot be looked up is "not confirmed", never taken for free.
    """
    given = {
        "people": with_ or [], "optional": optional or [], "minutes": minutes, "longest": longest,
        "start": from_, "end": until, "words": " ".join(words or ()), "room": room, "limit": limit,
    }  # fmt: skip
    do("slots", given, home, as_json, now, show_slots.openings)
