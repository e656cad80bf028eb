"""From which of several mailboxes a mail about a meeting goes: the one of the account that the meeting is in.

The organizer's program takes an answer only from the address that was invited (RFC 5546 3.2.3), and that of
a guest takes a change only from the organizer. Which meeting it is, is known when the plan is carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from deskhand.agent.planners.steps import ref
from deskhand.agent.planners.words.cancel_words import with_cancel
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.plans.references import as_ref
from deskhand.agent.profile import Place
from deskhand.connectors import tells

COMPOSE = frozenset({"event.invitation", "event.notice", "invitation.reply"})
"""Actions that write such a mail, and say in `source` which mailbox it goes from."""


_Made = TypeVar("_Made", bound=Plan | Unclear)


def by_account(made: _Made, places: Sequence[Place]) -> _Made:
    """The plan, with the mailbox left to the step that writes the mail where there are several accounts.

    Where the server of a calendar tells those in an event by itself, that step says too whether a mail goes.
    """
    senders = {p.account for p in places if "mail.send" in p.operations}
    written = [tells(p.kind) for p in places if p.operations & {"event.create", "event.respond"}]
    if isinstance(made, Unclear) or (len(senders) < 2 and not any(written)):
        return made
    composed = {s.id for s in made.steps if s.op in COMPOSE}
    steps = [_from(s, composed) for s in made.steps] if len(senders) > 1 else [*made.steps]
    if any(written):
        asked = {s.id for s in made.steps if s.op in ("event.invitation", "invitation.reply")}
        guarded = [_if_not_told(s, asked, always=all(written)) for s in steps]
        mails = {new.id for old, new in zip(steps, guarded, strict=True) if new is not old}
        steps = _without_notes([_all_the_same(s, mails) for s in guarded], places)
    if all(written):
        steps = with_cancel(steps)
    return made.model_copy(update={"steps": tuple(steps)})


def _if_not_told(step: Step, asked: set[str], *, always: bool) -> Step:
    """The mail, where nobody else tells. `always`: in place of whatever else it depends on."""
    written = as_ref(step.args.get("calendar"))
    if step.op != "mail.send" or written is None or written.ref not in asked:
        return step
    guarded = isinstance(step.when, Ref) and step.when.ref == written.ref
    if guarded or (step.when is not None and not always):
        return step
    return step.model_copy(update={"when": Ref(ref=written.ref, path="by_mail")})


def _without_notes(steps: Sequence[Step], places: Sequence[Place]) -> list[Step]:
    """The steps but those that note an answer where the server has noted it by itself."""
    own = {p.alias for p in places if tells(p.kind) and "event.answered" not in p.operations}
    out = {s.id for s in steps if s.op == "event.answered" and s.args.get("source") in own}
    return [_as_read(s, out) for s in steps if s.id not in out]


def _as_read(step: Step, out: set[str]) -> Step:
    """What goes on from such a note goes on from the event as the answer found it."""
    args = {n: ref("reply", "answer.version") if _of(v, out) else v for n, v in step.args.items()}
    needs = tuple(n for n in step.needs if n not in out)
    changed = args != step.args or needs != step.needs
    return step.model_copy(update={"args": args, "needs": needs}) if changed else step


def _of(value: object, ids: set[str]) -> bool:
    said = as_ref(value)
    return said is not None and said.ref in ids


def _all_the_same(step: Step, mails: set[str]) -> Step:
    """What needs a mail that may not be written: done after it, or without it."""
    if not mails & {*step.needs}:
        return step
    needs = tuple(n for n in step.needs if n not in mails)
    return step.model_copy(update={"needs": needs, "after": (*step.after, *sorted(mails & {*step.needs}))})


def _from(step: Step, composed: set[str]) -> Step:
    written = as_ref(step.args.get("calendar"))
    if step.op != "mail.send" or written is None or written.ref not in composed:
        return step
    origins = {n: whose for n, whose in step.origins.items() if n != "source"}
    args = {**step.args, "source": ref(written.ref, "source")}
    return step.model_copy(update={"args": args, "origins": origins})
