"""Answer a question from what is archived, each sentence with the exact version it stands in."""

from __future__ import annotations

import re
from datetime import datetime

from deskhand.agent.actions import Context, Output, action
from deskhand.agent.actions._shapes import Told
from deskhand.agent.actions._texts import texts
from deskhand.agent.model import Brief, Section
from deskhand.connectors.model import Item, ItemRef, Label

READ = 12
"""Hits whose passages are read for an answer."""

PARTS = 3
"""Questions in one that are answered one by one."""

_AND = re.compile(
    r"(?:\s*[,;]\s*(?:and\s+)?|\s+and\s+)"
    r"(?=(?:who|whom|whose|what|when|where|which|why|how|did|does|do|is|are|was|were|has|have)\b)",
    re.I,
)
_POINTS_BACK = re.compile(r"\b(?:it|its|this|that|they|them|their|these|those|he|she|him|her|his)\b", re.I)

_TOPIC = re.compile(r"^(?:what|which|whose)\s+(\w+)", re.I)


@action("question.answer", gives=Told)
def answer(
    context: Context,
    *,
    question: str,
    person: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Output:
    """The sentences that answer a question, or that nothing was found and what comes nearest.

    Two questions in one ("what ..., and who agreed to it?") are answered one after the other.
    """
    from deskhand.agent.reading.answer import answer as compose
    from deskhand.index.model import Query

    told: list[Brief] = []
    asked = parts(question)
    for part, full in asked:
        hits = context.search(Query(text=full, person=person, since=since, until=until, limit=READ))
        passages: list[tuple[Item, str]] = []
        for hit in hits:
            item = context.archive.item(ItemRef.parse(hit.ref), hit.version)
            if item is not None:
                passages.append((item, hit.text))
        brief = compose(full, passages, zone=context.owner.zone)
        told.append(brief.model_copy(update={"title": part}))
    brief = told[0] if len(told) == 1 else _joined(question, told)
    origins = tuple(str(c.ref) for c in brief.citations())
    return Output(texts(context, brief), {"": Label("untrusted", origins, ())}, brief)


def parts(question: str) -> list[tuple[str, str]]:
    """The questions in a question: as it was said, and in full, with what "it" points back to."""
    said = [p.strip() for p in _AND.split(question.strip()) if p.strip()]
    if not 1 < len(said) <= PARTS or any(len(p.split()) < 2 for p in said):
        return [(question, question)]
    # With a capital, what was asked about must stand in an answer: a sentence near it answers something else.
    first = _TOPIC.sub(lambda m: m.group(1).title(), said[0].rstrip("?"))
    return [(said[0], said[0])] + [
        (p, f"{p.rstrip('?')} ({first})?" if _POINTS_BACK.search(p) else p) for p in said[1:]
    ]


def _joined(question: str, told: list[Brief]) -> Brief:
    sections = [
        Section(heading=section.heading or brief.title, passages=section.passages)
        for brief in told
        for section in brief.sections
    ]
    notes = " ".join(dict.fromkeys(b.note for b in told if b.note))
    return Brief(title=question, sections=tuple(sections), note=notes)
