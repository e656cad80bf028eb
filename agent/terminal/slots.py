"""The command `deskhand slots`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deskhand.agent.terminal.screen import CODES, Home, Json, Now, reach_desk, show_answer, told, write_file


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
    grid: Annotated[bool, typer.Option("--grid", help="Show who is free when, each in local time.")] = False,
    svg: Annotated[str, typer.Option(metavar="FILE", help="Draw that into a file.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 5,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Find times for a meeting in the connected calendars.

    Nothing is booked.

    Who cannot be looked up is "not confirmed", never taken for free.
    """
    from deskhand.agent.terminal import show_slots

    given = {
        "people": with_ or [], "optional": optional or [], "minutes": minutes, "longest": longest,
        "start": from_, "end": until, "words": " ".join(words or ()), "room": room, "limit": limit,
        "grid": grid, "svg": bool(svg),
    }  # fmt: skip
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        answer = desk.call("slots", given)
        if svg:
            write_file(Path(svg), answer["svg"])
        show_answer(screen, answer, show_slots.openings)
        if svg and not screen.json:
            screen.line(f"Wrote the picture to {svg}.")
        raise typer.Exit(CODES[answer["status"]])
