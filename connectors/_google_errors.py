"""What Google's answers mean: errors by what should be done about them, whatever form they came in.

Gmail, Calendar and Drive say `{"error": {"errors": [{"reason": ...}], "status": ...}}`; what stands before
them (a proxy, an overloaded front) says HTML. https://developers.google.com/workspace/calendar/api/guides/errors
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from deskhand.connectors.errors import (
    Changed,
    Exists,
    Misconfigured,
    Missing,
    SourceError,
    Transient,
    Unauthorized,
    Unsupported,
)

_TOO_OFTEN = frozenset({
    "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "sharingRateLimitExceeded",
    "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED",
})  # fmt: skip
_FOR_TODAY = frozenset({"dailyLimitExceeded", "dailyLimitExceededUnreg"})
_NOT_ALLOWED = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"})
_NOT_SWITCHED_ON = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_BY_ADMINISTRATOR = frozenset({"domainPolicy", "adminPolicyEnforced"})


class Refused(Unsupported):
    """Google understood and said no. `status` and `reason` are its words."""

    def __init__(self, message: str, *, status: int, reason: str = "") -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class Gone(Missing):
    """What was asked about is no longer known (410): an old sync token, an event that was deleted."""

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is none, as it came."""

    status: int
    reasons: tuple[str, ...]
    """Google's codes, most exact first: `userRateLimitExceeded`."""
    message: str
    """Its sentence, in a line; empty where it sent no JSON."""

    @property
    def passing(self) -> bool:
        """It may be another one in a moment."""
        return (
            self.status in (408, 421, 425, 429)
            or self.status >= 500
            or (self.status == 403 and not _TOO_OFTEN.isdisjoint(self.reasons))
        )

    def said(self) -> str:
        """For a sentence: the code, and Google's own words."""
        return ": ".join([*self.reasons[:1], *[self.message] * bool(self.message)]) or str(self.status)


def answer(status: int, data: bytes) -> Answer:
    """Read the body of an answer that is no success; HTML and what was cut off are fine too."""
    try:
        error: Any = json.loads(data)["error"]
    except (ValueError, KeyError, TypeError, IndexError):
        return Answer(status, (), "")
    if not isinstance(error, dict):  # the token server: {"error": "invalid_grant"}
        return Answer(status, (str(error)[:100],), "")
    details = [d for d in error.get("details") or () if isinstance(d, dict)]
    errors = [e for e in error.get("errors") or () if isinstance(e, dict)]
    codes = [*(e.get("reason") for e in errors), *(d.get("reason") for d in details), error.get("status")]
    reasons = tuple(dict.fromkeys(str(c)[:100] for c in codes if c))
    return Answer(status, reasons, " ".join(str(error.get("message") or "").split())[:200])


def error_of(got: Answer, name: str, *, sign_in: str, then: str = "") -> SourceError:
    """What to raise for an answer that is no success.

    :param name: of the service, in sentences. :param sign_in: the command by which one signs in again.
    :param then: what is to be said of what was wanted: "nothing was changed".
    """
    status, reasons, then = got.status, set(got.reasons), f"; {then}" if then else ""
    if got.passing:
        often = status == 429 or status == 403
        why = "wants to be asked less often" if often else f"answered {status}"
        return Transient(f"{name} {why}{then}.")
    if status == 401:
        return Unauthorized(f"{name} no longer accepts the sign-in{then}. Sign in again: {sign_in}")
    if status == 403 and reasons & _FOR_TODAY:
        return Transient(f"{name} has had all the requests it takes in a day{then}.")
    if status == 403 and reasons & _NOT_ALLOWED:
        return Unauthorized(
            f"{name} was not allowed to do this when you signed in{then}. "
            f"Sign in again and allow it: {sign_in}"
        )
    if status == 403 and reasons & _NOT_SWITCHED_ON:
        return Misconfigured(
            f"The API of {name} is not switched on in the project that your client ID belongs to{then}; "
            "switch it on in the Google Cloud console (docs/google.md), and wait a few minutes."
        )
    if status == 403 and reasons & _BY_ADMINISTRATOR:
        return Misconfigured(f"Whoever administers this account does not allow it ({got.said()}){then}.")
    if status == 404:
        return Missing(f"{name} does not have it (any more){then}.")
    if status == 409:
        return Exists(f"{name} has something of that name already{then}.")
    if status == 410:
        return Gone(
            f"{name} does not have it any more ({got.said()}){then}.", reason=next(iter(got.reasons), "")
        )
    if status in (304, 412):
        return Changed(f"It was changed meanwhile, {name} says{then}.")
    reason = next(iter(got.reasons), "")
    return Refused(f"{name} refused it ({got.said()}){then}.", status=status, reason=reason)
