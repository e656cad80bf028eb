"""What a run says in the end: what was done (as read back), what was not and why, and what it found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from deskhand.agent.model import FOLLOWING, Brief, Effect, Passage, Run, RunStatus, Section
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.amends import taken_back, told
from deskhand.agent.runs.spread import spread
from deskhand.agent.runs.unfollowed import unfollowed
from deskhand.agent.trust.proven import proven_keys
from deskhand.agent.wording.render import to_text
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import shortened, withdrawn
from deskhand.connectors.operations import OPERATIONS, operation

_LATER = "It is not lost: once there is more, it is looked at again with the next sync."
_REST = "The rest is not begun again by itself: ask for it in words."
"""What becomes of an answer whose run a budget stopped; nobody will answer a second time."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a run ended, for the person."""

    status: RunStatus
    answer: str
    """Plain text."""
    brief: Brief | None
    """What the answer was rendered from, where there is something to cite."""
    choices: tuple[str, ...]
    """With a question: whole requests that answer it."""


def compose(
    run: Run,
    states: Mapping[str, StepState],
    *,
    zone: str,
    cancelled: bool = False,
    why: str = "",
    unsure: Collection[str] = (),
    remarks: Sequence[str] = (),
    effects: Sequence[Effect] = (),
    heard: str = "",
) -> Told:
    """Put together what the steps of a finished run left.

    :param why: what stopped it, where that was not the person.
    :param unsure: steps whose write was cut off: nobody knows whether it happened.
    :param effects: its ledger rows: a step is said to have done something only where one of them shows it.
    :param remarks: what the person must know about how it came about.
    :param heard: what became of what was said with a no.
    """
    steps = spread(run.plan.steps, states) if run.plan else ()
    left = [(s, states[s.id]) for s in steps if s.id in states]
    undone = taken_back(run.amends, states)
    shown = proven_keys(effects)
    said = _done(left, shown, but=undone)
    wrote = bool(said)
    said += [_sentence(state.error) for _, state in left if state.state == "unneeded" and state.error]
    said += unfollowed([s for s, _ in left], states)
    failed = [state for _, state in left if state.state == "failed"]
    # One question at a time: the next one, if it is still one, comes with the next request.
    questions = [s for s in failed if isinstance(s.value, dict) and "choices" in s.value]
    question = questions[0] if questions else None
    wrong = [_sentence(s.error) for s in failed if s not in questions]
    stopped = _stopped([(s, state) for s, state in left if state.state == "skipped"])
    wrong += stopped
    if stopped and run.id.startswith(FOLLOWING):
        wrong.append(_REST if wrote else _LATER)
    if cancelled:
        wrong.insert(0, f"Stopped: {why or 'you cancelled this run.'}")
    wrong += [
        f"Whether this happened is not known, it was cut off; please look: {purpose_of(s)}."
        for s in steps
        if s.id in unsure
    ]
    back = [e for e in effects if e.state == "withdrawn" and e.step not in states]
    wrong += [withdrawn(operation(e.operation, e.arguments)) for e in back]
    open_ = [
        s
        for s in steps
        if s.id not in unsure
        and s.id not in {e.step for e in back}
        and (s.id not in states or states[s.id].state == "skipped")
    ]
    lost = [s for s in open_ if s.op in OPERATIONS]
    if lost and (wrong or said) and not question and not stopped:
        wrong.append(f"So this was not done: {', '.join(dict.fromkeys(purpose_of(s) for s in lost))}.")
    elif cancelled and open_:
        wrong.append(f"So this was not done: {', '.join(dict.fromkeys(purpose_of(s) for s in open_))}.")
    if question is not None:
        wrong.append(_sentence(question.error))
    if run.amends is not None:
        wrong += told(run.amends, states)
    if heard:
        wrong.append(heard)
    briefs = [state.brief for _, state in left if state.brief and state.state == "done"]
    # What only says its title is one more line, not a heading over itself.
    said += [b.title for b in briefs if _bare(b)]
    briefs = [b for b in briefs if not _bare(b)]
    lines = [*said, *wrong]
    noted = " ".join(_sentence(r) for r in remarks)
    if briefs:
        note = " ".join(filter(None, [briefs[-1].note, noted]))
        briefs[-1] = briefs[-1].model_copy(update={"note": note})
        lines.append(to_text(_join(briefs, ()), zone=zone).rstrip())
    elif noted:
        lines.append(f"Note: {noted}")
    some = wrote or (bool(stopped) and any(state.state == "done" for _, state in left))
    return Told(
        status=_status(
            some,
            bool(failed or stopped or _lost(left)),
            asks=question is not None,
            cancelled=cancelled,
            no="" if stopped else _said_no(failed),
        ),
        answer="\n\n".join(lines) or "Done; there was nothing to say.",
        brief=_join(briefs, (*said, *wrong)) if briefs or lines else None,
        choices=tuple(dict.fromkeys(question.value["choices"])) if question is not None else (),
    )


