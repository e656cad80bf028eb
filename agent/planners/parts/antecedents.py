"""What a pronoun points back to: somebody named before, or what an earlier part finds when it is carried out.

Somebody who was named, a time that was said: their words take the pronoun's place. What only turns up later
(the thread that is found, its summary, whoever sent it) gets a mark in the words instead; the goal plans with
it like with any name, and then the mark becomes a reference into the earlier step. No word of what is found
is ever seen here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from deskhand.agent.planners.parts.elliptic import DAY
from deskhand.agent.planners.parts.marks import EVENT, ITEM, PEOPLE, TEXT, Mark, has_mark, marked
from deskhand.agent.planners.parts.pronouns import (
    ABOUT_IT,
    ASKED_OF,
    BARE,
    BESIDE_IT,
    BOTH,
    EVENT_VERB,
    EVERYONE,
    FINDS,
    GUESTS,
    HIM,
    HIS,
    ITEM_VERB,
    KEEPS,
    MADE_BY,
    MAIL_ABOUT,
    NOUN,
    OF_IT,
    ON_IT,
    SENDER,
    TEXTS,
    THAT_WEEK,
    THEM,
    THEN,
    THING,
    TO_SOMEBODY,
    WITH_IT,
)
from deskhand.agent.planners.parts.retelling import topic_of
from deskhand.agent.planners.parts.said_before import (
    changed_said,
    last_day,
    last_time,
    last_week,
    mails_said,
    object_said,
)
from deskhand.agent.planners.words.bodies import text_of_mail
from deskhand.agent.planners.words.directory import Named
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import WRITES
from deskhand.agent.plans.language import Ref, Step, Unclear
from deskhand.agent.profile import Known

_DAY_FIRST = re.compile(
    r"\b(?:(?:on\s+)?(?:that|the\s+same)\s+day|(?<!\band )then)[\s,]+(?:at\s+)?"
    r"(?P<clock>\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|o['’]?clock)?)(?=\W*$)",
    re.I,
)
""" "Then, 7pm": the day that was said, and a time of its own."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A part that comes before: what was said in it, and the steps that it became, if it was planned."""

    request: Request
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The words of a part without pronouns, and what the marks among them stand for."""

    words: str
    marks: tuple[Mark, ...] = ()


def resolve(words: str, earlier: Sequence[Earlier], known: Known, *, number: int) -> Resolved | Unclear:
    """The words of a part with each pronoun resolved; the question where it points to nothing, or to two.

    :param earlier: what comes before it, the nearest last.
    :param number: of the part; makes its marks its own.
    """
    if not earlier:
        return Resolved(words)
    found = _People(words, earlier, known, number).resolved()
    if isinstance(found, Unclear):
        return found
    found = _things(found, earlier, known, number)
    return found if isinstance(found, Unclear) else _timed(found, earlier, known)


def _open(words: str, known: Known) -> tuple[Request, int]:
    """A part as a request, and where the text that it brings along begins."""
    request = Request.of(words, known)
    body = text_of_mail(request, 0, len(request.head))
    return request, len(request.head) if body is None else body


@dataclass
class _People:
    """Him, her, them, the sender, everyone in it."""

    words: str
    earlier: Sequence[Earlier]
    known: Known
    number: int
    marks: list[Mark] = field(default_factory=list[Mark])

    def resolved(self) -> Resolved | Unclear:
        request, end = _open(self.words, self.known)
        head, text = request.head, ""
        at = 0
        for m in sorted([*self._all(head, end)], key=lambda m: m.start()):
            if m.start() < at or request.closed(*m.span()):
                continue
            said = self._instead(request, m)
            if isinstance(said, Unclear):
                return said
            if said:
                text += head[at : m.start()] + said
                at = m.end()
        return Resolved(text + head[at:] + request.courtesy + request.tail, tuple(self.marks))

    def _all(self, head: str, end: int) -> list[re.Match[str]]:
        patterns = (SENDER, EVERYONE, BOTH, HIS, HIM)
        return [m for p in patterns for m in p.finditer(head, 0, end)]

    def _instead(self, request: Request, m: re.Match[str]) -> str | Unclear:
        before = request.head[: m.start()]
        if m.re is SENDER:
            return self._found(m, "sender") or _nothing(m.group())
        if m.re is EVERYONE:
            return self._found(m, "everyone") or _nothing(m.group())
        who = m["who"].lower()
        if m.re is BOTH:
            two = _named([n for one in self.earlier for n in one.request.named])
            if len(two) == 2:
                return " and ".join(n.words for n in two)
            return Unclear(message=f"Who is “{m.group()}” in “{self.words}”? Name them.")
        own = [n for n in request.named if not n.possessive and n.span[0] < m.start()]
        if m.re is HIM:
            subject = who in ("he", "she", "they")
            if subject and before.strip() and not ASKED_OF.match(before):
                return ""
            if not subject and not TO_SOMEBODY.search(before):
                return ""
            if who == "them" and WITH_IT.search(before) and own:
                return ""
            if who == "them" and not re.search(rf"\b(?:{WRITES}|to|with|invite|meet)\s+$", before, re.I):
                return ""
        people = _named(own) if own and m.re is HIS else self._people()
        if len(people) > 1 and who not in ("them", "they", "their"):
            shown = " or ".join(n.words for n in people)
            return Unclear(
                message=f"Whom do you mean by “{m.group().strip()}”: {shown}? Nothing was done yet.",
                choices=tuple(f"{before}{n.words}{request.head[m.end() :]}{request.tail}" for n in people),
            )
        if people:
            if m.re is HIS:
                return f"{people[0].words}'s "
            return " and ".join(n.words for n in people)
        plural = who in ("them", "they")
        return self._found(m, "everyone" if plural else "sender") or _nothing(m.group().strip())

    def _people(self) -> list[Named]:
        """Those named in the nearest part that names anybody."""
        for one in reversed(self.earlier):
            if one.request.named:
                alone = [n for n in one.request.named if not n.possessive]
                return _named(alone if len(_named(alone)) == 1 else one.request.named)
        return []

    def _found(self, m: re.Match[str], which: str) -> str:
        """A mark for people of what an earlier part finds; "" where none finds anything."""
        for one in reversed(self.earlier):
            for step in reversed(one.steps):
                event = step.op == "event.find"
                if event and which == "sender":
                    continue
                messages = step.op == "item.find" and step.args.get("kinds") != ["document"]
                if event or messages:
                    mark = Mark(
                        PEOPLE, self.number, len(self.marks), Ref(ref=step.id), m.group().strip(), which
                    )
                    self.marks.append(mark)
                    return mark.word
        return ""


def _named(people: Sequence[Named]) -> list[Named]:
    return list({n.key: n for n in people}.values())


def _nothing(said: str) -> Unclear:
    return Unclear(
        message=f"I do not know who “{said}” is here, so nothing was done. Say a name or an address instead."
    )


def _things(given: Resolved, earlier: Sequence[Earlier], known: Known, number: int) -> Resolved | Unclear:
    """It, that, the summary, the thread: what an earlier part finds or makes."""
    request, end = _open(given.words, known)
    head, marks = request.head, list(given.marks)
    requests = [e.request for e in earlier]
    if (them := THEM.match(head, 0, end)) and (mails := mails_said(requests)):
        words = f"{head[: them.start('them')]}{mails}{head[them.end() :]}{request.courtesy}{request.tail}"
        return Resolved(words, tuple(marks))
    if (on := ON_IT.match(head, 0, end)) and (topic := topic_of(requests) or changed_said(requests)):
        words = f"{head[: on.start('on')]}about {topic}{head[on.end('it') :]}{request.courtesy}{request.tail}"
        return Resolved(words, tuple(marks))
    if (bare := BARE.fullmatch(head)) and _candidates(ITEM, None, earlier):
        head = f"{bare[1]} to it"
        request, end = replace(request, head=head), len(head)
    if OF_IT.fullmatch(head):
        head = "summarise it"
        request, end = replace(request, head=head), len(head)
    if (near := BESIDE_IT.search(head, 0, end)) and (asked := _invited(earlier)):
        mark = Mark(EVENT, number, len(marks), Ref(ref=asked[0].id), asked[1])
        words = (
            f"{head[: near.start('it')]}{marked(mark)}{head[near.end() :]}{request.courtesy}{request.tail}"
        )
        return Resolved(words, (*marks, mark))
    if (keeps := KEEPS.match(head)) and (time := last_time(requests)):
        words = f"{head[: keeps.end()]}{time}{head[keeps.end() + 2 :]}{request.courtesy}{request.tail}"
        return Resolved(words, tuple(marks))
    noun = next((m for m in NOUN.finditer(head, 0, end) if not request.closed(*m.span())), None)
    it = next(
        (m for m in THING.finditer(head, 0, end) if not request.closed(*m.span()) and _object(head, m)), None
    )
    m = noun or it
    if m is None:
        return given
    sort = _sort(head, noun)
    if noun is None and sort == TEXT and ABOUT_IT.search(head[: m.start()]):
        return given  # what is to be said of it was not said
    if noun is None and MAIL_ABOUT.search(head, 0, m.start()) and (topic := _topic(earlier)):
        words = f"{head[: m.start()]}{topic}{head[m.end() :]}{request.courtesy}{request.tail}"
        return Resolved(words, tuple(marks))
    made = _candidates(sort, noun.group("text") if noun else None, earlier)
    if not made and noun is None and sort == TEXT:
        sort, made = ITEM, _candidates(ITEM, None, earlier)
        if made:
            return Unclear(
                message=f"“{m.group()}” is nothing that I can put into a mail yet. Say “forward it” or "
                "“summarise it and mail the summary”."
            )
    what = object_said(requests) or (changed_said(requests) if sort == EVENT else "")
    if not made and what and noun is None and sort in (ITEM, EVENT):
        words = f"{head[: m.start()]}{what}{head[m.end() :]}{request.courtesy}{request.tail}"
        return Resolved(words, tuple(marks))
    if not made:
        if noun is not None:
            return given  # "the meeting", "the list": the goal knows what to do with it, or asks
        return Unclear(
            message=f"I do not know what “{m.group()}” is in “{given.words}”, so nothing was done. Name it."
        )
    if len(made) > 1:
        shown = " or ".join(f"{name} ({one.request.head})" for one, _, name in made)
        return Unclear(message=f"What do you mean by “{m.group()}”: {shown}? Nothing was done yet.")
    _, step, name = made[0]
    of = Ref(ref=step.id)
    if step.op == "message.list":
        of = Ref(ref=step.id, path="messages", sort="at", take="last")
    mark = Mark(sort, number, len(marks), of, name)
    words = f"{head[: m.start()]}{marked(mark)}{head[m.end() :]}{request.courtesy}{request.tail}"
    return Resolved(words, (*marks, mark))


def _sort(head: str, noun: re.Match[str] | None) -> str:
    if noun is not None:
        return TEXT if noun["text"] else EVENT if noun["event"] else ITEM
    if ITEM_VERB.match(head):
        return ITEM
    if EVENT_VERB.match(head) or GUESTS.match(head):
        return EVENT
    return TEXT


def _object(head: str, m: re.Match[str]) -> bool:
    """Whether a pronoun stands for a thing that something is done with."""
    before = head[: m.start()]
    if m.group().lower() == "them" and WITH_IT.search(before):
        return True
    if m.group().lower() == "them" and re.search(rf"\b(?:{WRITES}|to|with|invite|meet)\s+$", before, re.I):
        return not re.search(r"\b(?:tell|ask|inform|remind|notify|to|with|invite|meet|let)\s+$", before, re.I)
    if m.group().lower() in ("that", "this", "those", "these", "one"):
        behind = head[m.end() :]
        return re.match(r"\s*(?:$|to\b|with\b|and\b|on\b|at\b|by\b|,)", behind, re.I) is not None
    return bool(before.strip())


def _candidates(sort: str, noun: str | None, earlier: Sequence[Earlier]) -> list[tuple[Earlier, Step, str]]:
    """What may be meant: of each earlier part its last step that yields such a thing, the nearest last."""
    made: list[tuple[Earlier, Step, str]] = []
    named = MADE_BY.get((noun or "").lower())
    for one in earlier:
        for step in reversed(one.steps):
            if sort == TEXT and step.op in TEXTS and (named is None or step.op in named):
                made.append((one, step, TEXTS[step.op]))
            elif (sort == ITEM and step.op in ("item.find", "message.list")) or (
                sort == EVENT and step.op == "event.find"
            ):
                made.append((one, step, FINDS[step.op]))
            else:
                continue
            break
    return made


def _topic(earlier: Sequence[Earlier]) -> str:
    """What the nearest part is about, in words: what is about it is another thing than what was found."""
    for one in reversed(earlier):
        if said := topic_of([one.request]):
            return said
        about = next((s.args.get("about") for s in one.steps if s.op in ("item.find", "event.find")), None)
        if isinstance(about, str) and about and not has_mark(about):
            return f"the {about}"
    return ""


def _invited(earlier: Sequence[Earlier]) -> tuple[Step, str] | None:
    """The event, or the invitation, that the nearest part looks up."""
    for one in reversed(earlier):
        for step in reversed(one.steps):
            if step.op in ("invitation.find", "event.find"):
                return step, "the invitation" if step.op == "invitation.find" else "the event"
    return None


def _timed(given: Resolved, earlier: Sequence[Earlier], known: Known) -> Resolved:
    """ "Then", "that day": the time that was said last."""
    given = replace(given, words=_DAY_FIRST.sub(r"at \g<clock> that day", given.words))
    if (week := last_week([e.request for e in earlier])) and not _open(given.words, known)[0].times:
        given = replace(given, words=THAT_WEEK.sub(week, given.words))
    request, end = _open(given.words, known)
    m = THEN.search(request.head, 0, end)
    hours = all(t.grain in ("hour", "minute") and DAY.search(t.text) is None for t in request.times)
    if m is None or (request.times and not (m["day"] and hours)):
        return given
    requests = [e.request for e in earlier]
    said = last_day(requests) if m["day"] else last_time(requests)
    if not said:
        return given
    words = f"{request.head[: m.start()]}{said}{request.head[m.end() :]}{request.courtesy}{request.tail}"
    return Resolved(words, given.marks)
