"""What those in a meeting are to be told when it is cancelled ("cancel the review and tell them I am ill").

Where the calendar's server writes to them in any case it says that too, and no mail of ours does beside it.

Only what is for everybody in it: the server says it to all, and what is for one of them is a mail to them.
"""

from __future__ import annotations

from collections.abc import Sequence

from deskhand.agent.plans.language import Ref, Step
from deskhand.agent.plans.references import as_ref, needs, references
from deskhand.connectors.model import Trust

_LONGEST = 4_000
"""What `event.cancel` takes as its comment."""


def with_cancel(steps: Sequence[Step]) -> list[Step]:
    """The steps, with such words in the cancelling itself.

    The mail with them stays for what the server does not pass on (`event.people`, `with_cancel`): nothing
    that was said is lost. Where a series ends from a date on nobody can be told anything with it.
    """
    made = [*steps]
    for change in steps:
        if change.op != "event.cancel" or change.for_each or {"following", "comment"} & change.args.keys():
            continue
        event = as_ref(change.args.get("ref"))
        asked = [
            p for p in steps
            if p.op == "event.people" and p.for_each is None and event is not None
            and as_ref(p.args.get("event")) == Ref(ref=event.ref)
        ]  # fmt: skip
        found = [(p, m) for p in asked if (m := _only_mail(p, steps)) is not None]
        if len(found) == 1:
            made = [_changed(s, change, *found[0]) for s in made]
    return made


def _only_mail(people: Step, steps: Sequence[Step]) -> Step | None:
    """The mail with nothing but words of the person's own to those people, where that is all they are for."""
    using = [s for s in steps if people.id in _named(s)]
    if len(using) != 1 or (mail := using[0]).op != "mail.send" or any(mail.id in _named(s) for s in steps):
        return None
    body = mail.args.get("body")
    plain = mail.args.keys() == {"source", "to", "subject", "body"} and not mail.for_each and not mail.when
    subject = mail.args.get("subject")
    plain = plain and isinstance(subject, str) and str(body).startswith(subject.rstrip(" .…"))
    mine = _whose(mail) == "user" and as_ref(mail.args["to"]) == Ref(ref=people.id, path="to")
    return mail if plain and mine and isinstance(body, str) and 0 < len(body) <= _LONGEST else None


def _named(step: Step) -> set[str]:
    return {r.ref for r in references(step.args)} | needs(step) | {*step.after}


def _whose(mail: Step) -> Trust:
    return mail.origins.get("body", "user")


def _changed(step: Step, change: Step, people: Step, mail: Step) -> Step:
    if step.id == change.id:
        return step.model_copy(update={"args": {**step.args, "comment": str(mail.args["body"]).strip()}})
    if step.id == people.id:  # what was not cancelled has told nobody anything
        told = {"args": {**step.args, "with_cancel": True}, "needs": (*step.needs, change.id)}
        return step.model_copy(update=told | {"origins": {**step.origins, "with_cancel": "assistant"}})
    if step.id == mail.id:
        return step.model_copy(update={"when": Ref(ref=people.id, path="to")})
    return step
