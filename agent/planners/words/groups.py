"""Groups of people that the settings name: "each of my three direct reports", "the leads", "my team but Bo".

They are written out as addresses in the wish before anything else is read of it, so that every goal sees just
the people; the request itself keeps its words. A word that may be no group ("the board meeting") stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deskhand.agent.planners.words.phrases import COUNTS, words
from deskhand.agent.plans.language import Plan, Unclear

if TYPE_CHECKING:
    from deskhand.agent.planners.words.directory import Directory
    from deskhand.agent.profile import Known

Span = tuple[int, int]

_NUMBERS = {w: n for w, n in COUNTS.items() if n > 1}
_OF = r"\s+(?:of|in|on|from)\s+"
_EVERY = r"all|everyone|everybody|every\s+(?:single\s+)?(?:one|member|person)|(?:the\s+)?(?:people|members)"
_SOME = (
    r"(?:not\s+|only\s+|just\s+)?\b(?:one|two|three|four|some|any|a\s+few|few|half|most|several|none|neither|"
    r"nobody|no\s+one|somebody|someone)"
)
_FRONT = (
    rf"(?:(?P<each>each(?:\s+and\s+every)?(?:\s+(?:one|member|person))?){_OF}|(?P<every>(?:each|every)\s+)|"
    rf"(?P<all>{_EVERY})(?:{_OF}|\s+)|(?P<any>anyone|anybody|any\s+one){_OF}|(?P<some>\b{_SOME}{_OF}))?"
    r"(?P<article>(?:(?:the|my|our|both|all|of)\s+)*)(?:whole\s+|entire\s+)?"
    rf"(?:(?P<count>\d{{1,2}}|{'|'.join(_NUMBERS)})\s+)?(?:of\s+)?"
)
_PLACE = re.compile(
    r"(?:^|[,;&+(]|\b(?:with|invite|inviting|to|mail|e-?mail|tell|ask|notify|inform|let|message|remind|thank|warn|"
    r"cc|and|or|plus|between|meet|see|is|are|was|were|will|does|do|did|has|have|had|can|could|should|would|when|"
    r"offer|give|send|by|from|add|remove|drop|uninvite|include|of|whether|if|ping|text|both))\s*$",
    re.I,
)
"""Where people are named."""
_FOR = re.compile(r"\bfor\s*$", re.I)
_OWN = re.compile(r"\b(?:my|our)\b", re.I)
_FINDS = re.compile(r"(?:find|look|when|what|which|is|are|suggest|search)\b", re.I)
_BOOKS = re.compile(r"(?:book|schedule|arrange|set up|plan|organi[sz]e|make)\b", re.I)
_TO_BOOK = re.compile(r"(?:book|grab|get)", re.I)
_FOR_LONG = re.compile(
    r"\s+for\s+(?:an?|half|one|two|three|four|\d|ten|fifteen|twenty|thirty|forty|ninety)\b", re.I
)
"""People are booked for a while: "book the leads for two hours"."""
_MARKS = frozenset(",;:.!?()&+")
_BEHIND = words(
    """
    about on at for that this next to in from regarding re concerning by after before during until till when
    where if whether saying with know into of over via as so because and or is are be it the a an my our
    today tomorrow tonight please around between not no only then again sometime anytime online remotely
    which what who how i we you have has had can could should will would all both free available busy there
    another one each every ideally preferably once twice i'm we're i'll we'll plus but asap two
    three four five several
    monday tuesday wednesday thursday friday saturday sunday separately individually meet be within some
    """
)
_ARTICLE = re.compile(r"^(?:the|my|our)\s+", re.I)
_NEXT = re.compile(r"\s*([\w’'-]+|[^\w\s])")
_BUT = re.compile(
    r",?\s+(?:except(?:ing|\s+for)?|but(?:\s+not)?|(?:apart|aside)\s+from|other\s+than|without|minus|less|sans|"
    r"bar(?:ring)?|save|not\s+(?:counting|including)|excluding|besides)\s+(?:for\s+)?",
    re.I,
)
_ALL_BUT = re.compile(
    r"\b(?:to|ask|tell|with|invite|inform|notify|remind|thank|e-?mail|mail|message|let|warn|ping|text|cc|write)\s+"
    r"(?:everyone|everybody|all|anyone|anybody|the\s+(?:whole\s+)?(?:team|group|others|rest))\b(?P<of>[^,;.:“\"]{0,40}?)"
    r"(?P<but>\s+(?:except(?:ing)?|but(?:\s+not)?|(?:apart|aside)\s+from|other\s+than|without|minus|less|sans|"
    r"bar(?:ring)?|save|excluding|besides)\s+(?:for\s+)?)",
    re.I,
)
_JOINT = re.compile(r"\s*(?:,|&|\band\b|\bor\b|\bnor\b)\s*", re.I)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»")
_WORDS = frozenset(
    {"about", "template", "makes_room", "every", "question", "title", "subject", "body", "request"}
)
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Group:
    """A group that a wish names."""

    words: str
    """As it was said."""
    name: str
    people: tuple[str, ...]
    """Who is meant: addresses, without the owner and without whom the wish leaves out."""
    problem: str = ""
    """What is not certain about it: a question."""
    instead: tuple[str, ...] = ()
    """Words that would be certain."""


def expanded(head: str, known: Known, directory: Directory) -> tuple[str, tuple[Group, ...]]:
    """The wish with the people of each group it names in its place, and these groups."""
    made, at = "", 0
    found: list[Group] = []
    head = _beside(head, known, directory)
    for (start, end), each, group in _meant(head, known, directory):
        made += head[at:start] + each + _listed(group.people)
        found.append(group)
        at = end
    return made + head[at:], tuple(found)


def doubtful(original: str, groups: tuple[Group, ...]) -> Unclear | None:
    """The question about a group that is not clear; its choices are whole requests."""
    for group in (g for g in groups if g.problem):
        choices = tuple(original.replace(group.words, w, 1) for w in group.instead if group.words in original)
        return Unclear(message=group.problem, choices=choices)
    return None


def all_but(head: str, directory: Directory) -> Unclear | None:
    """The question about a wish for everybody but somebody, where it says no group: who is left is not known.

    `head` is the wish with its groups written out.
    """
    m = _ALL_BUT.search(head)
    if m is None or re.search(r"\b(?:that|whether|if)\b", head[: m.end()], re.I):
        return None
    if (one := next((n for n in directory.everybody(head) if n.span[0] == m.end()), None)) is None:
        return None
    return Unclear(
        message=f"Who is everybody but {one.words}? I know no group there, so nothing was done. Name those "
        f"who are meant, or a group that your settings name: “my team but {one.words}”."
    )


def left_out(groups: tuple[Group, ...], made: Plan) -> Unclear | None:
    """The question where a plan is for some of a group only: nobody of it is passed over in silence."""
    named = {a for step in made.steps for a in _addresses(step.args)} if groups else set[str]()
    for group in groups:
        if missing := [a for a in group.people if a not in named]:
            return Unclear(
                message=f"I cannot do that for all of “{group.words}” at once, only for one person or for a "
                f"meeting of everybody; {', '.join(missing[:_SHOWN])} would be left out, so nothing was "
                "done. Name one of them."
            )
    return None


def _addresses(value: Any, name: str = "") -> Iterator[str]:
    """Texts among the arguments of a step that are no words to search by, to show or to send."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _addresses(inner, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _addresses(inner, name)
    elif isinstance(value, str) and name not in _WORDS:
        yield value.lower()


