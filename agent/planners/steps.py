"""Pieces that plans of several goals share."""

from __future__ import annotations

from deskhand.agent.model import Ref, Unclear


def ref(step: str, path: str = "") -> dict[str, str]:
    """A reference to an earlier step's output, as plain JSON."""
    return Ref(ref=step, path=path).model_dump()


def no_calendar() -> Unclear:
    """Nothing connected can be booked into."""
    return Unclear(message="No connected calendar can be written. Add one: deskhand add ics ~/calendar.ics")


def no_mail(operation: str) -> Unclear:
    """Nothing connected can send, or keep drafts."""
    what = "send mail" if operation == "mail.send" else "keep drafts"
    return Unclear(
        message=f"No connected source can {what}. Add a mailbox with a sender and a way to send, for "
        f"example: "
        "deskhand add maildir ~/Mail --option 'sender=You <you@example.org>' --option outbox=~/Outbox"
    )
