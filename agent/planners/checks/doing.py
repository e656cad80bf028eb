"""What the plans of each goal of the second reader do: by that a plan is known as one of a goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.plans.language import Plan

_OPERATIONS = {
    "summarise": "item.summarise",
    "changes": "document.changes",
    "changed": "document.changed",
    "book": "event.create slots.find",
    "each": "slots.together event.create",
    "free": "slots.find slots.together calendar.free",
    "free_own": "slots.find calendar.free",
    "who_free": "calendar.free slots.find",
    "me_free": "calendar.free slots.find",
    "room": "slots.find",
    "hold": "event.create",
    "offer": "offer.compose",
    "move": "event.update",
    "move_earlier": "event.update",
    "anew": "event.update",
    "resize": "event.update",
    "longer": "event.update",
    "shorter": "event.update",
    "cancel": "event.cancel",
    "skip": "event.cancel event.respond mail.send",
    "end_series": "event.update event.cancel",
    "cancel_all": "event.cancel event.respond",
    "decline_all": "event.respond",
    "move_all": "event.update",
    "overlapping": "event.respond",
    "overlapping_offer": "event.respond",
    "add_guest": "event.update",
    "remove_guest": "event.update",
    "swap_guest": "event.update",
    "rename": "event.update",
    "accept": "event.respond",
    "decline": "event.respond event.cancel",
    "tentative": "event.respond",
    "another": "invitation.reply",
    "agenda": "calendar.agenda event.find",
    "when_event": "calendar.agenda event.find",
    "waiting_mine": "threads.waiting",
    "waiting_theirs": "threads.waiting",
    "tell": "mail.send",
    "ask": "mail.send",
    "thank": "mail.send",
    "nudge": "mail.nudge mail.send",
    "tell_people": "mail.send",
    "ask_people": "mail.send",
    "draft": "mail.draft",
    "reply": "mail.compose_reply",
    "reply_draft": "mail.compose_reply",
    "forward": "mail.compose_forward",
    "askers": "document.askers",
    "filed": "file.copy attachments.place",
    "mails_list": "message.list",
    "mails_trash": "mail.trash",
    "mails_flag": "mail.flag",
    "mails_read": "mail.flag",
    "digest": "digest.compose",
    "digest_mail": "digest.compose",
    "digest_file": "digest.compose",
    "schedule_add": "schedule.add",
    "schedule_list": "schedule.list",
    "schedule_pause": "schedule.pause",
    "schedule_resume": "schedule.resume",
    "schedule_remove": "schedule.remove",
    "question": "question.answer",
}
DOES: Mapping[str, frozenset[str]] = {goal: frozenset(ops.split()) for goal, ops in _OPERATIONS.items()}
"""Of each goal operations one of which its plans have."""
_LEAST = 0.15
"""A reading that is less likely says nothing of a plan's words."""


def does(made: Plan, goal: str) -> bool:
    """Whether a plan does what this goal is."""
    return any(step.op in DOES.get(goal, ()) for step in made.steps)


def reading_of(made: Plan, heard: Sequence[Likely]) -> Likely | None:
    """The likeliest reading of a wish that is of the same goal as a plan for it; None where none is."""
    return next((one for one in heard if one.share >= _LEAST and does(made, one.goal)), None)


_MAIL = frozenset({"mail.send", "mail.draft", "mail.nudge"})
"""One is much like another: to whom something goes is said with each."""


def does_otherwise(made: Plan, goal: str) -> bool:
    """Whether a plan does nothing of what a goal is, nor what is much like it."""
    wanted = DOES.get(goal, frozenset())
    alike = (
        wanted | _MAIL if wanted & _MAIL or any(op.startswith("mail.compose") for op in wanted) else wanted
    )
    return bool(wanted) and not any(step.op in alike for step in made.steps)
