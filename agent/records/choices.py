"""What the person chose where a name could mean several people, and what is learnt from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from deskhand.agent.records.audit import Audit
from deskhand.agent.records.subjects import REMOVED, of_choice
from deskhand.agent.records.tables import choices, runs
from deskhand.connectors.database import insert_new, reading

OFTEN = 3
"""The same choice so many times, the last ones in a row, is what the name means from then on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of the person's."""

    word: str
    """The name that was asked about, lower case."""
    address: str
    """Who was chosen."""
    run: str
    """The run that chose."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Learnt:
    """What choices say of a name: who was chosen last, and since when nobody else was."""

    word: str
    address: str
    choices: tuple[Choice, ...]
    """The last choices in a row that chose this person, oldest first: where it was learnt from."""

    @property
    def used(self) -> bool:
        """Whether it is gone by; before that it is only remembered."""
        return len(self.choices) >= OFTEN


class Choices(Audit):
    """Reads and writes the table of choices. Every method is one transaction."""

    def chose(self, choice: Choice) -> None:
        """Remember a choice; of one run for one name, the first."""
        row = {"word": choice.word, "address": choice.address, "run": choice.run, "at": choice.at}
        with self._audited() as (db, lines):
            lines.before("choice", f"{choice.word} {choice.run}")
            if db.execute(insert_new(self.engine, choices), row).rowcount:
                lines.add(of_choice(row))

    def learnt(self) -> list[Learnt]:
        """What was learnt of each name, by name; nothing from runs that were rejected or stopped."""
        # Of a run that ended by a no, or was stopped: whoever was chosen there may be why.
        taken_back = select(runs.c.id).where(runs.c.status.in_(("rejected", "cancelled")))
        query = select(choices).where(choices.c.run.not_in(taken_back))
        query = query.order_by(choices.c.word, choices.c.at, choices.c.run)
        with reading(self.engine) as db:
            rows = [Choice(r.word, r.address, r.run, r.at) for r in db.execute(query)]
        made: dict[str, Learnt] = {}
        for row in rows:
            before = made.get(row.word)
            same = before.choices if before is not None and before.address == row.address else ()
            made[row.word] = Learnt(row.word, row.address, (*same, row))
        return list(made.values())

    def unlearn(self, word: str) -> Sequence[Choice]:
        """Forget what was learnt of a name; what was forgotten."""
        mine = choices.c.word == word
        with self._audited() as (db, lines):
            gone = db.execute(select(choices).where(mine).order_by(choices.c.at, choices.c.run)).all()
            for row in gone:
                lines.before("choice", f"{row.word} {row.run}")
                lines.add(of_choice(dict(row._mapping), REMOVED))
            db.execute(delete(choices).where(mine))
        return [Choice(r.word, r.address, r.run, r.at) for r in gone]
