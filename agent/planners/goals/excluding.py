"""What a wish about many events leaves out: "everything on Friday except the board meeting".

What is left out must never become what is meant. So the words are taken out of the wish as soon as it is
read, and what is not understood of them is a question.
"""

from __future__ import annotations

import re
from dataclasses import replace

from deskhand.agent.planners.words.people import which
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import without_ends, without_words
from deskhand.agent.plans.language import Unclear

_WITHOUT = re.compile(
    r"[\s,;:(–—-]*\b(?:(?:and|but|while|then|just|please)\s+)*(?:except(?:ing)?(?:\s+for)?|excluding|"
    r"(?:apart|aside)\s+from|other\s+than|with\s+the\s+exceptions?\s+of|besides|bar(?=\s+(?:the|my|our|for)\b)|save\s+for|without|"
    r"not(?:\s+counting|\s+including)?|never|(?:but|and|,|;)\s+(?:for|keep|leave|spare)|keeping|leaving|sparing|"
    r"unless|only\s+if|if|but)\b[\s:]*",
    re.I,
)
_ONLY = re.compile(r"(?:[,;(–—]|\b(?:but|and|while))\s*(?:but\s+|and\s+)?(?:only|just)\b(?!\s+if\b)", re.I)
"""What narrows a wish from behind: "but only what can be moved" leaves nothing out by its name."""
_IF = re.compile(r"\b(?:unless|if)\b", re.I)
_DID_NOT = re.compile(r"\b(?:have|has|had|did|does|was|were)(?:n['’]t|\s+not|\s+never)\b", re.I)
"""Behind "that": whether it is so is known of no event, and it is nobody's name."""
_TOLD = re.compile(
    r"[\s,;]*\b(?:and\s+|but\s+)?(?:without\s+(?:telling|informing|notifying|letting|warning)|"
    r"(?:do(?:n['’]t| not)\s+)(?:tell|inform|notify|let|warn))\b.*$",
    re.I,
)
_JOINT = re.compile(r"\s*(?:[,;&/]|\band\b|\bor\b|\bnor\b|\bnot\b)\s*", re.I)
_CONDITION = re.compile(r"\b(?:unless|except(?:ing)?|(?:apart|aside) from|other than)\b", re.I)
_ENDS = words(
    """
    the my our a an any all every of with on in at for from to is are it that those these this one ones
    meeting meetings event events appointment appointments alone as out where untouched please there them
    and or not keep leave except calendar when i am have whatever anything
    """
)


def excepted(
    request: Request, *, until: re.Pattern[str] | None = None
) -> tuple[Request, list[dict[str, str]]] | Unclear:
    """The wish without what it leaves out, and that: [{about}, {about, person}], all to stay as they are.

    :param until: where the words for a new time begin, which end what is left out ("to Monday").
    """
    head = _TOLD.sub("", request.head).rstrip(" ,;")
    request = replace(request, head=head)
    if any(t.negated or t.excludes for t in request.times):
        return _unclear(request.head, "I cannot leave out a day or an hour there")
    if (only := _ONLY.search(head)) is not None and not request.closed(*only.span()):
        return _unclear(head[only.start() :], "I cannot tell which of them that is")
    if (said := _DID_NOT.search(head)) is not None and not request.closed(*said.span()):
        return _unclear(head[said.start() :], "I cannot look whether that is so")
    m = next((m for m in _WITHOUT.finditer(head) if m.start() > 0), None)
    if m is None:
        return request, []
    if _IF.search(m.group()):
        return _unclear(head[m.start() :], "I cannot look whether that is so")
    end = len(head)
    for to in until.finditer(head, m.end()) if until else ():
        if request.times_in(to.end(), len(head)):
            end = to.start()
            break
    inside = [t for t in request.times_in(m.end(), end) if t.kind != "duration"]
    if inside and not request.times_in(0, m.start()) and inside[0].span[1] >= len(head[:end].rstrip(" ,;")):
        end = inside[0].span[0]  # "everything except the dentist on Friday"
    elif inside:
        return _unclear(head[m.start() : end], "I leave out events by their names, not by their time")
    found: list[dict[str, str]] = []
    at = m.end()
    for first, last in [*((j.start(), j.end()) for j in _JOINT.finditer(head, m.end(), end)), (end, end)]:
        one = _one(request, at, first)
        if isinstance(one, Unclear):
            return one
        found += [one] if one else []
        at = last
    if not found:
        return _unclear(head[m.start() : end], "I do not understand what shall stay")
    return replace(request, head=f"{head[: m.start()].rstrip()} {head[end:].lstrip()}".strip()), found


def doubtful(request: Request, end: int) -> Unclear | None:
    """The question about a wish for one event that leaves something out; None where it does not."""
    m = _CONDITION.search(request.head, 0, end)
    if m is None:
        no = next((t for t in request.times_in(0, end) if t.negated), None)
        if no is not None:
            return _unclear(
                request.head[no.span[0] : no.span[1]], "I cannot leave out a day or an hour there"
            )
    if m is None or request.quotes:
        return None
    return _unclear(request.head[m.start() : end], "I am not sure which event is meant")


def _one(request: Request, start: int, end: int) -> dict[str, str] | Unclear | None:
    who = next((n for n in request.named if start <= n.span[0] < end), None)
    if who is not None and not who.clear:
        return which(request, who)
    about = without_ends(without_words(request.head, start, end, [who.span] if who else []), _ENDS)
    about = re.sub(r"^['’]s\s+|\s+['’]s$", "", about).strip(" ,;.")
    about = without_ends(about, _ENDS) if about not in ("'s", "’s") else ""
    one = {"about": about} if about else {}
    return one | ({"person": who.key} if who is not None else {}) or None


def _unclear(text: str, why: str) -> Unclear:
    return Unclear(
        message=f"{why}: “{text.strip(' ,;')}”. So nothing was done. Name the events that shall stay, as in "
        "“everything on Friday except the board meeting”, or take the others one by one."
    )
