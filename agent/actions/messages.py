"""The messages of a stretch of time, by whom or about what they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from deskhand.agent.actions import Context, Output, action
from deskhand.agent.actions.items import distinct
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.wording import day
from deskhand.connectors.model import Item, Label

LOOK_BACK = timedelta(days=60)
_SHOWN = 8


@action("message.list")
def listed(
    context: Context,
    *,
    person: str = "",
    about: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    direction: Literal["in", "out", ""] = "",
    tell: bool = False,
) -> Output:
    """The messages that somebody wrote (`in`), or was written to (`out`), newest first: {messages, count}.

    `tell`: they are listed to the person.
    """
    start = since or context.now - LOOK_BACK
    found = [
        m for m in context.archive.find(kinds=["message"], since=start, until=until) if "draft" not in m.flags
    ]
    found = [m for m in distinct(found) if _fits(context, m, person, about, direction)]
    found.sort(key=lambda m: (m.at, str(m.ref)), reverse=True)
    messages: list[dict[str, Any]] = [
        {
            "ref": str(m.ref),
            "version": m.version,
            "title": m.title,
            "thread": next((r.target for r in m.relations if r.type == "thread"), ""),
            "at": m.at.isoformat(),
        }
        for m in found
    ]
    passages = tuple(
        Passage(text=f"{m.author}: {m.title}, {day(m.at.astimezone(context.owner.tz), now=context.now)}",
                cites=(Citation.of(m),))
        for m in found[:_SHOWN]
    )  # fmt: skip
    whose = f" from {person}" if person else ""
    nothing = Passage(text=f"No mail{whose}{f' about “{about}”' if about else ''} came in that time.")
    brief = Brief(title=f"Mail{whose}", sections=(Section(heading="", passages=passages or (nothing,)),))
    refs = tuple(m["ref"] for m in messages)
    return Output(
        {"messages": messages, "count": len(found)},
        {"": Label("untrusted", refs, ())},
        brief if tell else None,
    )


def _fits(context: Context, message: Item, person: str, about: str, direction: str) -> bool:
    author = message.person("from")
    mine = author is not None and author.address in context.owner.addresses
    if direction and mine is (direction == "in"):
        return False
    people = [author] if direction == "in" else message.people
    if person and not any(
        p is not None and person.casefold() in (p.address, p.name.casefold()) for p in people
    ):
        return False
    words = f"{message.title} {message.text}".casefold()
    return all(w in words for w in about.casefold().split())
