"""Goals that read: summarise a thread or document, what changed, answer a question."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from deskhand.agent.planners.goals.agenda import agenda
from deskhand.agent.planners.steps import ref
from deskhand.agent.planners.words.directory import Named
from deskhand.agent.planners.words.people import listed, nobody, which
from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import PAST, Request
from deskhand.agent.planners.words.tidying import tidy, without_ends
from deskhand.agent.planners.words.topics import ended
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.times import Reading

_MAIL = ("mails", *LEXICON["thread"].split("|"), *(f"{w}s" for w in LEXICON["thread"].split("|")))
_FILE = tuple(w for n in LEXICON["paper"].split("|") for w in (n, f"{n}s"))
_SPEECH = (
    "say", "said", "says", "wrote", "write", "writes", "think", "thinks", "asked", "discuss", "discussed",
    "talked",
)  # fmt: skip
_WROTE = re.compile(r"\b(?:wrote|writes?|written|sent|said|says?|asked|from|by)\b|(?:'|’)s\b", re.I)
_FROM = re.compile(r"\b(?:from|by)\s+(?=[^\W\d_a-z])")
_NEAR = re.compile(
    r"\b(?:from|by|with|to|and|between|did|has|have|(?:e-?mails?|mails?|messages?|letters?|notes?) of)\s+$",
    re.I,
)
_SAID = re.compile(r"\s+(?:said|says|wrote|writes|sent|thinks|asked|asks|has to say|is saying|and)\b", re.I)
_NAMES_A_THING = re.compile(
    r"q[1-4]|\d{4}|(?:the )?(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|"
    r"december)|\w+day(?:'s|’s)",
    re.I,
)
_WHO_COMES = re.compile(
    r"(?:who (?:else )?(?:is|are|was|were|will be) (?:also |all )?(?:invited to|coming to|attending|joining)|"
    r"who(?: else)? did (?:i|we) invite to) "
    rf".*\b(?:{LEXICON['meeting']}) $"
)
"""The calendar knows that, where it is a meeting that is named."""
_ELSEWHERE = re.compile(
    r"^(?:could|can|should|shall|may|might|would) (?:we|i|the|my|our|<who>|<whose>|you) .*"
    r"(?:<when>|<length>|moved?|postponed?|cancel\w*|reschedul\w*|forward\w*|shift\w*) |"
    r"^(?:is|are|does|do|has|have|could|can|would|will|when|which|who) (?:\S+ ){0,6}?<who> (?:\S+ ){0,5}?"
    r"(?:free|available|around|busy|make|time|gap|slot|opening)\b.*<when>|"
    r"^(?:did|does|has|have|is|was) (?:anyone|somebody|someone|anybody|<who>) .*(?:answer|repl|respond|"
    r"got back|owe)\w* |"
    r"\b(?:free|open|common|possible) (?:slot|gap|time|hour)s? |\bschedules (?:running|active)|"
    r"^(?:is|are|any|when|what|which|where) .*\b(?:slot|gap|opening)s? |"
    r"^(?:please )?(?:would|might|will|please|kindly) (?:you|i) |"
    r"^(?:find|get|give|show|pull|bring|send|make|have|put|set|let|need|want) .*\b(?:availability|"
    r"points?|takeaways?|"
    r"delta|gist|summary|modified|edited|revised|amended|altered|digest|gaps?|mailed|calendar) |"
    r"\b(?:revised|amended|altered|edited|modified|reworked|touched|updated|mess\w*|"
    r"tamper\w*) .*(?:since|<when>) |"
    r"\b(?:to reply|to answer|gotta answer|unanswered|outstanding|pending|back to me|owe|owes) |"
    r"^(?:does|do|has|have|is|are|would|could|can|am|when|where|which) .*\b(?:availability|available|"
    r"free|busy) .*<when> |"
    r"^when .*\b(?:free|available) |\bmy (?:open|free) |\b(?:recurring|standing|automatic) (?:jobs|"
    r"tasks|things) |"
    r"^(?:what|which|how many) (?:\S+ )?(?:jobs|engagements|meetings|appointments|commitments|"
    r"bookings) .*(?:on|got|have) <when> |"
    r"\b(?:the|my|a) digest "
)
"""What looks like a question and is asked of no document: it is better not understood than looked up."""
_DOING = re.compile(
    r" (?:on a schedule|automatically) | you (?!know|remember|tell|find|think)| (?:any|a) (?:revision|"
    r"amendment|edit|change)s? (?:of|to|in) |"
    r" (?:new|different|changed) (?:in|on|to) .* <when> |^ (?:could|can|should|might) (?:the|my|our) "
)
_OWN_TIME = re.compile(rf" (?:i|me|my|we|us|<who>|{LEXICON['meeting']}) ")
_ENDS = words(
    """
    summarise summarize summary sum up recap tldr tl;dr condense boil down give me us a an short quick
    brief the of gist overview what's whats what is was were has been said says say saying think thinks asked
    wrote writes did happening happened in on state status latest catch bring to speed date where do
    does we i stand with about regarding concerning re called named titled thread threads conversation
    conversations discussion discussions mail mails email emails e-mail e-mails message messages
    exchange correspondence chain document documents doc docs file files last newest recent most whole
    long entire full this that my our from by key main points highlights bullet read for need want show
    essence upshot takeaway takeaways crux substance synopsis abstract lowdown version condensed essentials
    summaries rundown run down bit bits important fact facts idea message form nutshell explain outline
    digest being going write prepare make one-line one sentence few lines please new
    """
)
_CHANGE_ENDS = words(
    """
    what what's whats which who whose how has have had been is are was were did do does the a an any all
    every change changed changes changing difference differences differ differs edit edits edited update
    updates updated modified new different show me list tell give compare diff versions version
    revisions revision document documents doc docs file files between and in to of with on for there
    made since from our my anything something get got latest last recent recently lately i things of
    """
)

_CHANGE_TAIL = words(
    """
    change changed changes changing differ differs been edited updated modified lately recently since
    version versions document documents file files and between made
    """
)


def summarise(request: Request) -> Plan | Unclear | None:
    """ "summarize the thread about the harbour budget", "sum up the proposal"."""
    kinds = (
        ["message"]
        if request.has(*_MAIL, *_SPEECH)
        else ["document", "attachment"]
        if request.has(*_FILE)
        else []
    )
    who = _who(request)
    if isinstance(who, Unclear):
        return who
    times = times_past(request)
    spans = [t.span for t in times if t.kind in ("interval", "instant")]
    find: dict[str, Any] = {"kinds": kinds} | span_past(request, times)
    if who is not None:
        find["person"] = who.key
        if kinds == ["message"] and _WROTE.search(request.head, max(0, who.span[0] - 5), who.span[1] + 12):
            find["written"] = True
        before = _NEAR.search(request.head, 0, who.span[0])
        spans.append((before.start() if before else who.span[0], who.span[1]))
    about = request.quotes[0] if request.quotes else without_ends(ended(_without(request.head, spans)), _ENDS)
    find["about"] = about
    if not about and "person" not in find and not (kinds and find.keys() & {"since", "until"}):
        return Unclear(
            lacking=True,
            message="Summarize what? Name the thread or document.",
            choices=("summarize the thread about the budget", "summarize the proposal"),
        )
    thing = {"message": "thread", "document": "document"}.get("".join(kinds[:1]), "thread or document")
    which = f"the {thing} about “{about}”" if about else f"the newest {thing}"
    return Plan(
        request=request.original,
        objective=f"Summarise {which}{f' with {who.words}' if who else ''}.",
        steps=(
            Step(id="found", op="item.find", args=find, purpose="find it"),
            Step(id="summary", op="item.summarise", args={"item": ref("found")}, purpose="summarise it"),
        ),
    )


def changes(request: Request) -> Plan | Unclear | None:
    """ "what changed in the proposal since last Monday", "compare the price list between ... and ..."."""
    if request.has(*LEXICON["calendar"].split("|")):
        return None  # events are no documents with versions
    times = times_past(request)
    spans = [t.span for t in times if t.kind in ("interval", "instant")]
    # "what did Marta change in ...": who did it stands in the answer.
    spans += [n.span for n in request.named if _NEAR.search(request.head, 0, n.span[0]) and not n.possessive]
    about = (
        request.quotes[0]
        if request.quotes
        else without_ends(ended(_without(request.head, spans)), _CHANGE_ENDS, _CHANGE_TAIL)
    )
    between = span_past(request, times)
    if not about:
        return Plan(
            request=request.original,
            objective="List the documents that changed.",
            steps=(Step(id="changed", op="document.changed", args=between, purpose="what changed"),),
        )
    find = {"about": about, "kinds": ["document"]}
    return Plan(
        request=request.original,
        objective=f"Compare the versions of “{about}”.",
        steps=(
            Step(id="found", op="item.find", args=find, purpose="find it"),
            Step(
                id="changes", op="document.changes", args={"item": ref("found"), **between}, purpose="compare"
            ),
        ),
    )


def question(request: Request) -> Plan | Unclear | None:
    """Anything asked that the archive may answer: no calendar act, nobody's time, no answer that is owed."""
    if _WHO_COMES.match(request.said):
        return agenda(request)
    if _ELSEWHERE.search(request.said) or _of_time_to_come(request):
        return None
    args: dict[str, Any] = {"question": request.original}
    return Plan(
        request=request.original,
        objective="Look for the answer in your documents, mail and calendar.",
        steps=(Step(id="answer", op="question.answer", args=args, purpose="answer with citations"),),
    )


