"""The steps of a run that read, carried out: side by side, timed, tried again, or done otherwise.

A step that does not end in its time is waited for no longer; its thread is left to itself, and whatever it
still says is not heard. Passing reasons (`Transient`, a time that ran out) are tried again, others are not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from deskhand.agent.actions import CannotDo, Misfit, NeedsAnswer, actions
from deskhand.agent.labels import plain
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.asides import aside
from deskhand.agent.runs.attempts import pause
from deskhand.agent.runs.footing import Footing
from deskhand.agent.runs.references import carried, for_others, invalid, named, not_own, resolve
from deskhand.agent.runs.remarks import BY_WORDS
from deskhand.connectors.database import StorageError
from deskhand.connectors.errors import Transient
from deskhand.connectors.operations import OPERATIONS

SIDE_BY_SIDE = 24
"""Steps under way at once. Most wait for the disk; those that wait for a network gain from company."""

QUICK = 0.3
"""Seconds: what takes longer is worth watching."""

TIMEOUT = 120.0
"""Seconds for one attempt of a step that says nothing else."""

_WRITE_TO_OTHERS = frozenset({"mail.compose_reply", "mail.compose_forward"})
"""Actions whose outcome somebody else reads."""


@dataclass(eq=False)
class _Trial:
    """One step under way: an attempt that runs, or the pause before the next one."""

    step: Step
    owed: bool = False
    """No budget stops it."""
    attempt: int = 0
    running: Future[StepState] | None = None
    by_words: list[str] = field(default_factory=list[str])
    until: float = 0.0
    """When the attempt has had its time, or the pause is over, by the monotonic clock."""


@dataclass(eq=False)
class Trials:
    """The reading steps of one run, until none is ready."""

    on: Footing
    _under_way: dict[str, _Trial] = field(default_factory=dict[str, _Trial])

    def run(self) -> None:
        """Carry out what is ready, and what becomes ready by it. Ends early when the run is stopped.

        :raises StorageError: the disk, not a step: the run goes on when there is room again.
        """
        progress = self.on.progress
        _ = self.on.context  # made once, before the threads ask for it
        while not progress.stopped:
            left_out = False
            for step in progress.ready():
                if step.op in OPERATIONS or step.id in self._under_way:
                    continue
                if len(self._under_way) < SIDE_BY_SIDE:
                    over = self.on.begin(step)
                    if over is not None:
                        left_out = True
                        progress.leave(self.on.left_out(step, over))
                        continue
                    self._under_way[step.id] = trial = _Trial(step, self.on.owed(step))
                    self._begin(trial)
            if self._under_way:
                self._wait()
            elif not left_out:
                return

    def _wait(self) -> None:
        """Wait until something ends, and keep what it left."""
        heard: set[Future[Any]] = {t.running for t in self._under_way.values() if t.running is not None}
        next_ = min(t.until for t in self._under_way.values()) - time.monotonic()
        # What is owed is waited for, whatever time is left.
        free = [t for t in self._under_way.values() if not t.owed]
        if (left := self.on.account.seconds_left() if free else None) is not None:
            next_ = min(next_, left + 0.001)
        # Whoever stops the run is heard at once.
        heard.add(self.on.progress.halt)
        ended, _ = wait(heard, timeout=max(0.0, min(next_, QUICK)), return_when=FIRST_COMPLETED)
        if not ended:
            self.on.progress.flush(lasting=False)  # it takes a while: who watches sees what has begun
            if next_ > QUICK:
                return
        now = time.monotonic()
        for trial in list(self._under_way.values()):
            if trial.running is not None and trial.running.done():
                self._ended(trial)
            elif trial.until <= now:
                if trial.running is None:
                    self._begin(trial)
                else:
                    self._failed(trial, f"It took longer than {_seconds(trial.step)}", passing=True)
        if left is not None and self.on.account.seconds_left() == 0 and (over := self.on.account.stopped()):
            for trial in (t for t in free if t.step.id in self._under_way):
                self._leave(trial, self.on.left_out(trial.step, over))

    def _begin(self, trial: _Trial) -> None:
        trial.attempt += 1
        trial.until = time.monotonic() + (trial.step.timeout or TIMEOUT)
        step = trial.step
        self.on.progress.note(
            "begun", step=step.id, op=step.op, attempt=trial.attempt, purpose=purpose_of(step)
        )
        trial.by_words = by_words = list[str]()
        trial.running = aside(lambda: self._done(step, by_words))

    def _ended(self, trial: _Trial) -> None:
        assert trial.running is not None  # noqa: S101 - only called for one that runs
        step = trial.step
        try:
            state = trial.running.result()
        except StorageError:
            raise
        except NeedsAnswer as question:
            choices = {"choices": list(question.choices)}
            self._leave(trial, StepState(step.id, "failed", choices, error=str(question)))
        except ValidationError as error:
            self._failed(trial, invalid(step, error))
        except Transient as error:
            self._failed(trial, str(error), passing=True)
        except (CannotDo, Unresolved) as error:
            self._failed(trial, str(error))
        except Misfit as error:
            self.on.progress.note("misfit", step=step.id, op=step.op, wrong=list(error.wrong[:10]))
            self._failed(trial, str(error))
        except Exception as error:
            # A defect in one action: this step failed, and the steps that do not need it go on.
            self.on.progress.note("broke", step=step.id, trace=_trace(error))
            self._failed(trial, f"{step.op} broke ({type(error).__name__}: {error})")
        else:
            for why in dict.fromkeys(trial.by_words):
                self.on.progress.note(BY_WORDS, step=step.id, why=why)
            self._leave(trial, state)

    def _failed(self, trial: _Trial, error: str, *, passing: bool = False) -> None:
        """An attempt failed: wait and try again, do it otherwise, or leave the step so."""
        step = trial.step
        again = passing and trial.attempt < step.retry.attempts
        otherwise = again or step.fallback is not None
        if otherwise and not trial.owed and (over := self.on.account.converging()) is not None:
            error = f"{error.rstrip('.')}. It was tried no more: {_lower(str(over))}"
            self._leave(trial, StepState(step.id, "failed", error=error))
            return
        if again:
            rest = pause(self.on.progress.run.id, step, trial.attempt)
            self.on.progress.note("tried", step=step.id, attempt=trial.attempt, error=error, again_in=rest)
            trial.running, trial.until = None, time.monotonic() + rest
            return
        if step.fallback is not None:
            self.on.progress.note("done otherwise", step=step.id, error=error, op=step.fallback.op)
            instead = {"op": step.fallback.op, "args": step.fallback.args, "origins": step.fallback.origins}
            trial.step, trial.attempt = step.model_copy(update=instead | {"fallback": None}), 0
            self._begin(trial)
            return
        self._leave(trial, StepState(step.id, "failed", error=error))

    def _leave(self, trial: _Trial, state: StepState) -> None:
        del self._under_way[trial.step.id]
        if trial.step.id in self.on.progress.states:
            return  # the plan stopped meanwhile, and the step was left out
        state = StepState(
            state.step, state.state, state.value, state.labels, state.brief, state.error, trial.attempt
        )
        self.on.progress.leave(state)

    def _done(self, step: Step, by_words: list[str]) -> StepState:
        """What a step gives. In a thread of its own.

        :param by_words: filled with why it was searched by words alone, where it was.
        """
        states: Mapping[str, StepState] = self.on.progress.states
        states = for_others(states) if step.op in _WRITE_TO_OTHERS else states
        values, labels = resolve(step, states)
        beside = named(step, values, states)
        context = replace(
            self.on.context,
            search=partial(self.on.context.search, notes=by_words),
            write=self.on.writing(step.id),
        )
        action = actions()[step.op]
        if action.keeps and (theirs := not_own(values, labels)):
            raise CannotDo(
                f"The policy refuses it ({step.op}): {theirs} came out of what somebody else wrote or "
                "planned, and what is kept for later is only ever said by you"
            )
        output = action(context, values)
        taint = carried(values, labels, beside)
        told = {name: label.join(taint).through(step.id) for name, label in output.labels.items()}
        return StepState(step.id, "done", dict(output.value), plain(told), output.brief)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _seconds(step: Step) -> str:
    return f"{step.timeout or TIMEOUT:g} seconds"


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error, limit=-8))
