"""Goals about several mails at once: list, flag, move them to a folder, put them into the trash."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.planners.steps import no_mail, ref
from deskhand.agent.planners.words.mails_meant import described, meant, tells
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

_MAILS = r"(?:e-?mails?|mails?|messages?|newsletters?|notes?|letters?)"
_SORTS = (
    r"(?:threads?|conversations?|spam|junk|adverts?|advertisements?|ads|notices?|notifications?|alerts?|reminders?|"
    r"promos?|promotions?|receipts?|complaints?|requests?|enquir(?:y|ies)|inquir(?:y|ies)|answers?|replies|reply|"
    r"everything|all|anything)"
)
"""What else mails are called by; those that were put away are mail in any case."""
_ANY_MAIL = re.compile(rf"\b(?:{_MAILS}|{_SORTS})\b", re.I)
_OTHER_KIND = re.compile(
    rf"\b(?:{LEXICON['meeting']}|{LEXICON['calendar']}|schedules?|documents?|docs?|files?|folders?|pdfs?|spreadsheets?|"
    r"invitations?|invites?)\b",
    re.I,
)
_BY_WHOM = re.compile(r"(?:all|everything)?\s*(?:from|by)\s+", re.I)
_LIST = re.compile(r"list\s+(?:me\s+)?(?P<what>.+)$", re.I)
_ATTACHED = re.compile(r"\b(?:attach(?:ed|ments?)|enclos(?:ed|ures?))\b", re.I)
_NONE_ATTACHED = re.compile(
    r"\b(?:without|no|not|never|minus|lack(?:s|ing)?|(?:do|does|did|have|has|had|are|is)(?:n['’]t| not))\b"
    r"[^,;.“\"]*\b(?:attach(?:ed|ments?)|enclos(?:ed|ures?))\b",
    re.I,
)
_FLAG = re.compile(r"(?:flag|star)\s+(?P<what>.+)$", re.I)
_MARK = re.compile(
    r"mark\s+(?P<what>.+?)\s+(?:as\s+)?(?P<how>read|seen|unread|unseen|important|flagged|starred)$", re.I
)
_TRASH = re.compile(
    r"(?:(?:move|put)\s+(?P<moved>.+?)\s+(?:to|in|into)\s+(?:the\s+|my\s+)?(?:trash|bin)|trash\s+(?P<what>.+))$",
    re.I,
)
_MOVE = re.compile(
    r"(?:move|file|put)\s+(?P<what>.+?)\s+(?:to|into|in|under)\s+(?:the\s+|my\s+)?"
    r"(?:(?:mail\s+)?folder\s+[“\"']?(?P<one>[^“”\"']+?)[”\"']?|"
    r"[“\"']?(?P<two>[^“”\"'\s]+)[”\"']?\s+(?:mail\s+)?folder)$",
    re.I,
)
_FLAGS: dict[str, tuple[str, str]] = {
    "read": ("add", "seen"), "seen": ("add", "seen"), "unread": ("remove", "seen"),
    "unseen": ("remove", "seen"), "important": ("add", "flagged"), "flagged": ("add", "flagged"),
    "starred": ("add", "flagged"),
}  # fmt: skip


def listing(request: Request) -> Plan | Unclear | None:
    """ "list the mails from Bo since Monday", "list the attachments of the last mail from Bo"."""
    m = _LIST.match(request.head)
    if m is None:
        return None
    by_whom = _BY_WHOM.match(m["what"]) is not None and bool(request.named)
    if not by_whom and not re.search(rf"\b{_MAILS}\b", m["what"], re.I):
        return None
    find = meant(m["what"], request)
    if isinstance(find, Unclear):
        return find
    if (question := _none_attached(m["what"], request)) is not None:
        return question
    attached = _ATTACHED.search(m["what"]) is not None
    if not tells(find) and not attached:
        return None
    if attached and "newest" not in find:
        find["attachments"] = True
    which = " ".join(filter(None, (described(find), "with attachments" if "attachments" in find else "")))
    return Plan(
        request=request.original,
        objective=f"List the mails {which}.",
        steps=(Step(id="mails", op="message.list", args={**find, "tell": True}, purpose="list the mails"),),
    )


def put_away(request: Request) -> Plan | Unclear | None:
    """ "flag the mails from Bo", "move the mails about the audit to the folder Audit", "trash ..."."""
    head = request.head
    made: tuple[str, str, dict[str, Any], str] | None = None
    if m := _TRASH.match(head):
        made = m["moved"] or m["what"], "mail.trash", {}, "put them into the trash"
    elif m := _MARK.match(head):
        add, flag = _FLAGS[m["how"].lower()]
        made = m["what"], "mail.flag", {add: [flag]}, f"mark them {m['how'].lower()}"
    elif m := _FLAG.match(head):
        made = m["what"], "mail.flag", {"add": ["flagged"]}, "flag them"
    elif m := _MOVE.match(head):
        folder = (m["one"] or m["two"]).strip()
        made = m["what"], "mail.move", {"folder": folder}, f"move them to {folder}"
    if made is None or not _of_mail(made[0], put=made[1] == "mail.move"):
        return None
    what, op, args, purpose = made
    place = request.known.place(op)
    if place is None:
        return no_mail("mail.draft")
    find = meant(what, request)
    if isinstance(find, Unclear):
        return find
    if not tells(find):
        return Unclear(
            message="Which mails? Say whose, what they are about, or since when; nothing was changed.",
            choices=(f"{head.split()[0]} the mails about the audit",) if op == "mail.flag" else (),
        )
    if (question := _none_attached(what, request)) is not None:
        return question
    if _ATTACHED.search(what) and not any(_ATTACHED.search(quote) for quote in request.quotes):
        if "newest" in find:  # the newest that has some, or the newest if it has some
            return Unclear(
                message="The newest of all, or the newest that has attachments? Nothing was changed. Name it "
                "by whom it is from and what it is about."
            )
        find["attachments"] = True
    with_files = " with attachments" if "attachments" in find else ""
    written: dict[str, Any] = {"source": place.alias, "ref": ref("each", "ref"), **args}
    find |= {"source": place.alias} | ({"named": True} if "about" in find else {})
    return Plan(
        request=request.original,
        objective=f"Find the mails {described(find)}{with_files} and {purpose}.",
        steps=(
            Step(
                id="mails", op="message.list", args={**find, "tell": True}, origins={"source": "assistant"},
                purpose="find the mails",
            ),
            Step(
                id="put", op=op, args=written, origins={"source": "assistant"}, purpose=purpose,
                for_each=Ref(ref="mails", path="messages"),
            ),
        ),
    )  # fmt: skip


def _none_attached(what: str, request: Request) -> Unclear | None:
    """The question about mails that have no attachments: those are not told from the others."""
    m = _NONE_ATTACHED.search(what)
    if m is None or any(m.group() in quote for quote in request.quotes):
        return None
    return Unclear(
        message=f"“{m.group()}”: I can pick mails that have attachments, not those that have none; nothing "
        "was done. Say whose they are, what they are about, or since when."
    )


def _of_mail(what: str, *, put: bool) -> bool:
    """Whether words name mails: they say so, or name nothing else where only mails can be meant.

    `put`: also files are moved to folders, so that it has to be said.
    """
    if re.search(rf"\b{_MAILS}\b", what, re.I):
        return True
    return not put and (_ANY_MAIL.search(what) is not None or not _OTHER_KIND.search(what))
