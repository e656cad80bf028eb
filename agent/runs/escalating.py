"""Questions that nobody answers: a reminder after a time, and what the plan says for when it is over.

What is due is worked out from the question and the clock alone, and each thing is recorded as it is done: a
process that was off over all of it does each once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from deskhand.agent.model import Approval, Run
from deskhand.agent.records.state import Note, Records
from deskhand.agent.times import say_instant

MOST = 3
"""So often a question that nobody answers is asked again by itself; after that it waits to be looked at."""

REMINDED = "reminded"
"""The event of a run that says that the person was reminded: {approval}."""

Due = Literal["remind", "over"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What the person is told of a question that waits."""

    approval: str
    run: str
    about: Due
    text: str


def due(approval: Approval, *, now: datetime, remind_after: timedelta) -> Due | None:
    """What is due for a question that waits; None: nothing yet, or nothing more.

    :param remind_after: from the question to its reminder; 0 is never.
    """
    if approval.state != "pending":
        return None
    if now >= approval.expires:
        return "over"
    if remind_after and approval.reminded is None and now >= approval.created + remind_after:
        return "remind"
    return None


@dataclass(frozen=True)
class Escalating:
    """Reminds, and does what follows when nobody has answered."""

    records: Records
    zone: str
    now: Callable[[], datetime]
    remind_after: timedelta
    go_on: Callable[[str], None]
    wait: Callable[[str], Run]

    def reminders(self) -> list[Notice]:
        """What `escalate` would remind of now. Nothing is written: who asks for it only looks."""
        now, after = self.now(), self.remind_after
        waiting = self.records.approvals(state="pending")
        return [self._reminder(a, now) for a in waiting if due(a, now=now, remind_after=after) == "remind"]

    def escalate(self) -> list[Notice]:
        """Do what is due for all that waits, once; what there is to tell."""
        now = self.now()
        told = list[Notice]()
        for asked in self.records.approvals(state="pending"):
            match due(asked, now=now, remind_after=self.remind_after):
                case "remind":
                    if (notice := self._reminded(asked, now)) is not None:
                        told.append(notice)
                case "over":
                    if (notice := self._over(asked, now)) is not None:
                        told.append(notice)
                case None:
                    pass
        return told

    def _reminded(self, asked: Approval, now: datetime) -> Notice | None:
        told = Note(REMINDED, now, {"step": asked.step, "approval": asked.id})
        if self.records.take([(asked.model_copy(update={"reminded": now}), told)]):
            return None  # decided this very moment
        return self._reminder(asked, now)

    def _reminder(self, asked: Approval, now: datetime) -> Notice:
        since, until = (say_instant(t, self.zone, now) for t in (asked.created, asked.expires))
        text = (
            f"{asked.id} waits for you since {since}: {asked.summary}. Decide by {until}: "
            f"deskhand approve {asked.id} (or reject, edit)"
        )
        return Notice(asked.id, asked.run, "remind", text)

    def _over(self, asked: Approval, now: datetime) -> Notice | None:
        before = [a for a in self.records.approvals(run=asked.run, state="expired") if a.step == asked.step]
        if asked.unanswered == "ask again" and sum(a.decision is None for a in before) >= MOST:
            return None
        told = Note("expired", now, {"step": asked.step, "approval": asked.id})
        if self.records.take([(asked.model_copy(update={"state": "expired"}), told)]):
            return None
        self.go_on(asked.run)
        run = self.wait(asked.run)
        until = say_instant(asked.expires, self.zone, now)
        said = f"Nobody decided {asked.id} until {until}: {asked.summary}."
        again = next((a for a in run.approvals if a.state == "pending" and a.step == asked.step), None)
        if again is not None:
            said += f" It is asked again: deskhand approve {again.id} (or reject, edit)"
        elif asked.unanswered == "ask again":
            said += f" {run.id} is {run.status}: deskhand show {run.id}"
        elif asked.unanswered == "stop":
            said += f" As the plan says, nothing more of {run.id} is begun."
        elif asked.unanswered == "leave out":
            said += f" As the plan says, {run.id} goes on without it."
        return Notice(asked.id, asked.run, "over", said)
