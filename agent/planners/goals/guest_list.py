"""Goals that change an event without its time: who is invited to it, and what it is called."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from deskhand.agent.planners.goals.changing import described, event_meant, notice, template
from deskhand.agent.planners.goals.several import TELL
from deskhand.agent.planners.steps import no_calendar, ref, telling
from deskhand.agent.planners.when.scope import scope
from deskhand.agent.planners.words.people import Listed, listed, mailboxes, names, origin
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

_ADD = re.compile(r"(?:add|invite|include|bring|get|have|loop|put|take)\s+(?:in\s+)?", re.I)
_REMOVE = re.compile(r"(?:remove|drop|take|uninvite|disinvite|un-invite|exclude|kick|delete)\s+", re.I)
_SWAP = re.compile(r"(?:replace|swap|exchange)\s+", re.I)
_FOR = re.compile(r"\s+(?:with|for|by)\s+", re.I)
_LIST = (
    r"(?:the\s+)?(?:invite|invitation|guest list|guests?|attendees?|participants?|invitees)(?:\s+list)?\s+"
    r"(?:for|of|to|from|on)\s+"
)
_TO = re.compile(
    r"\s*(?:(?:too|as well|also)\s+)?(?:(?:as\s+)?(?:an?\s+)?(?:attendee|guest|participant|invitee)s?\s+)?"
    rf"(?:(?:to|into|in on|in|on|from|off|out of|of|for|at)\s+(?:{_LIST})?|join\s+)",
    re.I,
)
_CALENDAR = re.compile(
    r"(?:my|the|our|your)\s+(?:calendar|diary|agenda|schedule|planner|list|contacts|thread|mail)\b", re.I
)
_MAIL = re.compile(r"\b(?:e-?mails?|messages?|threads?|books)\b", re.I)
_NEW = re.compile(r"(?:an?|some|two|three|another|lunch|dinner|coffee|breakfast|drinks)\b", re.I)
_RENAME = re.compile(
    r"(?:rename|retitle|re-title|(?:change|set|update|edit)\s+(?:the\s+)?(?:title|name|subject)\s+of|"
    r"give\s+(?=.*\b(?:title|name)\b)|(?:call|title|name)\s+(?=.*[“\"]))\s*",
    re.I,
)
_TITLE = re.compile(
    r"[\s,]*(?:(?:\b(?:to(?:\s+be)?|into|as)\b|:(?=\s)|"
    r"\b(?:a|the|another)\s+(?:new\s+)?(?:title|name|subject)\b(?:\s*[:,]|\s+of\b)?)\s*)+"
    r"(?:\b(?:called|named|titled)\s+)?",
    re.I,
)
_QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"](?=(?:\s+instead)?[\s.!?]*$)")
_NO_EVENT = re.compile(
    r"\b(?:file|folder|document|doc|label|group|source|schedule|digest|spreadsheet|mailbox)\b", re.I
)
_NAMED = re.compile(r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?")
_LONGEST = 120


def change_guests(request: Request) -> Plan | Unclear | None:
    """ "add Bo to the review on Thursday", "take Ann off the demo", "replace Ann with Bo in the sync"."""
    asked = replace(request, head=TELL.sub("", request.head).rstrip(" ,;") or request.head)
    head = asked.head
    if m := _SWAP.match(head):
        out = listed(asked, m.end())
        joint = _FOR.match(head, out.span[1])
        if not out.people or joint is None:
            return None
        come = listed(asked, joint.end())
        end = come.span[1]
    elif (m := _REMOVE.match(head)) and (out := listed(asked, m.end())).people and _leaves(head, out.span[1]):
        come, end = Listed((), (0, 0)), out.span[1]
    elif (m := _ADD.match(head)) and ((come := listed(asked, m.end())).people or _name(head, come)):
        out, end = Listed((), (0, 0)), come.span[1]
    else:
        return None
    to = _TO.match(head, end)
    if come.unknown:
        to = _TO.match(head, come.unknown[1]) or to
    if to is None or _CALENDAR.match(head, to.end()) or (not out.people and _NEW.match(head, to.end())):
        return None
    if _MAIL.search(head, to.end()) and not asked.quotes:
        return None  # "loop Yuki in on Bo's last mail"
    added, removed = mailboxes(asked, [come]), mailboxes(asked, [out])
    if isinstance(added, Unclear):
        return added
    if isinstance(removed, Unclear):
        return removed
    if not added and not removed:
        return None
    if request.known.place("event.update") is None:
        return no_calendar(request.known)
    found = event_named(asked, to.end(), head[: to.end()])
    if isinstance(found, Unclear):
        return found
    if found.get("following"):
        return Unclear(message="I change who is invited to one event, or to a whole series. Say which.")
    mail = request.known.place("mail.send")
    sender = mail.alias if mail else None
    change: dict[str, Any] = {n: ref("event", n) for n in ("source", "ref", "version", "occurrence")}
    asked_for = {"add": added} if added else {}
    asked_for |= {"remove": removed} if removed else {}
    steps = [
        Step(id="event", op="event.find", args=found, purpose="find the event"),
        Step(
            id="guests", op="event.guests", args={"event": ref("event"), **asked_for},
            origins={n: origin(asked, people) for n, people in asked_for.items()}, purpose="see who is in it",
        ),
        Step(
            id="change", op="event.update", args=change | {"attendees": ref("guests", "attendees")},
            notes=Ref(ref="guests", path="notes"), purpose="change who is invited",
        ),
    ]  # fmt: skip
    if added and sender is not None:
        parts = {n: ref("invitation", n) for n in ("subject", "body", "calendar")}
        steps += [
            Step(
                id="invitation", op="event.invitation",
                args={
                    "event": ref("change"), "occurrence": ref("event", "occurrence"),
                    "people": ref("guests", "added"),
                },
                purpose="write the invitation",
            ),
            Step(
                id="invite", op="mail.send", args={"source": sender, "to": ref("guests", "added"), **parts},
                origins={"source": "assistant"}, when=Ref(ref="invitation", path="to"), purpose="invite them",
            ),
        ]  # fmt: skip
    if removed:
        told = telling(sender, event=ref("event"), what="uninvited")
        steps.append(told[0].model_copy(update={"args": told[0].args | {"people": ref("guests", "removed")}}))
        steps += told[1:]
    said = [f"invite {names(added)} to it"] if added else []
    said += [f"take {names(removed)} out of it"] if removed else []
    return Plan(
        request=request.original, steps=tuple(steps),
        objective=f"Find the event {described(found)}, {' and '.join(said)}, and tell those concerned.",
    )  # fmt: skip


def rename(request: Request) -> Plan | Unclear | None:
    """ "rename the budget review on Thursday to “Budget call”"."""
    said = f"{request.head}{request.tail}".strip()
    asked = replace(request, head=TELL.sub("", said).rstrip(" ,;") or said, tail="", body="")
    head = asked.head
    verb = _RENAME.match(head)
    if verb is None:
        return None
    if _NO_EVENT.search(head, verb.end()) and not request.quotes:
        return None
    place = request.known.place("event.update")
    if place is None:
        return no_calendar(request.known)
    cut = _new_title(asked, verb.end())
    if isinstance(cut, Unclear):
        return cut
    title, end = cut
    title = " ".join(title.split()).strip(" .!?,;“”\"'")
    if not title or len(title) > _LONGEST:
        return Unclear(message=f"A title has one to {_LONGEST} characters; nothing was changed.")
    quiet = title.replace("“", "").replace("”", "")
    found = event_named(replace(asked, head=head[:end]), verb.end(), "rename", behind=f"to “{quiet}”")
    if isinstance(found, Unclear):
        return found
    change: dict[str, Any] = {
        n: ref("event", n) for n in ("source", "ref", "version", "occurrence", "following")
    }
    return Plan(
        request=request.original,
        objective=f"Rename the event {described(found)} to “{title}”, and tell those invited.",
        steps=(
            Step(id="event", op="event.find", args=found, purpose="find the event"),
            Step(
                id="change", op="event.update", args=change | {"title": title},
                purpose=f"rename it in {place.alias}",
            ),
            *notice(request, "renamed"),
        ),
    )  # fmt: skip


def _new_title(asked: Request, begin: int) -> tuple[str, int] | Unclear:
    """The new title, and where the words for the event end."""
    head = asked.head
    joints = [m for m in _TITLE.finditer(head, begin) if m.start() > begin and not asked.closed(*m.span())]
    if (quoted := _QUOTED.search(head, begin + 1)) is not None:
        return quoted[1], next((m.start() for m in joints if m.end() == quoted.start()), quoted.start())
    if len(joints) == 1 and head[joints[0].end() :].strip(" .!?"):
        return head[joints[0].end() :], joints[0].start()
    choices = [f"{head[: m.end()]}“{rest}”" for m in joints if (rest := head[m.end() :].strip(' .!?“”"'))]
    asks = "Where does the new title begin? Put it in quotation marks" if choices else "Rename it to what"
    return Unclear(message=f"{asks}; nothing was changed.", choices=tuple(choices[:3]))


def _name(head: str, come: Listed) -> bool:
    """Whether somebody is named whom nobody knows: "add Priya to the demo"."""
    return come.unknown is not None and _NAMED.fullmatch(head[slice(*come.unknown)]) is not None


def _leaves(head: str, end: int) -> bool:
    """Whether somebody is taken out of something ("take Bo off"), and not brought to it."""
    return re.match(r"\s*(?:as\s+\w+\s+)?(?:from|off|out of|of)\b", head[end:], re.I) is not None


def event_named(asked: Request, begin: int, lead: str, *, behind: str = "") -> dict[str, Any] | Unclear:
    """The arguments of `event.find` for the event that is named from a place in the wish on.

    :param lead: how the wish begins; `behind`: how it ends. Both are said again where several are meant.
    """
    words = f"cancel {asked.head[begin:].strip(' ,;.')}"
    named, which = scope(Request.of(words, asked.known), moving=True)
    find = event_meant(named, len(named.head))
    if isinstance(find, Unclear):
        return find
    goes_on = which.get("following")
    find = {n: v for n, v in find.items() if n != "series"} if goes_on else find
    find |= {"series": True} if which.get("series") or find.get("series") else which
    find["about"] = tidy(find.get("about", ""))
    return find | {"template": template(lead.strip(), find, behind)}