def so_far(
    run: Run,
    states: Mapping[str, StepState],
    *,
    zone: str,
    anew: Sequence[str] = (),
    effects: Sequence[Effect] = (),
) -> str:
    """What a run that waits has done and found: why it asks, and what changed where it asks again.

    :param effects: as for `compose`.
    """
    steps = spread(run.plan.steps, states) if run.plan else ()
    failure = run.amends and states.get(run.amends.because)
    back = [f"{_sentence(failure.error)} What was done before that is taken back."] if failure else []
    briefs = [
        state.brief for s in steps if (state := states.get(s.id)) and state.brief and state.state == "done"
    ]
    found = to_text(_join(briefs, ()), zone=zone).rstrip() if briefs else ""
    again = " ".join(["It is asked again.", *anew]) if anew else ""
    last = visible(shortened(run.reasons[-1], most=200), lines=False) if run.reasons else ""
    heard = f"Planned anew, since you said “{last}”." if last else ""
    left = [(s, states[s.id]) for s in steps if s.id in states]
    done = _done(left, proven_keys(effects), but=taken_back(run.amends, states))
    return "\n\n".join(filter(None, [heard, *done, again, *back, found]))


def _done(
    left: Sequence[tuple[Step, StepState]], shown: Collection[str], *, but: Collection[str]
) -> list[str]:
    """What was done, a sentence each, by the rows that show it."""
    return [
        " ".join([f"{state.value['said']}.", *_anew(state.value.get("anew") or ())])
        for step, state in left
        if state.state == "done"
        and step.op in OPERATIONS
        and isinstance(state.value, dict)
        and state.value.get("effect") in shown
        and step.id not in but
    ]


def _lost(left: Sequence[tuple[Step, StepState]]) -> bool:
    """Whether something was done for some of those it was meant for alone: a server refused the others."""
    values = [state.value for _, state in left if state.state == "done" and isinstance(state.value, dict)]
    return any((v.get("detail") or {}).get("refused") for v in values if "effect" in v)


def _said_no(failed: Sequence[StepState]) -> RunStatus | Literal[""]:
    """How a run ended of which nothing failed but what the person said no to, or took back in time."""
    values = [s.value if isinstance(s.value, dict) else {} for s in failed]
    if not values or not all(v.get("declined") for v in values):
        return ""
    return "cancelled" if all(v.get("withdrawn") for v in values) else "rejected"


def _status(
    wrote: bool, failed: bool, *, asks: bool, cancelled: bool, no: RunStatus | Literal[""] = ""
) -> RunStatus:
    if cancelled:
        return "cancelled"
    if not failed:
        return "done"
    if wrote:
        return "partial"
    return "unclear" if asks else no or "failed"


def _stopped(skipped: Sequence[tuple[Step, StepState]]) -> list[str]:
    """Which budget left something out, what that was, and what would help."""
    why = {
        state.error: str(state.value["budget"])
        for _, state in skipped
        if isinstance(state.value, dict) and "budget" in state.value
    }
    if not why:
        return []
    not_done = ", ".join(dict.fromkeys(purpose_of(s) for s, _ in skipped))
    return [" ".join([f"{'. '.join(why)}, so this was not done: {not_done}.", *dict.fromkeys(why.values())])]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _anew(changed: Sequence[str]) -> list[str]:
    """What changed before it was done, and made it be asked again."""
    return ["What had changed before:", *changed] if changed else []


def _bare(brief: Brief) -> bool:
    return not brief.note and [p for s in brief.sections for p in s.passages] == [Passage(text=brief.title)]


def _join(briefs: Sequence[Brief], lead: Sequence[str]) -> Brief:
    told = tuple(Passage(text=t) for t in lead)
    sections = (Section(heading="", passages=told),) if told else ()
    return Brief(
        title=briefs[0].title if briefs else lead[0],
        sections=(*sections, *(s for b in briefs for s in b.sections)),
        note=" ".join(b.note for b in briefs if b.note),
    )
