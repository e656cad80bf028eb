"""How each goal is said plainly: what the second reader writes out, and the grammar reads.

A form holds `{slot}`s; what stands in `[...]` is left out where its slot is empty. The first form of a goal
whose other slots are all filled is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Slots = Mapping[str, Sequence[str]]
"""What fills each slot: one text, or several that stand in different places of a wish."""

_LIMITS = (
    "[, not {not}][, only {only}][, ideally {ideally}][, after {after}][, before {before}]"
    "[ after {following}][ before {ahead}][ {anchor}][, {optional} optional]"
)
_BOOKED = "[ about {topic}][ with {who}][ {often}][ {when}]"

FORMS: Mapping[str, Sequence[str]] = {
    "summarise": (
        "summarise {item}[ from {who}][ about {topic}][ {when}]",
        "summarise the last mail from {who}[ about {topic}][ {when}]",
        "summarise the thread about {topic}[ {when}]",
    ),
    "changes": ("what changed in {item}[ {when}]",),
    "changed": ("which documents changed[ {when}]",),
    "book": (
        "book “{what} about {topic}”[ with {who}][ {often}][ {when}][ for {length}][ at {place}]" + _LIMITS,
        f"book {{what}}{_BOOKED}[ for {{length}}][ at {{place}}]{_LIMITS}",
        f"book {{length}}{_BOOKED}[ at {{place}}]{_LIMITS}",
        f"book a meeting{_BOOKED}[ at {{place}}]{_LIMITS}",
    ),
    "each": (
        "book {length} with each of {who}[ about {topic}][ {when}]" + _LIMITS,
        "book a meeting with each of {who}[ about {topic}][ {when}]" + _LIMITS,
    ),
    "free": (
        "find a time for {length}[ with {who}][ about {topic}][ {often}][ {when}]" + _LIMITS,
        "find a time for {what}[ with {who}][ {often}][ {when}]" + _LIMITS,
        "find a time with {who}[ about {topic}][ {often}][ {when}]" + _LIMITS,
    ),
    "free_own": ("when am I free[ for {length}][ {when}]" + _LIMITS,),
    "who_free": ("is {who} free[ {when}]",),
    "me_free": ("am I free[ {when}]", "do I have time for {length}[ {when}]"),
    "room": ("make room for {length}[ with {who}][ {when}]", "make room for {what}[ with {who}][ {when}]"),
    "hold": ("hold {length}[ for {topic}][ with {who}][ {when}]" + _LIMITS, "hold {when}[ for {topic}]"),
    "offer": ("offer {who} {count} times[ {when}][ for {length}]" + _LIMITS,
              "offer {who} three times[ {when}][ for {length}]" + _LIMITS),
    "move": ("move {event} to {to}", "move {event} {by} later", "move {event} to {to}" + _LIMITS),
    "move_earlier": ("move {event} {by} earlier",),
    "anew": ("find a new time for {event}[ {when}]" + _LIMITS,),
    "resize": ("make {event} {length}[ {when}]",),
    "longer": ("extend {event} by {by}[ {when}]",),
    "shorter": ("shorten {event} by {by}[ {when}]",),
    "cancel": ("cancel {event}[ {when}]",),
    "skip": ("skip {event}[ {when}]",),
    "end_series": ("end {event} after {when}",),
    "cancel_all": ("cancel everything[ with {who}] {when}[ except {except}]",),
    "decline_all": ("decline everything {when}[ except {except}]",),
    "move_all": (
        "move everything {when}[ except {except}] to {to}",
        "move everything {when}[ except {except}] by {by}",
    ),
    "overlapping": ("decline what overlaps {event}",),
    "overlapping_offer": ("decline what overlaps {event} and offer each organiser the next gap I have",),
    "add_guest": ("add {who} to {event}",),
    "remove_guest": ("remove {who} from {event}",),
    "swap_guest": ("replace {who} with {other} in {event}",),
    "rename": ("rename {event} to “{name}”",),
    "accept": ("accept {event}[ {when}]", "accept the invitation from {who}"),
    "decline": ("decline {event}[ {when}]", "decline the invitation from {who}"),
    "tentative": ("tentatively accept {event}[ {when}]", "tentatively accept the invitation from {who}"),
    "another": (
        "propose another time for {event}: {to}", "propose another time for {who}'s invitation: {to}",
    ),
    "agenda": ("what is on my calendar[ {when}]",),
    "when_event": ("when is {event}[ {when}]",),
    "waiting_mine": ("which mails[ from {who}] are waiting for my answer[ {when}]",),
    "waiting_theirs": ("which answers am I waiting for from {who}", "who owes me an answer"),
    "tell": ("mail {who} about {subject}: {text}", "tell {who} that {text}"),
    "ask": ("ask {who} to {text}",),
    "thank": ("thank {who} for {text}", "thank {who}"),
    "nudge": ("ask {who} again about {topic}", "ask {who} again"),
    "tell_people": ("tell everybody in {event} that {text}",),
    "ask_people": ("ask everybody in {event} to {text}",),
    "draft": (
        "draft a mail to {who}[, cc {cc},] about {subject}[: {text}]",
        "draft a mail to {who}[, cc {cc}]: {text}",
    ),
    "reply": ("reply to {item}[: {text}]", "reply to {who}'s last mail[: {text}]"),
    "reply_draft": ("draft a reply to {item}[: {text}]", "draft a reply to {who}'s last mail[: {text}]"),
    "forward": ("forward {item} to {who}[: {text}]",),
    "askers": ("send the newest version of {item} to everybody who asked for it[ {when}]",),
    "filed": ("file the attachments of {item} under {folder}", "file the attachments {when} under {folder}"),
    "mails_list": ("list {item}",),
    "mails_trash": ("trash {item}",),
    "mails_flag": ("flag {item}",),
    "mails_read": ("mark {item} as read",),
    "digest": ("give me a digest",),
    "digest_mail": ("mail me a digest",),
    "digest_file": ("save the digest as {format}", "save the digest as a file"),
    "schedule_add": ("{often} {wish}",),
    "schedule_list": ("list my schedules",),
    "schedule_pause": ("pause {name}",),
    "schedule_resume": ("resume {name}",),
    "schedule_remove": ("delete the schedule {name}",),
    "several": ("{part}",),
    "conditional": (
        "if {if}, {then}, otherwise {else}", "if {if}, {then}",
        "unless {unless}, {then}, otherwise {else}", "unless {unless}, {then}",
    ),
    "question": (),
    "none": (),
}  # fmt: skip
"""`question`: looked up in documents and mail as it was said; `none`: no wish that Deskhand can carry out."""

_ENTRIES = {
    "summarise": "summarise",
    "changes": "changes",
    "changed": "changes",
    "book": "book hold room",
    "each": "book.each",
    "free": "free book.each room",
    "free_own": "free who.free",
    "who_free": "who.free",
    "me_free": "who.free free",
    "room": "room",
    "hold": "hold book room",
    "offer": "offer",
    "move": "move several move.anew",
    "move_earlier": "move several",
    "anew": "move.anew move",
    "resize": "resize",
    "longer": "resize",
    "shorter": "resize",
    "cancel": "cancel several overlapping end skip",
    "skip": "skip",
    "end_series": "end",
    "cancel_all": "several",
    "decline_all": "several",
    "move_all": "several",
    "overlapping": "overlapping",
    "overlapping_offer": "overlapping",
    "rename": "event.rename",
    "add_guest": "event.guests",
    "remove_guest": "event.guests",
    "swap_guest": "event.guests",
    "accept": "answer.invitation",
    "decline": "answer.invitation several overlapping",
    "tentative": "answer.invitation",
    "another": "answer.another",
    "agenda": "agenda",
    "when_event": "agenda",
    "waiting_mine": "waiting",
    "waiting_theirs": "waiting",
    "tell": "mail",
    "ask": "mail",
    "thank": "mail",
    "nudge": "mail.nudge",
    "tell_people": "mail.people",
    "ask_people": "mail.people",
    "draft": "mail",
    "reply": "reply",
    "reply_draft": "reply",
    "forward": "forward",
    "askers": "mail.askers",
    "filed": "attachments.file",
    "mails_list": "mails.list",
    "mails_trash": "mails.put",
    "mails_flag": "mails.put",
    "mails_read": "mails.put",
    "digest": "digest",
    "digest_mail": "digest",
    "digest_file": "digest",
    "schedule_add": "schedule.add",
    "schedule_list": "schedule.list",
    "schedule_pause": "schedule.manage",
    "schedule_resume": "schedule.manage",
    "schedule_remove": "schedule.manage",
    "question": "question",
}
GOALS_OF: Mapping[str, Sequence[str]] = {goal: tuple(of.split()) for goal, of in _ENTRIES.items()}
"""The entry of `goals.GOALS` that each belongs to, and others that may read its plain words."""

SEVERAL = frozenset({"several", "conditional"})
"""Wishes of several parts, each of which is read for itself."""
PEOPLE = frozenset({"who", "other", "optional"})
"""Slots that hold people."""

SLOTS_OF: Mapping[str, frozenset[str]] = {
    goal: frozenset(s for form in forms for s in re.findall(r"{(\w+)}", form)) | {"apart"}
    for goal, forms in FORMS.items()
}
"""The slots that a goal has."""
SLOTS = frozenset[str]().union(*SLOTS_OF.values())
_JOINED = {
    "who": " and ",
    "other": " and ",
    "optional": " and ",
    "not": " or ",
    "except": " and ",
    "part": " and then ",
    "then": " and then ",
    "else": " and then ",
}
_ONCE = frozenset({"length", "count", "to", "format", "folder"})
"""Said twice, one of them is not what it seems."""
_NAMED = frozenset({"item", "event", "what", "topic"})
_SHORT = 3
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"{(\w+)}")
_TITLE = re.compile(r"(?<=“)\w")
_ROOM = re.compile(r" at ((?:an?y?|some)(?: [\w-]+)? room\b)", re.I)
_THE_ROOM = re.compile(r" at ((?:the )?(?:[A-Z][\w-]* )?[Rr]oom\b)")
_ASKED_WHAT = re.compile(
    r"^(ask .+?) to (?=(?:if|whether|when|where|what|which|who|why|how|for|about)\b)", re.I | re.S
)
_ASKED_FOR = re.compile(r"^(ask .+?) to (?=(?:the|an?|some|any|more|his|her|their|our|my)\b)", re.I | re.S)
_APART = ", no two on the same day"


def plainly(goal: str, slots: Slots) -> str | None:
    """The wish in plain words; None where no form of the goal has a place for each filled slot."""
    given = {name for name, texts in slots.items() if texts}
    if any(len(slots[name]) > 1 for name in given & _ONCE) or any(_twice(slots[n]) for n in given & _NAMED):
        return None
    for form in FORMS[goal]:
        named = set(_SLOT.findall(form))
        needed = set(_SLOT.findall(_OPTIONAL.sub("", form)))
        if needed <= given <= named | {"apart"}:
            kept = _OPTIONAL.sub(lambda m: m[1] if set(_SLOT.findall(m[1])) <= given else "", form)
            said = _SLOT.sub(lambda m: _joined(m[1], slots[m[1]]), kept)
            said = _ASKED_FOR.sub(r"\1 for ", said)
            said = _ASKED_WHAT.sub(r"\1 ", _TITLE.sub(lambda m: m[0].upper(), said))
            said = _ROOM.sub(r" with \1", _THE_ROOM.sub(r" in \1", said))
            return said + (_APART if "apart" in given else "")
    return None


def _twice(texts: Sequence[str]) -> bool:
    """Whether two of the texts of a slot share a word: they are one thing that was named twice."""
    seen = [{w for w in re.findall(r"\w+", t.lower()) if len(w) > _SHORT} for t in texts]
    return any(a & b for n, a in enumerate(seen) for b in seen[n + 1 :])


def _joined(name: str, texts: Sequence[str]) -> str:
    return _JOINED.get(name, " ").join(t.strip(" ,;") for t in texts)
