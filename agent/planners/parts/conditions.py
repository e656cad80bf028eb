"""Conditions of a wish ("if Ann is free at 2", "unless Bo has answered since Monday"): one table of what can
be looked at, how it is said, and the step and typed test that it becomes.

A condition is looked at once, when the plan is carried out. What cannot be told then is neither yes nor no:
neither what depends on it nor its "otherwise" is done, and the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from deskhand.agent.planners.goals import agenda, freedom
from deskhand.agent.planners.goals.reading import span_past, times_past
from deskhand.agent.planners.parts.statements import be
from deskhand.agent.planners.steps import ref
from deskhand.agent.planners.words.people import listed, nobody, which
from deskhand.agent.planners.words.phrases import COUNTS, LEXICON, pattern, words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy, without_ends
from deskhand.agent.plans.language import Equals, Not, Number, Plan, Predicate, Ref, Step, Unclear
from deskhand.agent.times import Reading


@dataclass(frozen=True, slots=True)
class Tested:
    """What a condition becomes: the steps that look, and what must hold of their output."""

    steps: tuple[Step, ...]
    test: Predicate
    said: str = ""
    """The condition, as it was understood."""
    people: str = ""
    """Who was asked about, by name."""
    times: tuple[Reading, ...] = ()
    """When it was asked about: what depends on it is meant for then, where it says nothing else."""


Build = Callable[[Request], Tested | Unclear | None]


@dataclass(frozen=True)
class Sort:
    """A sort of condition; `said` holds templates (`phrases`), one a line, of a statement."""

    name: str
    build: Build
    example: str
    said: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All its templates."""
        return pattern(self.said)


_NO = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|without)\b|\bno one\b|n['’]t\b|\byet to\b", re.I
)
_STATE = re.compile(
    r"(?P<who>.+?)\s+(?P<is>is|are|am|['’]m|will\s+be)\s+(?P<not>not\s+)?(?:both\s+|all\s+|still\s+|also\s+)*"
    r"(?P<state>free|available|around|busy|booked|taken)\b(?P<rest>.*)$",
    re.I,
)
_TIME = re.compile(
    r"(?P<who>.+?)\s+(?P<has>has|have)\s+(?P<no>no\s+|any\s+|some\s+|enough\s+|a\s+|an\s+)?(?:free\s+)?"
    r"(?P<what>time|gap|room|space|slot)\b(?P<rest>.*)$",
    re.I,
)
_NUMBERS = {**COUNTS, "twelve": 12, "a": 1, "an": 1}
_N = rf"(?P<n>\d{{1,3}}|{'|'.join(n for n in _NUMBERS if len(n) > 2)})"
_COUNTED = re.compile(
    rf"\b(?:(?P<more>more than|over)|(?P<least>at least|no (?:fewer|less) than)|(?P<less>fewer than|"
    rf"less than|under)|"
    rf"(?P<most>at most|no more than|up to)|(?P<exactly>exactly|just|only))\s+{_N}\b|"
    rf"\b{_N.replace('<n>', '<m>')}\s+or\s+"
    rf"(?:(?P<up>more)|(?P<down>fewer|less))\b",
    re.I,
)
_PLAIN_COUNT = re.compile(rf"\b{_N}\s+(?=(?:{LEXICON['meeting']})s\b)", re.I)
_ABOUT = re.compile(r"\b(?:about|regarding|concerning|on|re)\s+(?=(?:the|my|our|a|an)\b|[“\"])", re.I)
_FROM = re.compile(r"\b(?:from|by|with|of)\s+(?=[^\W\d_a-z]|(?:the|my|our)\s)", re.I)
_TO_COME = re.compile(r"\b(?:by|until|before)\b", re.I)
_MAIL_ENDS = words(
    """
    has have had is are was were there i we he she they it any anything something nothing anyone anybody
    someone somebody nobody no one a an the my our me us to on about regarding from by of with not yet
    already still since
    heard got received answered replied responded written wrote answer answers reply replies mail mails
    message messages email emails word news response been did do does answering back again in new come came
    arrived sent unread
    """
)
_DOCUMENT_ENDS = words(
    """
    the a an my our any has have had is are was were been not yet already changed change edited updated
    modified revised touched there new version of document file did since again newer someone somebody
    anybody anyone nobody
    """
)


