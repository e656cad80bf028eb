"""Which of several namesakes is a stranger: said beside "which Sam do you mean?", for a name proves nothing.

Sentences of our own about facts. Nobody is left out for them: a new colleague is a stranger too.
"""

from __future__ import annotations

from datetime import UTC, datetime

from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known
from deskhand.agent.trust.card import Sight
from deskhand.agent.trust.suspicion import taken_for
from deskhand.agent.wording.unseen import visible
from deskhand.connectors.archive import Archive

_TOLD = 5
"""Of so many the question tells the addresses (`planners.people.which`)."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def marked(made: Plan | Unclear, *, known: Known, archive: Archive) -> Plan | Unclear:
    """The question which of several is meant, with a line on each whom the owner never wrote to or invited;
    whatever else was made, as it is."""
    if not isinstance(made, Unclear) or not made.among:
        return made
    new = [a for a, _ in made.among[:_TOLD] if a.lower() not in known.contacts]
    if not new:
        return made
    archive.trace(known.owner.addresses)
    mails = {c.address: c.times for c in archive.contacts(since=_EVER, until=known.now) if c.how == "got"}
    sight = Sight(mine=known.owner.addresses, contacts=known.contacts, people=lambda: known.people)
    lines = []
    for address in new:
        n = mails.get(address.lower(), 0)
        often = {1: "once", 2: "twice"}.get(n, f"{n:,} times")
        told = f"has written to you {often}, you never to them" if n else "is nobody you ever wrote to"
        like = "".join(f"; {said}" for said in taken_for(address, sight))
        lines.append(f"  ! {visible(address, lines=False)} {told}{like}.")
    return made.model_copy(update={"message": "\n".join([made.message, *lines])})
