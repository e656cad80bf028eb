"""The digest, and who waits for an answer."""

from __future__ import annotations

import re
from typing import Any, Literal

from deskhand.agent.planners.steps import ref
from deskhand.agent.planners.words.people import which
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear

Form = Literal["text", "markdown", "html"]

_MAILED = re.compile(
    r"\b(?:send|deliver)\b|(?<!\bin )(?<!\bin my )(?<!\bin the )(?<!\bmy )\b(?:e-?mail|mail)\b", re.I
)
"""It is to come by mail; "what did I miss in my mail" says where to look."""
_FORMS: tuple[tuple[re.Pattern[str], Form, str], ...] = (
    (re.compile(r"\bmarkdown\b|\bmd\b", re.I), "markdown", "md"),
    (re.compile(r"\bhtml\b|\bweb page\b", re.I), "html", "html"),
    (re.compile(r"\bfile\b|\bfolder\b|\bdisk\b", re.I), "text", "txt"),
)
_EVERYTHING = re.compile(r"\b(?:full|complete|whole|everything|all)\b", re.I)
_THEIRS = re.compile(
    r"\b(?:i (?:am )?(?:still )?wait|am i (?:still )?wait|waiting (?:on|for) <|owes? me|"
    r"not (?:yet )?(?:answered|replied|responded)(?: to)? me|has not|"
    r"have not (?:got|had|heard)|whom? do i wait)"
)


def digest(request: Request) -> Plan | Unclear | None:
    """ "send me a digest" mails it to oneself, "digest now" tells it, and "to a file" keeps it."""
    known, series = request.known, "digest"
    everything = _EVERYTHING.search(request.head) is not None
    kept = next(((form, suffix) for words, form, suffix in _FORMS if words.search(request.head)), None)
    if kept is not None:
        place = [p for p in known.places if "file.create" in p.operations][-1:]
        if place:
            form, suffix = kept
            local = known.now.astimezone(known.owner.tz)
            path = f"{series}-{local:%Y-%m-%dT%H%M%S}.{suffix}"
            return digest_plan(
                request.original, file_source=place[0].alias, path=path, form=form, series=series,
                everything=everything,
            )  # fmt: skip
    mail = known.place("mail.send") if _MAILED.search(request.head) and known.owner.email else None
    return digest_plan(
        request.original, mail.alias if mail else "", address=known.owner.email, name=known.owner.name,
        everything=everything,
    )  # fmt: skip


def waiting(request: Request) -> Plan | Unclear | None:
    """ "which mails are waiting for my answer", "who owes me a reply"."""
    args: dict[str, Any] = {"theirs": _THEIRS.search(request.said) is not None}
    if named := next(iter(request.named), None):
        if not named.clear:
            return which(request, named)
        args["person"] = named.key
    whose = "others have not answered" if args["theirs"] else "wait for your answer"
    return Plan(
        request=request.original,
        objective=f"List the threads that {whose}.",
        steps=(Step(id="waiting", op="threads.waiting", args=args, purpose="who waits for an answer"),),
    )


def digest_plan(
    request: str, mail_source: str = "", *, address: str = "", name: str = "", file_source: str = "",
    path: str = "", form: str = "text", series: str = "digest", everything: bool = False,
) -> Plan:  # fmt: skip
    """The plan of a digest: composed, delivered, and only then noted as told."""
    args: dict[str, Any] = {"series": series, "everything": everything, "form": form}
    steps = [Step(id="digest", op="digest.compose", args=args, purpose="compose the digest")]
    if mail_source:
        sent = {
            "source": mail_source, "to": [{"address": address, "name": name}],
            "subject": ref("digest", "title"), "body": ref("digest", "text"),
        }  # fmt: skip
        steps.append(
            Step(
                id="send", op="mail.send", args=sent, origins={"source": "assistant"},
                purpose="mail it to you",
            )
        )  # fmt: skip
    elif file_source:
        kept = {"source": file_source, "path": path, "text": ref("digest", "text")}
        origins = {"source": "assistant", "path": "assistant"}
        steps.append(Step(id="send", op="file.create", args=kept, origins=origins, purpose="write it down"))  # type: ignore[arg-type]
    told = Step(
        id="told", op="digest.told", args={"series": series, "keys": ref("digest", "keys")},
        needs=("send",) if len(steps) > 1 else (), purpose="remember what was told",
    )  # fmt: skip
    return Plan(request=request, objective="Compose your digest.", steps=(*steps, told))