_JUST = re.compile(r"\s+(?:just|simply|please|then)\s*$", re.I)
"""What begins the wish behind a condition: "if she's busy at 11 just tell her"."""


def _free(request: Request) -> Tested | Unclear | None:
    head = _JUST.sub("", request.head)
    m, no = _STATE.match(head), False
    if m is not None:
        taken = m["state"].lower() in ("busy", "booked", "taken")
        no = (m["not"] is not None) is not taken
        asked = f"{be(m['who'])} {m['who']} free{m['rest']}"
    elif m := _TIME.match(head):
        no = (m["no"] or "").strip().lower() == "no"
        asked = f"{be(m['who'])} {m['who']} free{m['rest']}"
    else:
        return None
    looked = Request.of(asked, request.known)
    read = [t.span for t in looked.readings]
    if any(not any(a <= m.start() < b for a, b in read) for m in re.finditer(r"\d", looked.head)):
        return Unclear(message=f"I cannot tell whether “{head}”: say the hour as in “at 11:00”.")
    made = freedom.free(looked)
    if not isinstance(made, Plan):
        return made
    step = made.steps[0].model_copy(update={"id": "free", "purpose": f"look whether {request.head}"})
    test: Predicate = Equals(of=Ref(ref="free", path="free"), value=True)
    times = tuple(t for t in request.times if t.kind in ("instant", "interval"))
    who = " and ".join(n.words for n in request.named)
    return Tested((step,), Not(of=test) if no else test, request.head, who, times)


def _meetings(request: Request) -> Tested | Unclear | None:
    """How much is on the calendar: anything, nothing, more than three."""
    head = request.head
    empty = re.search(r"\b(?:is|are|['’]s)\s+(?:still\s+|completely\s+)?(?:empty|clear|free)\b", head, re.I)
    full = re.search(r"\b(?:is|are|['’]s)\s+(?:still\s+|not\s+)?(?:empty|clear|free)\b", head, re.I)
    count = _COUNTED.search(head) or _PLAIN_COUNT.search(head)
    rest = f"{head[: count.start()]} {head[count.end() :]}" if count else head
    rest = re.sub(
        r"\b(?:is|are)\s+(?:not\s+|still\s+|completely\s+)*(?:empty|clear|free|full|packed)\b", "", rest
    )
    rest = _NO.sub(" ", rest.replace("nothing", "anything"))
    rest = re.sub(
        r"\b(?:is|are)\s+(?:not\s+|still\s+)*(?:on|in)\s+(?:my|the)\s+(?:calendar|diary|agenda)\b", "", rest
    )
    rest = re.sub(
        r"^\s*my\s+(?=\S+\s+has\b)|\bhas\b|\b(?:is|are)\s+(?:not\s+|still\s+)*(?=on\b|tomorrow|today)",
        "",
        rest,
    )
    rest = re.sub(r"^\s*(?:i|we)\s+(?:do\s+)?(?:have|got)\s+|^\s*there\s+(?:is|are)\s+", "", rest, flags=re.I)
    looked = Request.of(f"do i have {' '.join(rest.split())}", request.known)
    if not looked.times and ((not looked.named and not agenda.named(looked)) or count is not None):
        return Unclear(message=f"On which day shall I look: “{head}”?", choices=())
    made = agenda.agenda(looked)
    if not isinstance(made, Plan):
        return made
    args = {n: v for n, v in made.steps[0].args.items() if n not in ("free", "first")}
    step = made.steps[0].model_copy(
        update={"id": "agenda", "args": args, "purpose": f"look whether {request.head}"}
    )
    of = Ref(ref="agenda", path="count")
    if count is not None:
        low, high = _bounds(count)
        test: Predicate = Number(of=of, least=low, most=high)
    else:
        none = empty is not None or (full is None and _NO.search(head) is not None)
        test = Number(of=of, most=0) if none else Number(of=of, least=1)
    return Tested(
        (step,), test, head, "", tuple(t for t in request.times if t.kind in ("instant", "interval"))
    )


