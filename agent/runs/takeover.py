"""A run that another Deskhand began: gone on with, ended with a reason, or left alone."""

from __future__ import annotations

from datetime import datetime

from deskhand.agent.model import FORMAT, Run
from deskhand.agent.plans.validate import faults
from deskhand.agent.records.state import Note, Records


def taken_over(run: Run, records: Records, *, now: datetime) -> bool:
    """Whether this Deskhand goes on with a run that is not finished.

    What an earlier one began is kept as this one keeps it from now on. Where that cannot be carried on, the
    run has failed and says so; what a later one began is left to it, untouched.
    """
    if run.format > FORMAT:
        return False
    if run.format == FORMAT and not run.problem:
        return True
    wrong = [str(f) for f in faults(run.plan)] if run.plan else []
    said = {"format": run.format}
    if not run.problem and not wrong:
        records.set_run(run.id, now=now, notes=[Note("taken over", now, said)], format=FORMAT)
        return True
    why = run.problem or f"This Deskhand cannot carry on a plan of the one before: {' '.join(wrong[:3])}"
    answer = f"{why} So it was ended; what was done is kept (deskhand show {run.id}). Ask for the rest anew."
    notes = [Note("not sound", now, said | {"faults": [why]})]
    records.set_run(run.id, now=now, notes=notes, status="failed", answer=answer)
    return False
