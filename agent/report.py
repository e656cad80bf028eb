"""What a run says in the end: what was done (as read back), what was not and why, and what it found."""

from __future__ import annotations

from collections.abc import Mapping

from deskhand.agent.model import Brief, Passage, Run, RunStatus, Section
from deskhand.agent.render import to_text
from deskhand.agent.state import StepState
from deskhand.connectors.operations import OPERATIONS


def compose(
    run: Run, steps: Mapping[str, StepState], *, zone: str, cancelled: bool = False
) -> tuple[RunStatus, str, Brief | None]:
    """The status, the answer as plain text, and the brief behind it, if there is one."""
    plan = run.plan
    if plan is None:
        return "failed", "Nothing was planned.", None
    states = [(s, steps.get(s.id)) for s in plan.steps]
    done = [s for s, state in states if state and state.state == "done"]
    failed = [(s, state) for s, state in states if state and state.state == "failed"]
    said = [
        f"{state.value['said']}."
        for s, state in states
        if state and state.state == "done" and s.op in OPERATIONS and isinstance(state.value, dict)
    ]
    wrong = [_sentence(state.error) for _, state in failed]
    briefs = [state.brief for _, state in states if state and state.brief and state.state == "done"]
    brief = _join(briefs, said, wrong)
    if cancelled:
        wrong.insert(0, "Stopped: you cancelled this run.")
    lines = [*said, *wrong]
    if briefs:
        lines.append(to_text(_join(briefs, [], []) or briefs[0], zone=zone).rstrip())
    status = _status(bool(done), bool(said), bool(failed), cancelled)
    if failed and any(isinstance(state.value, dict) and "choices" in state.value for _, state in failed):
        status = "unclear" if not said else "partial"
    return status, "\n\n".join(lines) or "Done; there was nothing to say.", brief


def _status(done: bool, wrote: bool, failed: bool, cancelled: bool) -> RunStatus:
    if cancelled:
        return "cancelled"
    if not failed:
        return "done"
    return "partial" if wrote else "failed"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _join(briefs: list[Brief], said: list[str], wrong: list[str]) -> Brief | None:
    lead = tuple(Passage(text=t) for t in (*said, *wrong))
    sections = ((Section(heading="", passages=lead),) if lead else ()) + tuple(
        s for b in briefs for s in b.sections
    )
    if not sections and not briefs:
        return None
    return Brief(
        title=briefs[0].title if briefs else (said or wrong or [""])[0],
        sections=sections,
        note=" ".join(b.note for b in briefs if b.note),
    )