def _of_time_to_come(request: Request) -> bool:
    """Whether somebody's time is asked for, or something to be done: no archive tells that."""
    said = f" {request.said}"
    if _DOING.search(said):
        return True
    ahead = any(
        t.kind in ("interval", "instant") and t.start is not None and t.start > request.known.now
        for t in request.times
    )
    return ahead or (" <length> " in said and _OWN_TIME.search(said) is not None)


def _who(request: Request) -> Named | Unclear | None:
    """Whose thread it is: "Bo's last mail", "the mails from Bo", "what Bo said". Not "the Bo contract"."""
    for named in request.named:
        near = _NEAR.search(request.head, 0, named.span[0]) or _SAID.match(request.head, named.span[1])
        if named.possessive or named.address or near:
            return named if named.clear else which(request, named)
    for m in _FROM.finditer(request.head):
        one = listed(request, m.end())
        if one.unknown is not None and request.has(*_MAIL):
            return nobody(request, one.unknown)
    return None


def times_past(request: Request) -> tuple[Reading, ...]:
    """The times of a wish that looks back, without those that name a thing."""
    found = [t for t in request.times_in(0, len(request.head), lead=PAST) if not _names_a_thing(request, t)]
    for n, time in enumerate(found):
        if time.end is None and time.text.lower().startswith("from "):  # "the mails from last week"
            whole = request.times_in(time.span[0] + len("from "), time.span[1], lead=PAST)
            found[n] = replace(whole[0], span=time.span) if whole else time
    return tuple(found)


def span_past(request: Request, times: tuple[Reading, ...]) -> dict[str, Any]:
    """`since` and `until` out of the first time that was said; a time to come is none."""
    time = next((t for t in times if t.kind in ("interval", "instant")), None)
    if time is None or (time.start is not None and time.start > request.known.now):
        return {}
    args: dict[str, Any] = {}
    # "since last Monday" is open; "between Monday and Wednesday" and "last week" are not.
    if time.start is not None:
        args["since"] = time.start.isoformat()
    if time.kind == "interval" and time.end is not None and time.end < request.known.now:
        args["until"] = time.end.isoformat()
    return args


def _names_a_thing(request: Request, time: Reading) -> bool:
    """ "the Q3 report", "the November budget": part of a name, where a noun follows."""
    follows = request.head[time.span[1] :].split(maxsplit=1)
    return (
        _NAMES_A_THING.fullmatch(time.text) is not None
        and bool(follows)
        and follows[0].isalpha()
        and follows[0].lower() not in {"and", "to", "in", "until", "about", "from", "by", "with"}
    )


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return tidy(text)
