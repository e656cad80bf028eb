"""The clauses of a request: which words are one wish, what depends on a condition, and what comes in order.

    request     = part (joint part)*                        "... and ...", "... , then ...", "... ; ..."
    part        = wish | conditional
    conditional = IF condition, part* (ELSE part*)          "if ..., ... otherwise ...", "unless ..."
                | wish IF condition (ELSE part*)            "... unless ..."

Only where a verb begins a wish of its own a clause begins: what is quoted, and the text of a mail ("tell
Bo to
cancel and book again"), holds no wishes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from deskhand.agent.planners.parts.conjunctions import (
    ASKED,
    ASKS_WHETHER,
    BEHIND,
    CLAUSE,
    COMMA,
    CONTRARY,
    ELSE,
    FRONT,
    FULL_STOP,
    INTO_FRONT,
    KIND,
    NO,
    NOT_SO,
    NOTHING,
    QUESTION,
    SO,
    SUMMARY_OF,
    THEN,
    TRIMMED,
)
from deskhand.agent.planners.words.bodies import behind_text, joins_clauses, text_of_mail
from deskhand.agent.planners.words.directory import Span
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import FIRST, JOINT, begins

Looked = Callable[[str], bool]
"""Whether words are a condition that can be looked at."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One wish, where it stands in the request."""

    words: str
    span: Span
    follows: bool = False
    """It was said "then": only after what is before it."""


@dataclass(frozen=True, slots=True)
class Conditional:
    """Parts that depend on a condition."""

    condition: str
    negated: bool
    """ "Unless"."""
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]
    span: Span
    follows: bool = False
    event: bool = False
    """ "When he answers", "as soon as": what is to be waited for."""
    doubtful: bool = False
    """A condition behind several wishes: for which of them it is meant is not said."""


Part = Clause | Conditional


def parts(request: Request, looked: Looked) -> tuple[Part, ...]:
    """What a request consists of, in its order; a single clause where it is one wish.

    :param looked: a condition behind a wish is one only where it can be looked at, or reads like none else.
    """
    if (cut := behind_text(request)) is not None:
        first, rest = request.text[: cut[0]], request.text[cut[1] :]
        near = parts(Request.of(first, request.known), looked)
        return (*near, *(_elsewhere(p) for p in parts(Request.of(rest, request.known), looked)))
    found = tuple(_Parser(request, looked).parts(0, len(request.text)))
    found = tuple(one for part in found for one in unfolded(part))
    return found or (Clause(request.text, (0, len(request.text))),)


def _elsewhere(part: Part) -> Part:
    """A part of another text: where it stands in the request is not known."""
    return replace(part, span=(0, 0))


def unfolded(part: Part) -> tuple[Part, ...]:
    """ "Send Ann a summary of the thread" is to summarise it, and to send that."""
    if isinstance(part, Conditional):
        then = tuple(one for p in part.then for one in unfolded(p))
        other = tuple(one for p in part.otherwise for one in unfolded(p))
        return (replace(part, then=then, otherwise=other),)
    if NOTHING.fullmatch(part.words):
        return ()
    m = SUMMARY_OF.fullmatch(part.words)
    whom = (m["who"] or m["whom"] or "me") if m is not None else "me"
    if m is None or whom.lower() in ("me", "us"):
        return (part,)
    return (
        Clause(f"summarise {m['what']}", (0, 0), part.follows),
        Clause(f"{m['verb']} the summary to {whom}", (0, 0)),
    )


