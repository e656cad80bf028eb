"""Answer a question from what is archived, each sentence with the exact version it stands in."""

from __future__ import annotations

from datetime import datetime

from deskhand.agent.actions import Context, Output, action
from deskhand.connectors.model import ItemRef, Label

READ = 12
"""Hits whose passages are read for an answer."""


@action("question.answer")
def answer(
    context: Context,
    *,
    question: str,
    person: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Output:
    """The sentences that answer a question, or that nothing was found and what comes nearest."""
    from deskhand.agent.reading.answer import answer as compose
    from deskhand.index.model import Query

    hits = context.search(Query(text=question, person=person, since=since, until=until, limit=READ))
    passages = []
    for hit in hits:
        item = context.archive.item(ItemRef.parse(hit.ref), hit.version)
        if item is not None:
            passages.append((item, hit.text))
    brief = compose(question, passages, zone=context.owner.zone)
    origins = tuple(str(c.ref) for c in brief.citations())
    return Output({"title": brief.title}, {"": Label("untrusted", origins, ())}, brief)
