"""Work that a run waits for and may give up: in a thread of its own, which keeps no process alive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def aside(work: Callable[[], T]) -> Future[T]:
    """Do it in a thread of its own, which keeps no process alive."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="step", daemon=True).start()
    return future


def awaited(work: Callable[[], T], *, halt: Future[None], seconds: float | None = None) -> T | None:
    """What work gives; None where it is halted first. Given up, whatever it still says is not heard.

    :raises TimeoutError: it takes longer than so many seconds. What the work raises is raised.
    """
    making = aside(work)
    heard: list[Future[Any]] = [making, halt]
    ended, _ = wait(heard, timeout=seconds, return_when=FIRST_COMPLETED)
    if halt.done():
        return None
    if not ended:
        raise TimeoutError
    return making.result()