def _meant(head: str, known: Known, directory: Directory) -> Iterator[tuple[Span, str, Group]]:
    """Each group in the wish: its place, "each of " where that was said, and who it is."""
    groups = {_ARTICLE.sub("", name): people for name, people in known.groups.items()}
    if not groups:
        return
    names = sorted(groups, key=len, reverse=True)
    said = "|".join(_as_said(n) for n in names)
    pattern = re.compile(
        rf"(?<![\w@.-]){_FRONT}(?P<name>{said})(?:\s+(?:group|members?|people))?(?![\w@-])", re.I
    )
    closed = [m.span() for m in _QUOTED.finditer(head)]
    at = 0
    while m := pattern.search(head, at):
        at = m.end()
        if any(a < m.end() and m.start() < b for a, b in closed) or not _placed(head, m):
            continue
        name = _name(m["name"], groups)
        (end, without), odd = _but(head, m.end(), directory), ""
        people = tuple(a for a in groups[name] if a not in known.owner.addresses)
        if without and (odd_ones := [a for a in without if a not in people]):
            odd = f"{', '.join(odd_ones)} is not in your group “{name}”, so nothing was done."
        people = tuple(a for a in people if a not in without)
        if not people:
            continue
        words = head[m.start() : end]
        each = "each of " if m["each"] or m["every"] else ""
        group = _checked(m, Group(words, name, people, odd), known)
        yield (m.start(), end), each, group
        at = end


