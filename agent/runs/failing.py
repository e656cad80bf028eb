"""What follows from a step that has failed for good: as its plan says, or as the person said when asked.

A question about a failure stands in the book of approvals under a name of its own (`asked_as`), and so does
its answer among the states of the steps: what was answered is known however often the run is taken up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from deskhand.agent.plans.language import Step
from deskhand.agent.records.state import StepState

Then = Literal["stop", "take back", "ask"]

MOST = 3
"""So often the person is asked about one step; when it fails again after that, the plan stops."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that has failed, where that means something for the others."""

    step: Step
    state: StepState
    then: Then


def decisive(steps: Sequence[Step], states: Mapping[str, StepState]) -> Failure | None:
    """The failure that decides how a run goes on; None: what does not need what failed goes on.

    Of several, one that takes everything back counts before one that stops, and that before a question.
    """
    found = list(_failures(steps, states))
    order: tuple[Then, ...] = ("take back", "stop", "ask")
    return next((f for then in order for f in found if f.then == then), None)


def asked_as(step: str, states: Mapping[str, StepState]) -> str:
    """The name under which the person is asked about a step the next time."""
    return f"{step}.failed{len(answers(step, states)) + 1}"


def answers(step: str, states: Mapping[str, StepState]) -> list[str]:
    """What the person said to the failures of a step, each time."""
    said: list[str] = []
    while (state := states.get(f"{step}.failed{len(said) + 1}")) is not None:
        said.append(str(state.value["then"]))
    return said


def _failures(steps: Sequence[Step], states: Mapping[str, StepState]) -> Iterator[Failure]:
    for step in steps:
        state = states.get(step.id)
        if state is None or state.state != "failed":
            continue
        if isinstance(state.value, dict) and state.value.get("unanswered") == "stop":
            yield Failure(step, state, "take back" if step.on_failure == "compensate" else "stop")
            continue
        if step.on_failure == "go on":
            continue
        if (then := _then(step, state, states)) is not None:
            yield Failure(step, state, then)


def _then(step: Step, state: StepState, states: Mapping[str, StepState]) -> Then | None:
    match step.on_failure:
        case "stop":
            return "stop"
        case "compensate":
            return "take back"
        case _:
            if isinstance(state.value, dict) and state.value.get("declined"):
                return None  # the person has said already what is to become of it
            said = answers(step.id, states)
            match said[-1] if said else "try again":
                case "try again":  # and it has failed since
                    return "ask" if len(said) < MOST else "stop"
                case "stop":
                    return "stop"
                case "take back":
                    return "take back"
                case _:
                    return None
