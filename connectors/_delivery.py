"""Whether a message was delivered to a mailbox, or written there: by what servers note on its way.

Who delivers a message puts its notes on top (RFC 5321 4.4), and no sender can take them away again. What one
sends oneself was handed in by somebody who signed in (RFC 3848: the letter A), or never travelled at all.
"""

from __future__ import annotations

import re

from deskhand.connectors._mime import Part

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "received-spf")
"""What only who delivers a message writes into it."""
_HANDED_IN = re.compile(r"\bwith\s+(?:(?:UTF8)?(?:E?SMTP|LMTP)S?A|HTTP\w*|MAPI|local)\b", re.I)
"""By somebody who signed in, by the provider's web page or API, or on the server itself."""


def came_in(root: Part) -> bool:
    """Whether its header shows that a message came from outside. False proves nothing."""
    if any(root.get(name) for name in _DELIVERED):
        return True
    newest = root.all("received")[:1]
    return bool(newest) and not _HANDED_IN.search(newest[0])