def _bounds(m: re.Match[str]) -> tuple[float | None, float | None]:
    found = m.groupdict()
    said = (found.get("n") or found.get("m") or "1").lower()
    number = _NUMBERS.get(said) or int(said)
    if found.get("more"):
        return number + 1, None
    if found.get("less"):
        return None, number - 1
    if found.get("most") or found.get("down"):
        return None, number
    if found.get("exactly"):
        return number, number
    return number, None


def _mail(request: Request) -> Tested | Unclear | None:
    """Whether somebody has written: since when, about what."""
    head = request.head
    times = times_past(request)
    if any(t.end and t.end > request.known.now and _TO_COME.match(t.text) for t in request.times):
        return Unclear(
            message=f"“{head}” is still to come, and I look once, when you ask. Ask again then, or say "
            "“every day at 9 ...”."
        )
    args: dict[str, Any] = {"direction": "in", "tell": True}
    who = next((n for n in request.named), None)
    spans = [t.span for t in times if t.kind in ("interval", "instant")]
    if who is not None:
        if not who.clear:
            return which(request, who)
        args["person"] = who.key
        spans.append(who.span)
    else:
        for of in _FROM.finditer(head):
            if (unknown := listed(request, of.end()).unknown) is not None:
                return nobody(request, unknown)
        if m := re.match(r"(?:the|my|our)\s+\w+(?=\s+(?:has|have|did|answered|replied|wrote)\b)", head, re.I):
            return nobody(request, m.span())
    topic = _ABOUT.search(head)
    begin = topic.end() if topic else 0
    about = request.quotes[0] if request.quotes else ""
    if topic is not None and not about:
        about = without_ends(_without(head, begin, spans), _MAIL_ENDS)
    if about:
        args["about"] = about
    args |= span_past(request, times)
    if not args.keys() & {"about", "since"}:
        whom = f" {who.words}" if who is not None else ""
        return Unclear(message=f"Since when shall I look for mail{' from' if whom else ''}{whom}: “{head}”?")
    test = Number(of=Ref(ref="mails", path="count"), least=1)
    step = Step(id="mails", op="message.list", args=args | {"tell": True}, purpose=f"look whether {head}")
    return Tested((step,), _perhaps_not(test, head), head)


def _waiting(request: Request) -> Tested | Unclear | None:
    args: dict[str, Any] = {
        "theirs": bool(re.search(r"\b(?:owes?|i\s+am\s+waiting|i['’]m\s+waiting)\b", request.head, re.I))
    }
    if who := next(iter(request.named), None):
        if not who.clear:
            return which(request, who)
        args["person"] = who.key
    step = Step(id="waiting", op="threads.waiting", args=args, purpose=f"look whether {request.head}")
    of = Ref(ref="waiting", path="count")
    if (count := _COUNTED.search(request.head)) is not None:
        low, high = _bounds(count)
        return Tested((step,), Number(of=of, least=low, most=high), request.head)
    return Tested((step,), _perhaps_not(Number(of=of, least=1), request.head), request.head)


def _document(request: Request) -> Tested | Unclear | None:
    times = times_past(request)
    args = span_past(request, times)
    spans = [t.span for t in times if t.kind in ("interval", "instant")] + [n.span for n in request.named]
    about = (
        request.quotes[0]
        if request.quotes
        else without_ends(_without(request.head, 0, spans), _DOCUMENT_ENDS)
    )
    if "since" not in args:
        return Unclear(message=f"Since when: “{request.head}”?")
    if not about or about.lower() in ("documents", "files", "anything"):
        step = Step(id="changed", op="document.changed", args=args, purpose=f"look whether {request.head}")
        return Tested(
            (step,),
            _perhaps_not(Number(of=Ref(ref="changed", path="count"), least=1), request.head),
            request.head,
        )
    steps = (
        Step(
            id="found", op="item.find", args={"about": about, "kinds": ["document"]}, purpose=f"find {about}"
        ),
        Step(
            id="changes", op="document.changes", args={"item": ref("found"), **args},
            purpose=f"look whether {request.head}",
        ),
    )  # fmt: skip
    test = Equals(of=Ref(ref="changes", path="changed"), value=True)
    return Tested(steps, _perhaps_not(test, request.head), request.head)


