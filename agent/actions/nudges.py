"""Asking again: a polite word in the thread of the last mail that the owner sent somebody."""

from __future__ import annotations

from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._shapes import Given
from deskhand.agent.actions.mails import quoted
from deskhand.agent.actions.messages import Sought, fitting
from deskhand.agent.endorsers import selected, worked_out
from deskhand.agent.reading.phrasing import plain_name
from deskhand.agent.wording.writes import day
from deskhand.connectors.model import Item, Label

_LOOK = 400
"""Letters of what is asked for that go into the sentence."""


class NudgeGiven(Given):
    """A mail that asks again, with what is worth knowing before it goes out."""

    subject: str
    body: str
    answers: str | None
    """The own mail that it follows; null: there is none."""
    notes: list[str]


@action("mail.nudge", gives=NudgeGiven)
def nudge(
    context: Context, *, person: str, name: str = "", about: str = "", what: str = "", source: str = ""
) -> Output:
    """A mail that says that an answer is awaited: {subject, body, answers, notes}.

    It follows the last mail that the owner sent this person about this, from this source, and quotes it.

    :param person: an address. :param what: what is asked for or reminded of, as it stands in the sentence:
        "for the figures", "of the offer".
    :raises CannotDo: the owner wrote nothing to follow, and `what` is not said either.
    """
    sent = fitting(context, Sought(person=person, about=about, direction="out", source=source))
    last = sent[-1] if sent else None
    if last is None and not what:
        of = f" about “{about}”" if about else ""
        raise CannotDo(
            f"You have not written to {name or person}{of}, so there is nothing to ask again. Say what to "
            "ask for, or put the words behind a colon."
        )
    first = plain_name(name).partition(" ")[0]
    hello = f"Hello {first},\n\n" if first else "Hello,\n\n"
    foreign = Label("untrusted", (str(last.ref),), last.label.readers) if last else None
    mine = worked_out()
    if last is None:
        body, subject = f"{hello}{_asking(what)}\n", what.partition(" ")[2] or what
    else:
        on = day(last.at.astimezone(context.owner.tz), now=context.now)
        lead = f"I am coming back to my mail of {on}. "
        body = f"{hello}{lead}{_asking(what)}\n{quoted(context, last)}"
        subject = last.title if last.title.lower().startswith("re:") else f"Re: {last.title}"
    value: dict[str, Any] = {
        "subject": subject[:1].upper() + subject[1:], "body": body,
        "answers": str(last.ref) if last else None, "notes": _notes(context, person, last),
    }  # fmt: skip
    # The words are ours; what is quoted, and the subject, may go back to somebody else's.
    own = foreign if foreign is not None and last is not None and last.label.trust != "user" else mine
    labels = {"": selected(), "subject": own, "body": own, "notes": mine}
    labels["answers"] = selected((str(last.ref),) if last else ())
    return Output(value, labels)


def _asking(what: str) -> str:
    if what.startswith("of "):
        return f"May I remind you {what[:_LOOK]}?"
    return f"May I ask again {what[:_LOOK]}?" if what else "May I ask you for an answer?"


def _notes(context: Context, person: str, last: Item | None) -> list[str]:
    """When they wrote last: perhaps they have answered by now."""
    wrote = fitting(context, Sought(person=person, direction="in", since=last.at if last else None))
    if not wrote or last is None:
        return []
    local = wrote[-1].at.astimezone(context.owner.tz)
    return [f"{person} has written since, on {day(local, now=context.now)} at {local:%H:%M}."]
