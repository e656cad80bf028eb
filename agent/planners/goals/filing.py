"""Filing what came with mails: "file the attachments of the invoice mails of March under Finance"."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.planners.steps import ref
from deskhand.agent.planners.words.mails_meant import MORE, described, meant, tells
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

_VERB = re.compile(
    r"(?:file(?: away)?|put|save|store|keep|collect|archive|move|copy|download|take|extract|pull|gather|drop|"
    r"place|export|get|fetch)\s+",
    re.I,
)
_LIST = re.compile(
    r"[\s,;]*(?:\band\b|\bthen\b|,|;)\s*(?:then\s+)?(?:(?:give|send|show|tell|let)\s+(?:me|us)|list\s+(?:them|it|"
    r"what|which|all|everything)|make\s+(?:me\s+)?(?:a|the)\s+list|(?:say|report)\s+(?:back|what|which))\b"
    r"(?:(?!\b(?:and|then)\b)[^“”\",;])*$",
    re.I,
)
"""What is done in any case: what was filed is listed."""
_KEEP = re.compile(
    r"[\s,;]*\b(?:and|then)\s+(?:then\s+)?(?:keep|put|save|file|store|move|drop|place)\s+(?:them|it|those|these|"
    r"(?:them )?all|everything)\s+(?:all\s+)?(?=(?:in|under|into|to|inside)\b)",
    re.I,
)
_INTO = re.compile(
    r"\s(?:under|into|inside|in|to|within|below|as)\s+(?:the\s+|my\s+|our\s+|a\s+)?(?:new\s+)?(?:folder\s+|"
    r"directory\s+)?(?:called\s+|named\s+)?(?=\S)",
    re.I,
)
_FOLDER = re.compile(r"\s+(?:folder|directory)$", re.I)
_KINDS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\bpdfs?(?:\s+files?)?\b", re.I), ("pdf",)),
    (
        re.compile(r"\b(?:spread\s?sheets?|excel(?:\s+(?:files?|sheets?))?)\b", re.I),
        ("xlsx", "xls", "ods", "csv"),
    ),
    (re.compile(r"\b(?:word\s+(?:files?|documents?))\b", re.I), ("docx", "doc", "odt")),
    (re.compile(r"\b(?:pictures?|photos?|images?)\b", re.I), ("jpg", "jpeg", "png", "gif", "webp", "heic")),
    (re.compile(r"\b(?:slides|presentations?|power\s?points?)\b", re.I), ("pptx", "ppt", "odp")),
)
_ATTACHED = re.compile(r"\b(?:attach(?:ed|ments?)|enclos(?:ed|ures?))\b", re.I)
_MAILS_WITH = re.compile(
    r"(?:move|put|file|archive)\s+(?:all\s+|every\s+)?(?:the\s+|my\s+)?(?:\w+\s+){0,2}?(?:(?:e-?)?mails?|messages?|newsletters?)\b"
    r"(?!\s+attachments?\b)[^,;]*\b(?:with|having|that\s+have|which\s+have|containing)\s+(?:an?\s+|any\s+)?attachments?\b",
    re.I,
)
"""Mails that are told from others by what came with them: they are put away, and not what came with them."""
_MAILS = re.compile(r"\b(?:e-?mails?|mails?|messages?|sent|wrote)\b", re.I)
_PLAIN = re.compile(r"[^\W_][^\\:*?\"<>|\x00-\x1f]{0,119}")


def file(request: Request) -> Plan | Unclear | None:
    """Each attachment of the mails that are meant becomes a new file in a folder, and is listed."""
    verb = _VERB.match(request.head)
    if verb is None:
        return None
    head = _KEEP.sub(" ", _LIST.sub("", request.head))
    if MORE.search(head):
        return None
    endings = next((e for words, e in _KINDS if words.search(head)), ())
    if _MAILS_WITH.match(head):
        return None
    if not _ATTACHED.search(head) and not (endings and _MAILS.search(head)):
        return None
    said = _target(request, head, verb.end())
    what = head[verb.end() : said[1]] if said else head[verb.end() :]
    place = next((p for p in request.known.places if "file.copy" in p.operations), None)
    if place is None:
        return Unclear(
            message="No connected folder can be written to. Add one: deskhand add files ~/Documents"
        )
    for words, _ in _KINDS:
        what = words.sub(" ", what)
    find = meant(what, request)
    if isinstance(find, Unclear):
        return find
    if not tells(find):
        return Unclear(
            message="The attachments of which mails? Say whose, what they are about, or since when.",
            choices=(f"save the attachments of the last mail from Bo in {said[0] if said else 'Inbox'}",),
        )
    if said is None:
        return Unclear(
            lacking=True,
            message=f"File them where? Name a folder of {place.alias}.",
            choices=tuple(f"{request.head} in {f}" for f in ("Inbox", "Finance")),
        )
    folder = said[0]
    if not _PLAIN.fullmatch(folder) or ".." in folder.split("/") or "" in folder.split("/"):
        return Unclear(message=f"“{folder}” is no folder that I can write to; name one inside {place.alias}.")
    return Plan(
        request=request.original,
        objective=f"File what is attached to the mails {described(find)} under {folder} in {place.alias}.",
        steps=steps(find, place.alias, folder, endings),
    )


def steps(find: dict[str, Any], source: str, folder: str, endings: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Find the mails, name the files, write each, and tell what became of it."""
    where = {"folder": folder, "source": source}
    # The last mail is the last mail: where nothing came with it, that is said, and no earlier one is taken.
    only = {"named": True} | ({} if "newest" in find else {"attachments": True})
    named = {"messages": ref("mails", "messages"), **where} | ({"endings": list(endings)} if endings else {})
    copied = {
        "source": source, "folder": folder, "called": ref("each", "called"),
        "content": {"ref": ref("each", "ref"), "version": ref("each", "version")},
    }  # fmt: skip
    told = {"files": ref("files", "files"), "notes": ref("files", "notes"), **where}
    return (
        Step(
            id="mails", op="message.list", args={**find, **only},
            purpose="find the mails",
        ),
        Step(
            id="files", op="attachments.place", args=named, origins={"source": "assistant"},
            purpose="name the files",
        ),
        Step(
            id="copy", op="file.copy", args=copied, origins={"source": "assistant"},
            for_each=Ref(ref="files", path="files"), at_most=100, purpose=f"file them under {folder}",
        ),
        Step(
            id="list", op="attachments.filed", args=told, origins={"source": "assistant"}, after=("copy",),
            purpose="list what was filed",
        ),
    )  # fmt: skip


def _target(request: Request, head: str, begin: int) -> tuple[str, int] | None:
    """The folder that is named last, and where its words begin. "In March" is a time and no folder."""
    found = []
    for m in _INTO.finditer(head, begin):
        rest = head[m.end() :].strip(" .,;")
        quoted = re.match(r"[“\"'«]([^“”\"'«»]+)[”\"'»]$", rest)
        name = quoted[1] if quoted else _FOLDER.sub("", rest)
        part = Request.of(head[m.start() :], request.known)
        timed = any(t.span[0] <= m.end() - m.start() for t in part.times)
        if not name or (timed and not quoted) or (len(name.split()) > 4 and not quoted):
            continue
        if not quoted and re.search(r"\b(?:mails?|e-?mails?|messages?|attach\w*)\b", name, re.I):
            continue
        found.append((tidy(name) or name, m.start()))
    return found[-1] if found else None