SORTS: tuple[Sort, ...] = (
    Sort("free", _free, "if Ann is free on Thursday at 14:00", """
        {someone} ... (is|are|am) [still|both|all|not] {state}
        <who> will be (free|available|busy)
        (<who>|i|we|he|she|they) (has|have) [no|any|some|enough|a] [free] (time|gap|room|space|slot)
    """),
    Sort("meetings", _meetings, "if I have more than three meetings tomorrow", """
        (i|we) [do not|already] have [got] [...] ({meeting}|anything|nothing|something|no plans|plans) ...
        (i|we) have .. ({meeting}|anything|nothing|something)
        there (is|are) [not] [...] ({meeting}|anything|nothing|something) [else] (on|in|with|at|<when>)
        there (is|are) [not|already] [...] (anything|nothing|something) [else] (planned|scheduled)
        there (is|are) [not|already] [...] {meeting} ...
        (my|the) ... (is|are) [still|not|completely] (empty|clear|free|full)
        (anything|something|nothing) is (on|in|planned|scheduled) ... (<when>|{calendar})
        <when> is [still|not|completely] (empty|clear|free)
        (my|the) <when> has ... ({meeting}|anything|nothing)
        (the|my|our|a|an|<whose>|<quote>) ... (is|are) [still|not] (on|in) (my|the) {calendar}
        (the|my|our|<whose>|<quote>) ... {meeting} (is|are) [still|not] <when>
        (the|my|our|<whose>|<quote>) .. (is|are) [still|not] <when>
    """),
    Sort("waiting", _waiting, "if mail is waiting for my answer", """
        ... (is|are) [still] (waiting|awaiting) ... (me|my|answer|reply)
        ... {mail} [are|is] [still] (waiting|awaiting) ... (me|my|answer|reply)
        (any|some|a) {mail} (waits|wait|is waiting|are waiting)
        (i|we) [still] have [any|some] (unanswered {mail}|{mail} waiting|{mail} to answer)
        there (is|are) [any|some|no|still] {mail} [that is|that are] (waiting|to answer|unanswered)
        there (is|are) [any|some|no|still] unanswered {mail}
        (anybody|anyone|somebody|someone|<who>|nobody) (is waiting|waits) for ... (answer|reply|me)
        (anything|something|nothing) [still] (waits|is waiting)
        i owe ... (answer|reply)
        <who> owes me
    """),
    Sort("mail", _mail, "if Bo has answered since Monday", """
        ... (has|have|had) [not|already|not yet|never] (answered|replied|responded|written|sent)
        ... (has|have|had) [not|already|not yet|never] (got back|gotten back|come back|mailed|emailed)
        ... (answered|replied|responded|wrote|mailed|emailed) ...
        ... sent (me|us|something|anything|a|an|the|it) ...
        (something|anything|nothing) [new|else] [has] (came|come|arrived) ...
        ... (did|does) not (answer|reply|respond|write|get back)
        (i|we) (have|have not|had|did not) [already|yet|still|not] (heard|got|gotten|received|had)
        (i|we) (have|have not|had|did not) [already|yet|still|not] (hear|get|receive)
        there (is|are|was|were|has been|have been) [not|already|still] [...] ({mail}|{reply}|news|word) ...
        there (is|are|was|were|has been|have been) [...] (anything|nothing|something) [new|else] (from|by) ...
        list the mails from <who>
        [a|an|any|no] [new] ({mail}|{reply}|answer) ... (came|has come|arrived|has arrived|is there|is in)
    """),
    Sort("document", _document, "if the price list has changed since Monday", """
        ... (has|have|was|were) [not] [yet] [been] (changed|edited|updated|modified|revised|touched)
        ... (changed|did not change)
        there (is|are) [a|any|no] new version of
    """),
)  # fmt: skip
"""In this order: the first whose templates fit, and whose builder makes something of it, is taken."""


def recognised(request: Request) -> Sort | None:
    """The sort of condition that words are; None where nothing is known of it."""
    said = request.said
    return next((s for s in SORTS if s.pattern.match(said)), None)


def _perhaps_not(test: Predicate, said: str) -> Predicate:
    return Not(of=test) if _NO.search(said) else test


def _without(head: str, start: int, spans: list[tuple[int, int]]) -> str:
    text = head
    for first, last in sorted(spans, reverse=True):
        if first >= start:
            text = f"{text[:first]} {text[last:]}"
    return tidy(text[start:])
