"""Goals that read: summarise a thread or document, what changed, answer a question."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.model import Plan, Ref, Step, Unclear
from deskhand.agent.planners.request import Request, tidy

_MAIL = re.compile(
    r"\b(?:threads?|conversations?|discussions?|e-?mails?|mails?|messages?|exchange|correspondence)\b", re.I
)
_FILE = re.compile(
    r"\b(?:documents?|docs?|files?|papers?|pdf|spreadsheet|slides|presentation|minutes|notes|handbook|contract|proposal|report|memo|page)\b",
    re.I,
)
_ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|re|around|called|named|titled|with the subject|of|in)\b[: ]+", re.I
)
_LEADS = re.compile(
    r"^(?:(?:summari[sz]e|sum up|recap|tl;?dr|condense|boil down)\b[: ]*|"
    r"(?:give me |show me |i need |write )?(?:a |an |the )?(?:short |quick |brief )?(?:summary|gist|recap|overview|digest)\b[: ]*(?:of |about |on )?|"
    r"what(?:'s|’s| is| was) (?:the state of|in|said in|being said (?:in|about)?)\s*|"
    r"catch me up on\s+|bring me up to (?:speed|date) on\s+|where do we stand (?:on|with)\s+)",
    re.I,
)  # fmt: skip


def summarise(request: Request) -> Plan | Unclear | None:
    """ "summarize the thread about the harbour budget", "sum up the proposal"."""
    subject = _LEADS.sub("", request.head)
    kinds = _kinds(subject)
    about = _subject(request, subject)
    people = [n for n in request.named if not n.address]
    if not about and not request.named and not request.time("interval", "instant"):
        return Unclear(
            message="Summarize what? Name the thread or document.",
            choices=("summarize the thread about the budget", "summarize the proposal"),
        )
    find: dict[str, Any] = {"about": about, "kinds": kinds} | _window(request, past=True)
    if request.named and (not about or re.search(r"\b(?:from|by|with)\b", subject, re.I)):
        who = request.named[0]
        find["person"] = who.address or who.words
        for name in people:
            find["about"] = tidy(
                re.sub(rf"\b(?:from|by|with)?\s*{re.escape(name.words)}\b", " ", find["about"])
            )
    return Plan(
        request=request.original,
        objective=f"Summarise {_named(kinds)} about “{find['about'] or find.get('person', '')}”.",
        steps=(
            Step(id="found", op="item.find", args=find, purpose="find it"),
            Step(id="summary", op="item.summarise", args={"item": ref("found")}, purpose="summarise it"),
        ),
    )


def changes(request: Request) -> Plan | Unclear | None:
    """ "what changed in the proposal since last Monday", "compare the price list between ... and ..."."""
    about = request.after("in", "to", "of", "with") or request.after("compare", "changed", "diff")
    about = re.sub(r"^(?:has |have )?(?:been )?changed?\b(?: in| to)?", "", about, flags=re.I)
    about = re.sub(r"\b(?:chang\w+|differ\w*|documents?|files?|versions?)\b", " ", about, flags=re.I)
    about = tidy(about)
    window = _window(request, past=True)
    if not about:
        return Plan(
            request=request.original,
            objective="List the documents that changed.",
            steps=(Step(id="changed", op="document.changed", args=window, purpose="what changed"),),
        )
    return Plan(
        request=request.original,
        objective=f"Compare the versions of “{about}”.",
        steps=(
            Step(id="found", op="item.find", args={"about": about, "kinds": ["document"]}, purpose="find it"),
            Step(
                id="changes", op="document.changes", args={"item": ref("found"), **window}, purpose="compare"
            ),
        ),
    )


def question(request: Request) -> Plan | Unclear | None:
    """Anything asked that the archive may answer."""
    args: dict[str, Any] = {"question": request.original}
    return Plan(
        request=request.original,
        objective="Look for the answer in your documents, mail and calendar.",
        steps=(Step(id="answer", op="question.answer", args=args, purpose="answer with citations"),),
    )


def ref(step: str, path: str = "") -> dict[str, str]:
    """A reference to an earlier step's output, as plain JSON."""
    return Ref(ref=step, path=path).model_dump()


def _kinds(text: str) -> list[str]:
    if _MAIL.search(text):
        return ["message"]
    return ["document", "attachment"] if _FILE.search(text) else []


def _named(kinds: list[str]) -> str:
    return {"message": "the thread", "document": "the document"}.get(
        kinds[0] if kinds else "", "the thread or document"
    )


def _subject(request: Request, text: str) -> str:
    if request.quotes:
        return request.quotes[0]
    start = request.head.find(text)
    clear = request.cut(start, start + len(text)) if start >= 0 else text
    clear = re.sub(
        r"^(?:the |my |this |that |last |latest |newest |whole |long |entire )*", "", clear, flags=re.I
    )
    thing = _MAIL.match(clear)
    if thing and (about := _ABOUT.match(clear, thing.end() + 1)):
        return tidy(clear[about.end() :])
    if thing:
        return tidy(clear[thing.end() :])
    return tidy(
        re.sub(
            r"\s+(?:thread|conversation|discussion|e-?mails?|mails?|document|file|doc)s?$",
            "",
            tidy(clear),
            flags=re.I,
        )
    )


def _window(request: Request, *, past: bool) -> dict[str, Any]:
    """`since` and `until` out of the first time that was said."""
    args: dict[str, Any] = {}
    time = request.time("interval", "instant")
    if time is None:
        return args
    since, until = time.start, time.end
    if time.kind == "instant":
        until = None
    if past and since is not None and since > request.known.now:
        return args
    # "since last Monday" is open; "between Monday and Wednesday" and "last week" are not.
    if since is not None:
        args["since"] = since.isoformat()
    if until is not None and until < request.known.now and not re.search(r"\bsince\b", request.head, re.I):
        args["until"] = until.isoformat()
    return args
