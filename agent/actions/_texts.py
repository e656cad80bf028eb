"""What an action tells, as plain text for later steps: the body and subject of a mail that passes it on.

It is made of what stands in the sources, and its label says so: a mail that holds it is asked about.
"""

from __future__ import annotations

from deskhand.agent.actions import Context
from deskhand.agent.model import Brief


def texts(context: Context, brief: Brief) -> dict[str, str]:
    """{title, text} of what is told."""
    from deskhand.agent.wording.render import to_text

    return {"title": brief.title, "text": to_text(brief, zone=context.owner.zone, refs=False)}


def cited(brief: Brief) -> tuple[str, ...]:
    """What it rests on, for its label."""
    return tuple(dict.fromkeys(str(c.ref) for c in brief.citations()))
