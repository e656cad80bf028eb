"""What becomes known of an effect when its run is over: the row and the answer that tells of it are one."""

from __future__ import annotations

from sqlalchemy import select, update

from deskhand.agent.model import Effect, EffectState
from deskhand.agent.records.book import Book, clean
from deskhand.agent.records.subjects import of_run
from deskhand.agent.records.tables import runs
from deskhand.agent.records.trace import Note, Trace


class Since(Book, Trace):
    """Writes what was found out later. Every method is one transaction."""

    def turn_and_tell(self, effect: Effect, *, was: EffectState, said: str, note: Note) -> bool:
        """Keep a new state of a row, if the old one still stands, and add a paragraph to the answer of its
        run, be it over: neither is there without the other."""
        with self._audited() as (db, lines):
            if not self._turn(db, lines, effect, was=was):
                return False
            mine = runs.c.id == effect.run
            lines.before("run", effect.run)
            before = db.execute(select(runs.c.answer).where(mine)).scalar_one()
            answer = "\n\n".join(filter(None, [before, self._hide(clean(said))]))
            db.execute(update(runs).where(mine).values(answer=answer))
            self._note(db, effect.run, [note])
            lines.add(of_run(dict(db.execute(select(runs).where(mine)).one()._mapping)))
            return True
