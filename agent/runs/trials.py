"""The steps of a run that read, carried out: side by side, timed, tried again, or done otherwise.

A step that does not end in its time is waited for no longer; its thread is left to itself, and whatever it
still says is not heard. Passing reasons (`Transient`, a time that ran out) are tried again, others are not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Thread

from pydantic import ValidationError

from deskhand.agent.actions import CannotDo, NeedsAnswer, actions
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.footing import Footing
from deskhand.agent.runs.references import carried, invalid, plain, resolve
from deskhand.connectors.database import StorageError
from deskhand.connectors.errors import Transient
from deskhand.connectors.operations import OPERATIONS

SIDE_BY_SIDE = 24
"""Steps under way at once. Most wait for the disk; those that wait for a network gain from company."""

TIMEOUT = 120.0
"""Seconds for one attempt of a step that says nothing else."""


@dataclass(eq=False)
class _Trial:
    """One step under way: an attempt that runs, or the pause before the next one."""

    step: Step
    attempt: int = 0
    running: Future[StepState] | None = None
    until: float = 0.0
    """When the attempt has had its time, or the pause is over, by the monotonic clock."""


@dataclass(eq=False)
class Trials:
    """The reading steps of one run, until none is ready."""

    on: Footing
    pause: Callable[[float], None] = time.sleep
    _under_way: dict[str, _Trial] = field(default_factory=dict[str, _Trial])

    def run(self) -> None:
        """Carry out what is ready, and what becomes ready by it. Ends early when the run is stopped.

        :raises StorageError: the disk, not a step: the run goes on when there is room again.
        """
        progress = self.on.progress
        _ = self.on.context  # made once, before the threads ask for it
        while not progress.stopped:
            for step in progress.ready():
                if step.op in OPERATIONS or step.id in self._under_way:
                    continue
                if len(self._under_way) < SIDE_BY_SIDE:
                    self._under_way[step.id] = trial = _Trial(step)
                    self._begin(trial)
            if not self._under_way:
                return
            self._wait()

    def _wait(self) -> None:
        """Wait until something ends, and keep what it left."""
        running = {t.running: t for t in self._under_way.values() if t.running is not None}
        next_ = max(0.0, min(t.until for t in self._under_way.values()) - time.monotonic())
        if running:
            wait(running, timeout=next_, return_when=FIRST_COMPLETED)
        else:
            self.pause(next_)
        now = time.monotonic()
        for trial in list(self._under_way.values()):
            if trial.running is not None and trial.running.done():
                self._ended(trial)
            elif trial.until <= now:
                if trial.running is None:
                    self._begin(trial)
                else:
                    self._failed(trial, f"It took longer than {_seconds(trial.step)}", passing=True)

    def _begin(self, trial: _Trial) -> None:
        trial.attempt += 1
        trial.until = time.monotonic() + (trial.step.timeout or TIMEOUT)
        step = trial.step
        trial.running = _aside(lambda: self._done(step))

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
        except Exception as error:
            # A defect in one action: this step failed, and the steps that do not need it go on.
            self.on.progress.note("broke", step=step.id, trace=_trace(error))
            self._failed(trial, f"{step.op} broke ({type(error).__name__}: {error})")
        else:
            self._leave(trial, state)

    def _failed(self, trial: _Trial, error: str, *, passing: bool = False) -> None:
        """An attempt failed: wait and try again, do it otherwise, or leave the step so."""
        step = trial.step
        if passing and trial.attempt < step.retry.attempts:
            rest = _rest(self.on.progress.run.id, step, trial.attempt)
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

    def _done(self, step: Step) -> StepState:
        values, labels = resolve(step, self.on.progress.states)
        context = replace(self.on.context, write=self.on.writing(step.id))
        output = actions()[step.op](context, values)
        taint = carried(values, labels)
        named = {name: label.join(taint) for name, label in output.labels.items()}
        return StepState(step.id, "done", dict(output.value), plain(named), output.brief)


def _aside(work: Callable[[], StepState]) -> Future[StepState]:
    """Do it in a thread of its own, which keeps no process alive."""
    future: Future[StepState] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="step", daemon=True).start()
    return future


def _rest(run: str, step: Step, attempt: int) -> float:
    """Seconds before the next attempt: doubled each time, with a jitter that is the same in a replay."""
    jitter = int.from_bytes(sha256(f"{run}/{step.id}/{attempt}".encode()).digest()[:4]) / 2**32
    return round(float(step.retry.backoff * 2 ** (attempt - 1) * (0.5 + jitter)), 3)


def _seconds(step: Step) -> str:
    return f"{step.timeout or TIMEOUT:g} seconds"


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error, limit=-8))
