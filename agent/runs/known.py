"""What planners may know of a home, gathered at the moment of asking."""

from __future__ import annotations

from datetime import datetime

from deskhand.agent.people.dealings import by_habit
from deskhand.agent.people.learning import called, said_of
from deskhand.agent.profile import Known, Owner, gathered
from deskhand.agent.records.state import Records
from deskhand.agent.sources.connections import Connections
from deskhand.connectors.archive import Archive


def known(
    archive: Archive, connections: Connections, records: Records, *, owner: Owner, now: datetime
) -> Known:
    """People by habit, names that are gone by, sources and schedules. A room that was asked for by mail is
    nobody."""
    rooms = {r.address for r in owner.rooms}
    everybody = gathered(archive.directory(owner.addresses), owner)
    people = by_habit(archive, everybody, now=now)
    learnt = called(records, owner.called)
    names = {a: p.name for p in people for a in p.addresses} if learnt else {}
    return Known(
        owner=owner, now=now, people=[p for p in people if not rooms & {*p.addresses}],
        called={**{w: (x.address,) for w, x in learnt.items()}, **owner.called},
        learnt={w: said_of(x, names.get(x.address, "")) for w, x in learnt.items()},
        places=connections.places(), schedules=[s.name for s in records.schedules()],
        groups=owner.groups,
        here_alone=archive.only_in(connections.local_only()),
    )  # fmt: skip