def _checked(m: re.Match[str], group: Group, known: Known) -> Group:
    """The group with what is not certain about it."""
    said = (m["count"] or "").lower()
    count, size = _NUMBERS.get(said) or (int(said) if said.isdigit() else 0), len(group.people)
    who = ", ".join(known.person(a).name or a for a in group.people[:_SHOWN])
    each = "each of " if m["each"] or m["every"] else ""
    if group.problem:
        return group
    if m["some"]:
        return replace(
            group, problem=f"Whom of “{group.name}” do you mean: {who}? Name them.", instead=group.people[:3]
        )
    if count and count != size:
        has = f"Your group “{group.name}” has {size}, not {count}: {who}. Do you mean all of them?"
        return replace(group, problem=has, instead=(f"{each or 'all of '}my {group.name}",))
    if _FOR.search(m.string, 0, m.start()) and not _OWN.search(m["article"]) and not _FINDS.match(m.string):
        name = f"{m['article']}{group.name}"
        return replace(group, problem=f"With {name}, or about {name}? Say “with {name}” to invite them.")
    return group


def _placed(head: str, m: re.Match[str]) -> bool:
    """Whether people are named there, and the words go no further ("the board meeting")."""
    front = head[: m.start()].rstrip()
    sure = bool(m["each"] or m["all"] or m["any"] or m["some"] or m["every"])
    if _FOR.search(front):
        sure = sure or bool(_OWN.search(m["article"]) or _FINDS.match(head) or _BOOKS.match(head))
        if not sure:
            return False
    if (
        not sure
        and not _PLACE.search(front)
        and not (_TO_BOOK.fullmatch(front) and _FOR_LONG.match(head, m.end()))
    ):
        return False
    return _BUT.match(head, m.end()) is not None or ends_there(head, m.end())


def ends_there(head: str, at: int) -> bool:
    """Whether the name of a group goes no further than to a place ("the board"; not "the board meeting")."""
    behind = _NEXT.match(head, at)
    word = behind[1].lower() if behind else ""
    return not word or word in _BEHIND or word[0].isdigit() or word in _MARKS


def _beside(head: str, known: Known, directory: Directory) -> str:
    """A wish to find a time with whom it leaves out at its end right behind its group, where it is read."""
    if not (_BOOKS.match(head) or _FINDS.match(head)) or _QUOTED.search(head) or ":" in head:
        return head
    if not _BUT.search(head):
        return head
    groups = list(_meant(head, known, directory))
    if len(groups) != 1 or groups[0][2].problem:
        return head
    (_, end), _, group = groups[0]
    for m in _BUT.finditer(head, end):
        last, left = _but(head, m.start(), directory)
        if left and not head[last:].strip(" .,;!?") and set(left) <= {*group.people}:
            return f"{head[:end]}{head[m.start() : last]}{head[end : m.start()]}{head[last:]}"
    return head


def _but(head: str, at: int, directory: Directory) -> tuple[int, tuple[str, ...]]:
    """Who of a group is left out right behind it, and where that ends."""
    m = _BUT.match(head, at)
    named = {n.span[0]: n for n in directory.everybody(head)} if m else {}
    found: list[str] = []
    begin, end = (m.end() if m else at), at
    while (one := named.get(begin)) is not None and one.clear and not one.possessive:
        found.append(one.mailbox.address)
        end = one.span[1]
        joint = _JOINT.match(head, end)
        if joint is None:
            break
        begin = joint.end()
    return end, tuple(found)


def _as_said(name: str) -> str:
    """A pattern for a name; "every direct report" is of the "direct reports"."""
    whole = r"\s+".join(re.escape(w) for w in name.split())
    return f"{whole}?" if name.endswith("s") and len(name) > 3 else whole


def _name(said: str, groups: Mapping[str, tuple[str, ...]]) -> str:
    low = " ".join(said.lower().split())
    return low if low in groups else f"{low}s"


def _listed(people: tuple[str, ...]) -> str:
    return f"{', '.join(people[:-1])} and {people[-1]}" if len(people) > 1 else people[0]
