"""Wishes that are understood and cannot be fulfilled: said plainly, with what comes nearest."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy, without_ends
from deskhand.agent.plans.language import Plan, Unclear

_REMIND = re.compile(
    r"(?:(?:remind me|set (?:up )?(?:me )?an? (?:reminder|alarm)|(?:create|make|add)(?: me)? a reminder|"
    r"i need a reminder|"
    r"do(?:n'?t|n’t| not) let me forget)(?: for me)?(?: that| to| about| for)?\b\s*)",
    re.I,
)
_OF_MAIL = re.compile(r"(?:flag|star|trash|mark)\b", re.I)
"""What is done to mails that remind somebody: they are no reminders of ours."""
_NOISE = words(
    """
    to that about of me for at on my list reminder reminders a the
    """
)

_MADE = re.compile(
    r"(?:(?:please|can you|could you)\s+)*(?:(?:set|create|make|add|give|new)\s+)(?:up\s+)?"
    r"(?:me\s+)?(?:an?\s+)?(?:new\s+)?(?:reminder|alarm)\b|"
    r"i\s+(?:want|need|would like)\s+to\s+be\s+reminded\b",
    re.I,
)
"""A reminder is to be made: that is no mail, and no event."""
_LIST = re.compile(r"\b(?:to[\s-]?dos?|tasks?|chores?|lists?)\b", re.I)


def remind(request: Request) -> Plan | Unclear | None:
    """Reminders and to-do lists: the calendar is offered instead."""
    if request.quotes or request.body or _OF_MAIL.match(request.head):
        return None
    choices: tuple[str, ...] = ()
    if m := _REMIND.match(request.head):
        what = (
            without_ends(tidy(request.cut(m.end(), len(request.head))), _NOISE)
            .replace("“", "")
            .replace("”", "")
        )
        when = request.time("instant", "interval")
        if what and when is not None:
            exact = when.text if when.kind == "instant" else f"{when.text} at 10:00"
            choices = (f"add “{what}” to my calendar {exact}",)
    return Unclear(
        # "remind Bo" may be about a mail
        lacking=_LIST.search(request.head) is None and _MADE.match(request.head) is None,
        message="I keep no reminders and no to-do lists. I can put it into your calendar, and run a "
        "request on a schedule:",
        choices=(*choices, "what is on my calendar today", "every weekday at 8:00 send me a digest")[:3],
    )


_ORDERED = re.compile(
    r"(?:book|reserve|order|get|arrange)\s+(?:me\s+|us\s+)?(?:an?|the|\d+|two)\s+(?:table|flight|hotel|taxi|cab|uber|"
    r"(?:train\s+|plane\s+)?tickets?|restaurant)\b(?!\s+(?:tennis|talk|read|review|meeting|call))",
    re.I,
)
"""What is ordered of others, also where it is for a meeting with somebody: "a table for lunch with Bo"."""


def elsewhere(request: Request) -> Plan | Unclear | None:
    """Things of the world outside: no mailbox and no calendar holds them."""
    if request.has("calendar", "diary", "agenda") or request.quotes or request.body:
        return None  # "put the flight in my calendar" is an event like any other
    surely = _ORDERED.match(request.head) is not None
    if request.named and not surely:
        return None
    return Unclear(
        lacking=not surely,
        message="That is not in my hands: I work with your mail, calendars and documents, and nothing "
        "was done.",
        choices=(
            "find a time for 30 minutes this week", "what is on my calendar tomorrow",
            "which mails are waiting for my answer",
        ),
    )  # fmt: skip


def help_(request: Request) -> Plan | Unclear | None:
    """Questions about Deskhand itself."""
    return Unclear(
        message="Say what you wish in your own words, for example:",
        choices=(
            "schedule 45 minutes with Ann next week", "summarize the thread about the budget",
            "what is on my calendar tomorrow",
            "every weekday at 8:00 send me a digest", "draft a mail to Ann about the offer",
        ),
    )  # fmt: skip
