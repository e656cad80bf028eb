"""What kind of failure an exception of a model library is, as far as providers agree about it."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.models import Failure, Outcome
from deskhand.connectors.errors import Forbidden

_BY_NAME: tuple[tuple[str, Outcome], ...] = (
    ("ContextOverflow", Outcome.TOO_LONG),
    ("LengthFinishReason", Outcome.TOO_LONG),
    ("ContentFilter", Outcome.REFUSED),
    ("Refusal", Outcome.REFUSED),
    ("Timeout", Outcome.TIMEOUT),
    ("Authentication", Outcome.DENIED),
    ("PermissionDenied", Outcome.DENIED),
    ("RateLimit", Outcome.QUOTA),
    ("Connect", Outcome.UNREACHABLE),
    ("ProtocolError", Outcome.UNREACHABLE),
    ("NetworkError", Outcome.UNREACHABLE),
    ("NotFound", Outcome.UNUSABLE),
)
"""Parts of the names of exceptions and of what they inherit: the libraries', langchain-core's, httpx's."""

_FULL = re.compile(
    r"(?is)context.{0,20}(?:length|window|size)|prompt is too long|too many tokens|maximum.{0,20}tokens"
)
_POLICY = re.compile(r"content.?(?:filter|policy)|responsible.?ai", re.I)
_SPENT = re.compile(r"insufficient.?quota|billing", re.I)
_NEVER = 86_400.0
"""Seconds: longer than anybody waits."""

_SAID = {
    Outcome.TOO_LONG: "{model} cannot hold so much text.",
    Outcome.REFUSED: "{model} refused to answer.",
    Outcome.TIMEOUT: "{model} did not answer in time.",
    Outcome.DENIED: "{model} did not accept the key{status}; look at api_key in [model].",
    Outcome.QUOTA: "{model} takes no more requests just now{status}.",
    Outcome.SERVER: "{model} failed{status}.",
    Outcome.UNREACHABLE: "{model} cannot be reached.",
    Outcome.UNUSABLE: "{model} cannot be used{status}.",
    Outcome.UNSUPPORTED: "{model} cannot be asked in this manner{status}.",
    Outcome.BROKEN: "{model} answered with something that is no answer ({kind}).",
}
"""Sentences of ours: what a provider writes may repeat a key, or what was asked."""


def classified(error: Exception, model: str, *, shaped: bool) -> Failure:
    """The failure that an exception stands for.

    :param shaped: a shape was asked for in a manner that the provider may not know.
    """
    if (forbidden := _forbidden(error)) is not None:
        return Failure(Outcome.UNUSABLE, f"{model} was not asked: {forbidden}")
    names = " ".join(c.__name__ for c in type(error).__mro__)
    status = _status(error)
    outcome = next((o for part, o in _BY_NAME if part in names), None) or _by_status(status)
    said = f"{error} {getattr(error, 'body', '')}"
    if status in (400, 413, 422) or outcome is None:
        if _FULL.search(said):
            outcome = Outcome.TOO_LONG
        elif _POLICY.search(said):
            outcome = Outcome.REFUSED
        elif status is not None:
            outcome = Outcome.UNSUPPORTED if shaped else Outcome.UNUSABLE
    if outcome is None:  # told in the middle of a stream, without a status
        outcome = Outcome.SERVER if "APIError" in names else Outcome.BROKEN
    shown = f" (HTTP {status})" if status is not None else ""
    sentence = _SAID[outcome].format(model=model, status=shown, kind=type(error).__name__)
    wait = _wait(error)
    if outcome is Outcome.QUOTA and _SPENT.search(said):
        sentence, wait = f"Nothing is left to spend at {model}{shown}.", _NEVER
    return Failure(outcome, sentence, wait=wait)


def _forbidden(error: BaseException | None) -> Forbidden | None:
    """What the way out refused, under whatever a library made of it."""
    for _ in range(10):
        if error is None or isinstance(error, Forbidden):
            return error
        error = error.__cause__ or error.__context__
    return None


def _by_status(status: int | None) -> Outcome | None:
    if status is None:
        return None
    if status >= 500:
        return Outcome.SERVER
    return {
        401: Outcome.DENIED, 403: Outcome.DENIED, 404: Outcome.UNUSABLE, 408: Outcome.TIMEOUT,
        413: Outcome.TOO_LONG, 429: Outcome.QUOTA,
    }.get(status)  # fmt: skip


def _status(error: Exception) -> int | None:
    found: Any = getattr(error, "status_code", None)
    if found is None:
        found = getattr(getattr(error, "response", None), "status_code", None)
    return found if isinstance(found, int) else None


def _wait(error: Exception) -> float | None:
    """Retry-After in seconds (RFC 9110 10.2.3). A date is not read: it would need their clock."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except (TypeError, ValueError):
        return None
