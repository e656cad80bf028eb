"""Pieces that plans of several goals share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.agent.plans.language import Ref, Step, Unclear
from deskhand.agent.profile import Known
from deskhand.connectors.model import Trust


def ref(step: str, path: str = "") -> dict[str, str]:
    """A reference to an earlier step's output, as plain JSON."""
    return Ref(ref=step, path=path).model_dump()


def telling(
    sender: str | None,
    *,
    event: dict[str, str],
    what: str,
    change: str = "change",
    suffix: str = "",
    before: bool = False,
    for_each: Ref | None = None,
) -> tuple[Step, ...]:
    """Telling those invited that an event was moved or cancelled: a calendar file tells nobody by itself.

    :param sender: alias of what can send mail, if anything can; else the person is told whom to tell.
    :param change: id of the step that changed the event.
    :param before: of a series that is cut, about the part before that.
    :param for_each: a list of events, each of which was changed.
    """
    args: dict[str, Any] = {"event": event, "change": ref(change), "what": what}
    args["by_mail"] = sender is not None
    origins: dict[str, Trust] = {"what": "assistant", "by_mail": "assistant"}
    if before:
        args["before"], origins["before"] = True, "assistant"
    notice = Step(
        id=f"notice{suffix}", op="event.notice", args=args, origins=origins, for_each=for_each,
        purpose="who has to be told",
    )  # fmt: skip
    if sender is None:
        return (notice,)
    parts = {n: ref(f"notice{suffix}", n) for n in ("to", "subject", "body", "calendar")}
    tell = Step(
        id=f"tell{suffix}", op="mail.send", args={"source": sender, **parts}, origins={"source": "assistant"},
        when=Ref(ref=f"notice{suffix}", path="to"), for_each=for_each, purpose="tell them",
    )  # fmt: skip
    return notice, tell


def inviting(
    sender: str, people: Sequence[Mapping[str, Any]], whose: Trust, *, room: bool = False
) -> tuple[Step, ...]:
    """Inviting people by mail to what the step "event" booked, and with `room` asking its room for the time.

    :param whose: where the people come from.
    """
    parts = {n: ref("invitation", n) for n in ("subject", "body", "calendar")}
    steps = [
        Step(
            id="invitation", op="event.invitation", args={"event": ref("event")},
            purpose="write the invitation",
        )
    ]  # fmt: skip
    if people:
        steps.append(
            Step(
                id="invite", op="mail.send", args={"source": sender, "to": list(people), **parts},
                origins={"source": "assistant", "to": whose}, purpose="invite them",
            )
        )  # fmt: skip
    return (*steps, *([asking_room(sender)] if room else []))


def asking_room(sender: str, *, for_each: Ref | None = None) -> Step:
    """Asking the room of what was booked for its time, where it can be asked by mail."""
    parts = {n: ref("invitation", n) for n in ("subject", "body", "calendar")}
    return Step(
        id="ask_room", op="mail.send", args={"source": sender, "to": ref("invitation", "rooms"), **parts},
        origins={"source": "assistant"}, when=Ref(ref="invitation", path="rooms"), for_each=for_each,
        purpose="ask for the room",
    )  # fmt: skip


def no_calendar(known: Known | None = None) -> Unclear:
    """Nothing connected can be booked into: none is there, or the one there cannot be read just now."""
    there = [p.alias for p in known.places if "event" in p.holds and not p.owner] if known else []
    if there:
        return Unclear(
            message=f"No connected calendar can be written: {', '.join(there)} cannot be read just now, or "
            "is read-only. `deskhand sources` says which."
        )
    return Unclear(message="No connected calendar can be written. Add one: deskhand add ics ~/calendar.ics")


def no_mail(operation: str, known: Known | None = None) -> Unclear:
    """Nothing connected can send, or keep drafts: none is there, or the one there cannot be read just now."""
    what = "send mail" if operation == "mail.send" else "keep drafts"
    there = [p.alias for p in known.places if "message" in p.holds and not p.operations] if known else []
    either = f": {', '.join(there)} cannot be read just now, or is read-only, as `deskhand sources` says"
    return Unclear(
        message=f"No connected source can {what}{either if there else ''}. Add a mailbox with a sender and a "
        "way to send, for example: "
        "deskhand add maildir ~/Mail --option 'sender=You <you@example.org>' --option outbox=~/Outbox"
    )
