"""What the person said with a no: a plan is made anew from her words, in a run of its own.

Only her own words go into it: the wish, and what she said to its question. A plain no stays a no.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deskhand.agent.model import FOLLOWING, Run
from deskhand.agent.people import learning
from deskhand.agent.planners import reading, telling
from deskhand.agent.planners.rewording.amended import amended
from deskhand.agent.plans.differing import differences
from deskhand.agent.plans.language import Plan
from deskhand.agent.plans.validate import faults
from deskhand.agent.records.state import Note
from deskhand.agent.runs.asides import awaited
from deskhand.agent.runs.footing import TRIED, Footing
from deskhand.agent.runs.trials import TIMEOUT
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import quoted

MOST = 3
"""So often what was said is taken up, from the first wish on."""

PLANNED = "planned"
"""The event of a run that has its plan; `words`: it was made from the person's words."""

_PLAIN = re.compile(r"[\W_]*(?:no+|nope|never|stop|don'?t|not now|later|cancel|nein|n)?[\W_]*", re.I)
_SHOWN = 200


@dataclass(frozen=True, eq=False)
class Heard:
    """What was said to the questions of one run."""

    on: Footing

    def taken_up(self) -> str:
        """Plan anew by what was said, once; what became of that, as sentences. "" where nothing was said.

        Safe to be called again after a crash: what was planned anew already is only told.
        """
        run = self.on.progress.run
        said = self._said()
        if not said or self.on.progress.stopped or not self._from_words():
            return ""
        told = " and ".join(visible(quoted(s, most=_SHOWN), lines=False) for s in said)
        if run.anew:
            again = self.on.tools.records.run(run.anew)
            return self._told(told, again) if again is not None else ""
        if any(e.state not in ("intended", "failed", "withdrawn") for e in self.on.effects):
            return f"You said {told}. A part of it is done by now, so say in words what is still to be done."
        if len(run.reasons) + len(said) > MOST:
            return f"You said {told}. So much was taken up by now; say the whole wish anew, please."
        tries: list[Mapping[str, Any]] = []
        if (over := self.on.account.stopped()) is not None:
            return f"You said {told}. {over}, so it is not planned anew. {over.remedy}"
        left = self.on.account.seconds_left()
        seconds = TIMEOUT if left is None else min(TIMEOUT, left)
        try:
            # A model may be asked: it is waited for as a step is, no longer, and not once the run is stopped.
            found = awaited(
                lambda: self._planned(run, said, tries), halt=self.on.progress.halt, seconds=seconds
            )
        except TimeoutError:
            over = self.on.account.stopped()
            why = str(over) if over is not None else f"Planning it anew took longer than {seconds:g} seconds"
            self.on.progress.note("not planned anew", said=list(said), why=why)
            return f"You said {told}. {why}, so it stays at your no. To have it otherwise, ask for it anew."
        if found is None:
            return ""
        wish, made = found
        if made is None:
            return (
                f"I made nothing of {told} beside your wish, so it stays at your no. To have it otherwise, "
                "ask for it anew."
            )
        records, now = self.on.tools.records, self.on.tools.now()
        name = records.take_up(
            run, wish, reasons=(*run.reasons, *said), plan=made, now=now,
            note=Note("taken up", now, {"said": list(said), "request": wish, "plan": made.hash}),
            # The gate asks the new run whether a model had a hand in its plan, and what no words cover.
            planned=[Note(TRIED, now, how) for how in tries],
        )  # fmt: skip
        self.on.progress.run = run.model_copy(update={"anew": name})
        again = records.run(name)
        return self._told(told, again) if again is not None else ""

    def _said(self) -> list[str]:
        """What was said instead of a mere no, once each, in the order it was asked."""
        asked = self.on.tools.records.approvals(run=self.on.progress.run.id, state="rejected")
        said = (a.decision.reason.strip() for a in asked if a.kind == "write" and a.decision is not None)
        return list(dict.fromkeys(s for s in said if not _PLAIN.fullmatch(s)))

    def _from_words(self) -> bool:
        """Whether the plan was made from what the person said, and from nothing else."""
        run = self.on.progress.run
        if run.id.startswith(FOLLOWING):
            return False
        events = self.on.tools.records.events(run.id)
        return any(e.type == PLANNED and e.data.get("words") for e in events)

    def _planned(
        self, run: Run, said: Sequence[str], tries: list[Mapping[str, Any]]
    ) -> tuple[str, Plan | None]:
        """The wish as it is meant by now, and the plan for it; None: there is none, or the same.

        :param tries: gets what became of each try of a model.
        """
        known, wish = self.on.tools.known(), run.request
        for words in said:
            put = amended(wish, words, known)
            if put is None:
                return "", None
            wish = put

        def tell(how: Mapping[str, Any]) -> None:
            self.on.tried(how)
            tries.append(how)

        planner = telling(self.on.tools.planner, tell, purse=self.on.account.tries)
        made = learning.tell(reading(planner, wish, known).plan, wish, known)
        if not isinstance(made, Plan) or any(True for _ in faults(made)):
            return wish, None
        old = run.plan
        return wish, None if old is not None and not differences(old, made) else made

    def _told(self, said: str, again: Run) -> str:
        old = self.on.progress.run.plan
        other = differences(old, again.plan) if old is not None and again.plan is not None else []
        what = f" What is different: {' '.join(visible(o, lines=False) for o in other)}" if other else ""
        wish = visible(quoted(again.request), lines=False)
        return f"You said {said}, so it is planned anew as {again.id}: {wish}.{what}"
