"""Goals about mail: draft, send, reply, forward, and the digest."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.model import Plan, Ref, Step, Unclear
from deskhand.agent.planners.people import recipients
from deskhand.agent.planners.reading_goals import ref
from deskhand.agent.planners.request import Request, tidy

_DRAFT = re.compile(r"\b(?:draft|prepare|compose|write)\b", re.I)
_SEND = re.compile(r"\bsend\b", re.I)
_LAST = re.compile(r"\b(?:last|latest|newest|most recent)\b", re.I)


def write(request: Request) -> Plan | Unclear | None:
    """ "draft a mail to Ann about the offer: ...", "mail Bo: ...", "tell Ann that ..."."""
    if re.match(r"(?:tell|remind) me\b", request.text, re.I) or re.match(
        r"ask (?:me|what|who|when)\b", request.text, re.I
    ):
        return None
    to = recipients(request)
    if isinstance(to, Unclear):
        return to
    if not to:
        if re.search(r"\b(?:mail|e-?mail|message|note|letter)\b", request.lower):
            return Unclear(
                message="To whom? Name somebody you have corresponded with, or write an address.",
                choices=("draft a mail to ann@example.org about the offer: ...",),
            )
        return None
    drafting = bool(_DRAFT.match(request.text))
    op = "mail.draft" if drafting else "mail.send"
    place = request.known.place(op)
    if place is None:
        return _no_mail(op)
    told = re.match(
        r"(?:tell|let|ask|remind|inform|notify)\b.+?\b(that|know|if|whether|to|about)\b\s+(.+)$",
        request.text,
        re.I,
    )
    body = request.body or (told.group(2) if told else "")
    subject = (
        request.quotes[0]
        if request.quotes and body != request.quotes[0]
        else request.after("about", "regarding", "subject")
    )
    subject = subject or tidy(body)[:60] or "Hello"
    if not body and not drafting:
        return Unclear(
            message=f"What shall I write to {to[0]['name'] or to[0]['address']}? Put it after a colon.",
            choices=(
                f"{request.text}: ...",
                f"draft{request.text[4:] if request.text[:4].lower() == 'send' else ' a mail to ' + str(to[0]['address'])}: ...",
            ),
        )
    args: dict[str, Any] = {
        "source": place.alias,
        "to": to,
        "subject": _sentence(subject),
        "body": _paragraph(body),
    }
    who = ", ".join(str(t["name"] or t["address"]) for t in to)
    return Plan(
        request=request.original,
        objective=f"{'Draft' if drafting else 'Send'} a mail to {who}.",
        steps=(Step(id="mail", op=op, args=args, origins={"source": "assistant"}, purpose="write the mail"),),
    )


def reply(request: Request) -> Plan | Unclear | None:
    """ "reply to the last mail from Bo: thanks", "draft a reply to the thread about the budget: ..."."""
    drafting = bool(_DRAFT.match(request.text)) or not request.body
    op = "mail.draft" if drafting else "mail.send"
    place = request.known.place(op)
    if place is None:
        return _no_mail(op)
    find = _message(
        request, r"(?:reply|respond|answer|write back|get back|response)(?: to)?(?: all)?(?: to)?"
    )
    if isinstance(find, Unclear):
        return find
    everybody = bool(
        re.search(r"\b(?:reply|respond|answer)(?: to)? (?:all|everyone|everybody)\b", request.lower)
    )
    return _answering(
        request,
        op,
        place.alias,
        find,
        "mail.compose_reply",
        {"body": _paragraph(request.body), "everybody": everybody},
    )


def forward(request: Request) -> Plan | Unclear | None:
    """ "forward the last mail from Bo to Ann: please have a look"."""
    op = "mail.send"
    place = request.known.place(op)
    if place is None:
        return _no_mail(op)
    m = re.search(r"\b(?:on |along )?to\b(?!.*\bto\b)", request.head, re.I)
    to = recipients(request, after=m.end() if m else 0)
    if isinstance(to, Unclear):
        return to
    if not to:
        return Unclear(message="Forward it to whom?", choices=(f"{request.head} to ann@example.org",))
    find = _message(request, r"(?:forward|pass|send)", until=m.start() if m else None)
    if isinstance(find, Unclear):
        return find
    return _answering(
        request, op, place.alias, find, "mail.compose_forward", {"to": to, "body": _paragraph(request.body)}
    )


def digest(request: Request) -> Plan | Unclear | None:
    """ "send me a digest": composed, then mailed to oneself where mail can be sent, else kept as a file."""
    wants_mail = bool(re.search(r"\b(?:send|mail|e-?mail|deliver)\b", request.lower))
    place = request.known.place("mail.send") if wants_mail else None
    return digest_plan(
        request.original, place.alias if place else "",
        address=request.known.owner.email, name=request.known.owner.name,
    )  # fmt: skip


def digest_plan(
    request: str, mail_source: str = "", *, address: str = "", name: str = "", file_source: str = "",
    path: str = "", form: str = "text", series: str = "digest", everything: bool = False,
) -> Plan:  # fmt: skip
    """The plan of a digest: composed, delivered, and only then noted as told."""
    compose = Step(
        id="digest", op="digest.compose", args={"series": series, "everything": everything, "form": form},
        purpose="compose the digest",
    )  # fmt: skip
    steps = [compose]
    if mail_source:
        to = [{"address": address, "name": name}]
        args: dict[str, Any] = {
            "source": mail_source,
            "to": to,
            "subject": ref("digest", "title"),
            "body": ref("digest", "text"),
        }
        steps.append(
            Step(
                id="send",
                op="mail.send",
                args=args,
                origins={"source": "assistant"},
                purpose="mail it to you",
            )
        )
    elif file_source:
        args = {"source": file_source, "path": path, "text": ref("digest", "text")}
        steps.append(
            Step(
                id="send",
                op="file.create",
                args=args,
                origins={"source": "assistant", "path": "assistant"},
                purpose="write it down",
            )
        )
    needs = ("send",) if len(steps) > 1 else ()
    told = Step(
        id="told",
        op="digest.told",
        args={"series": series, "keys": ref("digest", "keys")},
        needs=needs,
        purpose="remember what was told",
    )
    return Plan(request=request, objective="Compose your digest.", steps=(*steps, told))


def _answering(
    request: Request, op: str, source: str, find: dict[str, Any], compose: str, args: dict[str, Any]
) -> Plan:
    parts = {n: ref("text", n) for n in ("to", "cc", "subject", "body", "answers", "attachments")}
    verb = {"mail.draft": "Draft", "mail.send": "Send"}[op]
    what = "a reply" if compose.endswith("reply") else "it on"
    return Plan(
        request=request.original,
        objective=f"{verb} {what}: the message {find.get('about') and 'about “' + find['about'] + '”' or 'from ' + str(find.get('person', 'your mail'))}.",
        steps=(
            Step(id="found", op="item.find", args=find, purpose="find the message"),
            Step(id="text", op=compose, args={"message": ref("found"), **args}, purpose="put it together"),
            Step(
                id="mail",
                op=op,
                args={"source": source, **parts},
                origins={"source": "assistant"},
                purpose=f"{verb.lower()} it",
            ),
        ),
    )


def _message(request: Request, verb: str, *, until: int | None = None) -> dict[str, Any] | Unclear:
    head = request.head[:until] if until is not None else request.head
    start = re.search(rf"^.*?\b{verb}\b", head, re.I)
    inside = request.cut(start.end() if start else 0, len(head))
    find: dict[str, Any] = {"kinds": ["message"], "received": True}
    where = start.end() if start else 0
    who = next((n for n in request.named if where <= n.span[0] < len(head)), None)
    if who is not None:
        find["person"] = who.address or who.words
        inside = re.sub(rf"(?:\b(?:from|by|of)\s+)?{re.escape(who.words)}(?:'s|’s)?", " ", inside)
    inside = _LAST.sub(" ", inside)
    inside = re.sub(
        r"\b(?:threads?|conversations?|e-?mails?|mails?|messages?|reply|question|one|him|her|them|it|all|everyone)\b",
        " ",
        inside,
        flags=re.I,
    )
    find["about"] = request.quotes[0] if request.quotes else tidy(inside)
    time = request.time("interval")
    if time and time.start and time.start < request.known.now:
        find["since"] = time.start.isoformat()
    if not find["about"] and "person" not in find:
        return Unclear(
            message="Which message? Say whose, or what it is about.",
            choices=("reply to the last mail from Bo: ...", "reply to the mail about the budget: ..."),
        )
    return find


def _no_mail(op: str) -> Unclear:
    what = "send mail" if op == "mail.send" else "keep drafts"
    return Unclear(
        message=f"No connected source can {what}. Add a mailbox with a sender and a way to send, for example: "
        "deskhand add maildir ~/Mail --option 'sender=You <you@example.org>' --option outbox=~/Outbox"
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _paragraph(text: str) -> str:
    return f"{_sentence(text)}\n" if text else ""


__all__ = ["Ref", "digest", "digest_plan", "forward", "reply", "write"]
