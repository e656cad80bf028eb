"""Takes secrets out of what others say: errors of any kind with all that led to them, and plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Hide = Callable[[str], str]
_DEEPEST = 20


@contextmanager
def hiding(hide: Hide) -> Iterator[None]:
    """Whatever is raised in here says no secret, nor does what led to it."""
    try:
        yield
    except Exception as error:
        shown = _said(error)
        if all(hide(text) == text for text in shown):
            raise
        _hide_in(error, hide)
        if all(hide(text) == text for text in _said(error)):
            raise
        # It makes its words of something else than what it was made of.
        raise RuntimeError(f"{type(error).__name__}: {hide(str(error))}") from None


def hidden(value: Any, hide: Hide) -> Any:
    """Plain JSON with no secret in any text of it."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {hidden(k, hide): hidden(v, hide) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(hidden(v, hide) for v in value)
    return value


def _chain(error: BaseException) -> Iterator[BaseException]:
    left, seen = [error], set[int]()
    while left and len(seen) < _DEEPEST:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [e for e in (one.__cause__, one.__context__) if e is not None]
        if isinstance(one, BaseExceptionGroup):
            left += one.exceptions


def _said(error: BaseException) -> list[str]:
    """All that a stack trace of it would say, but for the lines of code."""
    return [part for one in _chain(error) for part in (str(one), *getattr(one, "__notes__", ()))]


def _hide_in(error: BaseException, hide: Hide) -> None:
    for one in _chain(error):
        one.args = tuple(_plain(arg, hide) for arg in one.args)
        for name, value in list(vars(one).items()):
            if isinstance(value, (str, bytes)) or name == "__notes__":
                setattr(one, name, _plain(value, hide))


def _plain(value: Any, hide: Hide) -> Any:
    if isinstance(value, bytes):
        return hide(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    if isinstance(value, (str, list, tuple, dict)):
        return hidden(value, hide)
    return value