@dataclass(frozen=True)
class _Parser:
    """Reads the parts of a stretch of the request; places count in `request.text`."""

    request: Request
    looked: Looked

    @property
    def text(self) -> str:
        return self.request.text

    def parts(self, start: int, end: int, *, follows: bool = False) -> Iterator[Part]:
        """The parts of a stretch, in order."""
        while (start := self._skipped(start, end)) < end:
            front = self._front(start, end, follows)
            if front is None:
                stop = self._next_front(start, end)
                stop = stop if stop > start else end  # or it would begin there for ever
                yield from self._wishes(start, stop, follows)
                start, follows = stop, False
            else:
                yield front
                start, follows = front.span[1], False
            if m := re.compile(r"[\s,;.!]*(?:(?:and\s+)?(?P<then>then)\s+|and\s+|also\s+)*", re.I).match(
                self.text, start, end
            ):
                start, follows = m.end(), m["then"] is not None

    def _front(self, start: int, end: int, follows: bool) -> Conditional | None:
        """A conditional whose condition is said first."""
        m = FRONT.match(self.text, start, end)
        asked = ASKED.match(self.text, start, end) or QUESTION.match(self.text, start, end)
        wish = self._wish_behind(m.end(), end) if m is not None else None
        if asked is not None and (m is None or asked.end() >= m.end()) and not self._told(m, wish, end):
            return self._asked(asked, start, end, follows)
        if m is None or wish is None:
            return None
        stop, begin = wish
        denied = NO.search(self.text, m.end(), stop) is not None
        limit = self._limit(begin, end, denied=denied)
        otherwise = self._else(begin, limit, denied=denied)
        then = tuple(self.parts(begin, otherwise.start() if otherwise else limit))
        other = tuple(self.parts(otherwise.end(), limit)) if otherwise else ()
        return Conditional(
            self.text[m.end() : stop].strip(TRIMMED), m["not"] is not None, then, other, (start, limit),
            follows, event=m["event"] is not None,
        )  # fmt: skip

    def _told(self, m: re.Match[str] | None, wish: tuple[int, int] | None, end: int) -> bool:
        """Whether what is to be done is said before any "if so": "if I have none, block it; if I do, ..."."""
        if m is None or wish is None:
            return False
        so = [one.start() for p in (SO, NOT_SO) if (one := p.search(self.text, m.end(), end)) is not None]
        return not so or wish[1] <= min(so)

    def _next_front(self, start: int, end: int) -> int:
        """Where a condition is said in front of a wish, behind other wishes: "...; if ..., ..."."""
        for m in INTO_FRONT.finditer(self.text, start, end):
            if (
                m.start() > start
                and not self._closed(m.start())
                and self._front(self._skipped(m.end(), end), end, False) is not None
            ):
                return m.start()
        return end

    def _asked(self, m: re.Match[str], start: int, end: int, follows: bool) -> Conditional | None:
        """ "Check whether Ann is free at 3, and if so book a call, if not ..."; "Is she free? If not ..."."""
        begin = m.end() if re.search(r"\b(?:whether|if)\s+$", m.group(), re.I) else m.start()
        so, not_so = SO.search(self.text, begin, end), NOT_SO.search(self.text, begin, end)
        if so is None and (not_so is None or not self._begins(not_so.end(), end)):
            other = ELSE.search(self.text, begin, end)
            if other is None or not self._begins(other.end(), end):
                return None
            not_so = other
        if so is not None and not self._begins(so.end(), end):
            return None
        first = so if so is not None and (not_so is None or so.start() < not_so.start()) else not_so
        if first is None:
            return None
        condition = self.text[begin : first.start()].strip(" ,;.!?")
        if first is not so:  # only what is to be done if not
            return Conditional(
                condition, True, tuple(self.parts(first.end(), end)), (), (start, end), follows
            )
        otherwise = self._else(first.end(), end)
        then = tuple(self.parts(first.end(), otherwise.start() if otherwise else end))
        other_parts = tuple(self.parts(otherwise.end(), end)) if otherwise else ()
        return Conditional(condition, False, then, other_parts, (start, end), follows)

    def _wish_behind(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a condition that is said first ends, and where the wish behind it begins."""
        for m in COMMA.finditer(self.text, start, end):
            if not self._closed(m.end()) and self._begins(m.end(), end):
                return m.start(), m.end()
        for m in FIRST.finditer(self.text, start, end):  # "if Ann is free at 2 book a call with her"
            before = self.text[start : m.start()]
            if before.endswith((" ", "\t")) and not self._closed(m.start()) and self.looked(before.strip()):
                return m.start(), m.start()
        return None

    def _limit(self, start: int, end: int, *, denied: bool = False) -> int:
        """Where what depends on a condition ends: at a full stop, unless "otherwise" goes on behind it."""
        for m in FULL_STOP.finditer(self.text, start, end):
            at_else = ELSE.match(self.text, m.start(), end)
            at_else = at_else or (CONTRARY.match(self.text, m.start(), end) if denied else None)
            if self._closed(m.start()) or (at_else and self._goes_on(at_else.end(), end)):
                continue
            if self._begins(m.end(), end) or FRONT.match(self.text, m.end(), end):
                return m.start()
        return end

    def _else(self, start: int, end: int, *, denied: bool = False) -> re.Match[str] | None:
        """Where "otherwise" is said; behind a condition that denies, "if I do" says so too."""
        found = [*ELSE.finditer(self.text, start, end)]
        found += CONTRARY.finditer(self.text, start, end) if denied else []
        for m in sorted(found, key=lambda m: m.start()):
            if self.request.closed(*m.span()) and m.end() <= len(self.request.head):
                continue
            if self._goes_on(m.end(), end):
                return m
        return None

    def _wishes(self, start: int, end: int, follows: bool) -> Iterator[Part]:
        """Wishes one after the other, the last of them perhaps with a condition behind it."""
        made: list[Clause] = []
        for begin, stop, then in self._split(start, end):
            words = self.text[begin:stop].strip(" ,;")
            made.append(Clause(words, (begin, stop), then or (follows and not made)))
        if not made:
            return
        for n, one in enumerate(made):
            behind = self._behind(one, end)
            if behind is None:
                yield one
                continue
            m, stop = behind
            wish = Clause(self.text[one.span[0] : m.start()].strip(" ,;"), (one.span[0], m.start()))
            otherwise = self._else(m.end(), end)
            rest = tuple(self.parts(otherwise.end(), end)) if otherwise else ()
            condition = self.text[m.end() : otherwise.start() if otherwise else stop].strip(TRIMMED)
            yield Conditional(
                condition, m["not"] is not None, (wish,), rest, (one.span[0], end if otherwise else stop),
                one.follows, event=m["event"] is not None, doubtful=n > 0 and not one.follows,
            )  # fmt: skip
            if otherwise:
                return

    def _behind(self, one: Clause, end: int) -> tuple[re.Match[str], int] | None:
        """The condition behind a wish, and where it ends."""
        start, stop = one.span
        body = text_of_mail(self.request, start, stop)
        for m in BEHIND.finditer(self.text, start, stop):
            if self._closed(m.start()) or ASKS_WHETHER.fullmatch(self.text, start, m.start()):
                continue
            condition = self.text[m.end() : stop]
            if otherwise := ELSE.search(condition):
                condition = condition[: otherwise.start()]
            if m["event"] is not None and not self.looked(condition):
                continue  # "when we met", "once more"
            if body is not None and m.start() >= body:
                if m["only"] or (m["not"] is not None and self.looked(condition)):
                    return m, stop
                continue
            if m["only"] or self.looked(condition) or (m["not"] is None and self._depends(start, condition)):
                return m, stop
        return None

    def _depends(self, start: int, condition: str) -> bool:
        """Whether words behind "if" say on what a wish depends, although nothing can be looked at."""
        asks = re.compile(r"(?:wh|how|is\b|are\b|am\b|do|did|has|have)", re.I).match(self.text, start)
        return not asks and CLAUSE.match(condition) is not None and not KIND.match(condition)

    def _split(self, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Where wishes begin and end in a stretch, and whether each was said "then"."""
        head = min(end, len(self.request.head))
        begin, then = start, False
        first = FIRST.match(self.text, self._verb(start, end))
        if self._scheduled(start):
            yield start, end, False
            return
        body = text_of_mail(self.request, start, end)
        at = opened = first.end() if first is not None else start
        while (m := JOINT.search(self.text, at, head)) is not None:
            verb = m.start("verb")
            at = m.end("joint") if m.end("joint") > at else m.end()
            if self.request.closed(verb, verb + 1) or verb <= opened:
                continue
            if first is None and THEN.search(m["joint"]) is None:
                continue  # a reason, perhaps, and no wish: only what is said "then" follows one
            if body is not None and verb > body and not joins_clauses(self.request, m, body):
                continue
            told = body is not None and verb > body
            if not begins(self.request, m, self.text[begin:body] if told else self.text[begin : m.start()]):
                continue
            yield begin, m.start(), then
            begin, then = verb, THEN.search(m["joint"]) is not None
            body = text_of_mail(self.request, begin, end)
        yield begin, end, then

    def _verb(self, start: int, end: int) -> int:
        """Where the first verb stands: behind a time that is said first ("tomorrow at 3, book ...")."""
        if FIRST.match(self.text, start, end):
            return start
        lead = re.compile(r"[^,]+,\s*").match(self.text, start, end)
        timed = (
            any(start <= t.span[0] and t.span[1] <= lead.end() for t in self.request.times) if lead else False
        )
        return lead.end() if lead and timed else start

    def _scheduled(self, start: int) -> bool:
        """Whether all that follows is to be done again and again: "every Friday at 8 ..."."""
        return any(
            t.kind == "recurrence" and not self.text[start : t.span[0]].strip(" ,")
            for t in self.request.times
        )

    def _begins(self, at: int, end: int) -> bool:
        at = self._skipped(at, end)
        return FIRST.match(self.text, at, end) is not None or FRONT.match(self.text, at, end) is not None

    def _goes_on(self, at: int, end: int) -> bool:
        """Whether a branch stands behind "otherwise": a wish, or that nothing shall be done."""
        return self._begins(at, end) or NOTHING.match(self.text, at, end) is not None

    def _skipped(self, at: int, end: int) -> int:
        m = re.compile(r"(?:[\s,;]|please\s|just\s|then\s)*", re.I).match(self.text, at, end)
        return m.end() if m else at

    def _closed(self, at: int) -> bool:
        """Whether a place lies in a quotation, an address or the text that a wish brings along."""
        return at >= len(self.request.head) or self.request.closed(at, at + 1)
