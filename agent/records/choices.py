"""What the person chose where a name could mean several people, and what is learnt from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select

from deskhand.agent.records.audit import Audit
from deskhand.agent.records.subjects import LOST, REMOVED, Told, of_choice, standing_of
from deskhand.agent.records.tables import choices, faded, runs
from deskhand.connectors.database import insert_new, reading

OFTEN = 3
"""The same choice so many times, the last ones in a row, is what the name means from then on."""

_ALL = select(*faded(*choices.c)).order_by(choices.c.word, choices.c.at, choices.c.run)
# Of a run that ended by a no, or was stopped: whoever was chosen there may be why.
_ENDED = select(runs.c.id).where(
    runs.c.status.in_(("rejected", "cancelled")), runs.c.id.in_(select(choices.c.run))
)


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
    altered: bool = False
    """A choice of this name, or a run that chose, is not what the audit chain says, or is no more: who was
    meant is not known any more."""

    @property
    def used(self) -> bool:
        """Whether it is gone by; before that it is only remembered."""
        return len(self.choices) >= OFTEN and not self.altered


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
        made: dict[str, Learnt] = {}
        with reading(self.engine) as db:
            rows = [
                r for r in db.execute(_ALL) if all(isinstance(x, str) for x in (r.word, r.address, r.run))
            ]
            taken_back = set(db.execute(_ENDED).scalars())
            astray = {subject.rpartition(" ")[0] for subject in self.astray(db, "choice")}
            other = self.astray(db, "run", {r.run for r in rows})
        astray |= {r.word for r in rows if r.run in other}
        for row in rows:
            if row.run in taken_back or not isinstance(row.at, datetime):
                continue
            before = made.get(row.word)
            same = before.choices if before is not None and before.address == row.address else ()
            choice = Choice(row.word, row.address, row.run, row.at)
            made[row.word] = Learnt(row.word, row.address, (*same, choice), row.word in astray)
        return list(made.values())

    def unlearn(self, word: str) -> Sequence[str]:
        """Forget what was learnt of a name; the runs that chose, the first one first."""
        mine = choices.c.word == word
        with self._audited() as (db, lines):
            there = {t.subject: t for t in standing_of(db, "choice") if t.subject.rpartition(" ")[0] == word}
            gone = {s for s in self.astray(db, "choice") if s.rpartition(" ")[0] == word} - there.keys()
            order = db.execute(select(choices.c.run).where(mine).order_by(choices.c.at, choices.c.run))
            subjects = [*(f"{word} {run}" for run in order.scalars()), *sorted(gone)]
            for subject in subjects:
                lines.before("choice", subject)
                run = subject.rpartition(" ")[2]
                lines.add(replace(there.get(subject, Told("choice", run, subject, "", LOST)), state=REMOVED))
            db.execute(delete(choices).where(mine))
        return [subject.rpartition(" ")[2] for subject in subjects]
