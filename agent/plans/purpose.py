"""What a step is for, as it is said to the person: never the name of an operation as plans write it."""

from __future__ import annotations

from deskhand.agent.plans.language import Step
from deskhand.connectors.operations import OPERATIONS


def purpose_of(step: Step) -> str:
    """What a step is for; where its plan does not say it, what its operation does."""
    return step.purpose or plain_name(step.op)


def plain_name(op: str) -> str:
    """What an operation does, in plain words: "put an event into the calendar"."""
    write = OPERATIONS.get(op)
    return write.plain if write is not None else f"look up {op.replace('.', ' ').replace('_', ' ')}"
