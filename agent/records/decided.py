"""Decisions as they are taken: what was said and what it allows from then on stand or fall together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import select

from deskhand.agent.model import Approval, Permission
from deskhand.agent.records.asked import Asked
from deskhand.agent.records.granted import Granted
from deskhand.agent.records.tables import approvals
from deskhand.agent.records.trace import Note, Trace


class Decided(Asked, Granted, Trace):
    """Writes decisions. Every method is one transaction."""

    def take(
        self,
        said: Sequence[tuple[Approval, Note]],
        *,
        grant: tuple[Permission, Note] | None = None,
        was: Mapping[str, str] = MappingProxyType({}),
    ) -> list[str]:
        """Keep what was said to questions that wait, each with the event that tells of it; the ids of those
        that somebody else was quicker with, of which nothing is kept.

        :param grant: a permission that is given with the only one of them, and the event that tells of it,
            both under a fresh id: it is there when the decision is, and not without.
        :param was: how each stood when it was looked at, by its id; else it waited ("pending").
        """
        late = list[str]()
        with self._audited() as (db, lines):
            for approval, note in said:
                if self._turned(db, lines, approval, was=was.get(approval.id, "pending")):
                    self._note(db, approval.run, [note])
                else:
                    late.append(approval.id)
            if grant is not None and not late:
                permission, note = grant
                named = permission.model_copy(update={"id": self._next_permission(db)})
                self._grant(db, lines, named)
                told = Note(note.type, note.at, {**note.data, "permission": named.id})
                self._note(db, said[0][0].run, [told])
        return late

    def annul(self, approval: Approval, note: Note) -> None:
        """Withdraw a question, in whatever state its record is, with the event that tells of it: it is to be
        asked anew."""
        with self._audited() as (db, lines):
            for row in db.execute(select(approvals).where(approvals.c.id == approval.id)).all():
                self._withdrawn(db, lines, row)
                self._note(db, row.run, [note])
