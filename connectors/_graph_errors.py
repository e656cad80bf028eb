"""What Graph's answers mean: errors by what should be done about them, whatever form they came in.

Graph says `{"error": {"code", "message", "innerError"}}`; what stands before it (a proxy, an overloaded
front) says HTML. https://learn.microsoft.com/en-us/graph/errors
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from deskhand.connectors._tries import PASSING, Gone, Refused
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

OUT_OF_STEP = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired"})
"""Codes of a link to changes that is too old, whatever status they come with."""
_NOT_ALLOWED = frozenset({
    "erroraccessdenied", "accessdenied", "authorization_requestdenied", "forbidden",
    "insufficientpermissions",
})  # fmt: skip
_NO_MAILBOX = frozenset({
    "mailboxnotenabledforrestapi", "errormailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi",
    "resourcenotfound", "errornonexistentmailbox", "requestbroker--parseuri",
})  # fmt: skip
_BUSY = frozenset(
    {"errorserverbusy", "errortimeoutexpired", "errormailboxstoreunavailable", "resourcelocked"}
)


class NotAllowed(Unauthorized):
    """Graph knows who asks, and does not let them (403): this thing, or all of its kind."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is none, as it came."""

    status: int
    code: str
    """Microsoft's, as it writes it: `ErrorItemNotFound`; empty where it sent no JSON."""
    message: str
    """Its sentence, in a line."""

    @property
    def passing(self) -> bool:
        """It may be another one in a moment."""
        return self.status in (*PASSING, 423, 509) or self.code.lower() in _BUSY

    def said(self) -> str:
        """For a sentence: the code, and Microsoft's own words."""
        return ": ".join(filter(None, (self.code, self.message))) or str(self.status)


def answer(status: int, body: object) -> Answer:
    """Read an answer that is no success: its bytes, or its JSON; HTML and what was cut off are fine too."""
    try:
        error: Any = (json.loads(body) if isinstance(body, bytes | str) else body)["error"]  # type: ignore[index]
        code, message = str(error.get("code") or "")[:100], str(error.get("message") or "")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return Answer(status, "", "")
    return Answer(status, code, " ".join(message.split())[:200])


def error_of(got: Answer, name: str, *, sign_in: str, then: str = "") -> SourceError:
    """What to raise for an answer that is no success.

    :param name: of the service, in sentences. :param sign_in: the command by which one signs in again.
    :param then: what is to be said of what was wanted: "nothing was changed".
    """
    status, code, then = got.status, got.code.lower(), f"; {then}" if then else ""
    if code in OUT_OF_STEP:
        return Gone(f"{name} no longer knows what changed since then{then}.", reason=got.code)
    if got.passing:
        why = "wants to be asked less often" if status == 429 else f"answered {status}"
        return Transient(f"{name} {why}{then}.")
    if status == 401:
        return Unauthorized(f"{name} no longer accepts the sign-in{then}. Sign in again: {sign_in}")
    if code in _NO_MAILBOX and status in (400, 403, 404) and name.startswith("Outlook"):
        return Misconfigured(
            f"This account has no mailbox in Microsoft's cloud ({got.said()}){then}: it lies on a server of "
            "the organisation's own, or the account has no licence for one."
        )
    if status == 403 and code in _NOT_ALLOWED:
        return NotAllowed(
            f"{name} does not allow Deskhand this ({got.said()}){then}. Sign in again and allow it, or ask "
            f"who administers the account: {sign_in}"
        )
    if status == 404:
        return Missing(f"{name} does not have it (any more){then}.")
    if status == 409:
        return Exists(f"{name} has that already, or something of that name{then}.")
    if status == 410:
        return Gone(f"{name} does not have it any more ({got.said()}){then}.", reason=got.code)
    if status == 412:
        return Changed(f"It was changed meanwhile, {name} says{then}.")
    if status == 413:
        return Unsupported(f"It is larger than {name} takes in one request{then}.")
    if status == 507:
        return Unsupported(f"There is no room left at {name}{then}.")
    return Refused(f"{name} refused it ({got.said()}){then}.", status=status, reason=got.code)
