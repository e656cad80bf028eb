"""A home with a source in memory and a planner that says what the test tells it: how the agent is tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from deskhand.agent.app import App
from deskhand.agent.model import Run
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.profile import Known
from deskhand.agent.runs.runs import Runs
from deskhand.agent.trust.gate import Permit
from deskhand.agent.trust.ledger import effect_key
from deskhand.agent.trust.policy import Policy, Verdict
from deskhand.config.policy import Row
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Item, ItemRef, Label, Participant
from deskhand.connectors.operations import Operation

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ME, ANN, BO, STRANGER = "noor@example.org", "ann@example.org", "bo@example.org", "mallory@example.net"

ENVIRONMENT = {
    "DESKHAND_ENGINE__KIND": "memory",
    "DESKHAND_SENDING__HOLD": "0s",
    "DESKHAND_PERSON__NAME": "Noor Haddad",
    "DESKHAND_PERSON__EMAIL": ME,
    "DESKHAND_PERSON__ZONE": "Europe/Lisbon",
}


def step(id_: str, op: str, /, needs: tuple[str, ...] = (), **args: Any) -> Step:
    """A step; keyword arguments are the operation's."""
    return Step(id=id_, op=op, args=args, needs=needs, purpose=f"do {id_}")


def plan(*steps: Step, request: str = "test") -> Plan:
    """A plan of these steps."""
    return Plan(request=request, objective="Do it.", steps=steps)


def box(address: str, name: str = "") -> dict[str, str]:
    """A mailbox as an argument."""
    return {"address": address, "name": name}


def mail(id_: str = "mail", to: Any = BO, needs: tuple[str, ...] = (), **args: Any) -> Step:
    """A step that sends a mail, to an address or whatever else is given."""
    given = {"source": "memory", "subject": "Hello", "body": "Hello there."}
    return step(id_, "mail.send", needs, to=[box(to)] if isinstance(to, str) else to, **(given | args))


def draft(id_: str = "draft", /, needs: tuple[str, ...] = (), **args: Any) -> Step:
    """A step that drafts a mail."""
    given = {"source": "memory", "to": [box(BO)], "subject": "Hello", "body": "Hello there."}
    return step(id_, "mail.draft", needs, **(given | args))


def event(id_: str = "event", /, needs: tuple[str, ...] = (), hour: int = 10, **args: Any) -> Step:
    """A step that books an event tomorrow."""
    start = NOW.replace(hour=hour) + timedelta(days=1)
    given = {
        "source": "memory", "title": "Budget", "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(), "zone": "Europe/Lisbon",
    }  # fmt: skip
    return step(id_, "event.create", needs, **(given | args))


ANYTHING_GOES = Policy((Row(id="off", operations=("*",), then="allow", why="the gate is switched off"),))
"""The control of every attack: a gate that cannot be seen to matter proves nothing."""


def permit(op: Operation, run: Run, step_: str) -> Permit:
    """What the gate gives to a write that it lets through."""
    return Permit(effect_key(run, step_, op), Verdict("allow", "test", "a test"))


class House:
    """An open home. Requests that `plans` names get that plan, others go to the rules.

    `policy`, where it is not None, counts instead of the settings from the next `reopen` on.
    """

    def __init__(self, root: Path, memory: Memory | None = None, environ: Mapping[str, str] = {}) -> None:
        self.root, self.memory = root, memory or Memory()
        self.environ = ENVIRONMENT | dict(environ)
        self.moment = NOW
        self.ticks: Callable[[], float] = monotonic
        self.plans: dict[str, Plan | Unclear] = {}
        self.policy: Policy | None = None
        self.app = self._open()

    def __enter__(self) -> House:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        """Close it; whatever its operations gave must have been what they say that they give."""
        runs = self.app.runs() if kind is None else []
        odd = [e.data for run in runs for e in self.room.records.events(run.id) if e.type == "misfit"]
        self.app.close()
        assert [e for e in odd if not e["op"].startswith("test.")] == []

    @property
    def room(self) -> Runs:
        return self.app.runs_room

    def reopen(self) -> None:
        """End and begin again, with the same source."""
        self.app.close()
        self.app = self._open()

    def do(self, *steps: Step, approve: Callable[[dict[str, Any]], Any] | bool | None = None) -> Run:
        """Ask for exactly these steps."""
        self.plans["test"] = plan(*steps)
        return self.app.ask("test", approve=approve, fresh=False)

    def sync(self) -> None:
        self.app.sync(embed=0)

    def message(self, native: str, *, sender: str = STRANGER, to: str = ME, **rest: Any) -> Item:
        """Somebody's mail, written by a stranger unless said otherwise."""
        given: dict[str, Any] = {
            "title": "Hi", "text": "Hello, it is me.", "at": NOW - timedelta(days=1), "folder": "INBOX",
            "people": (Participant("from", sender), Participant("to", to)), "author": sender,
            "label": Label("untrusted", (f"memory:message:{native}",), (ME, sender)),
            "data": {"message_id": f"<{native}@example.net>"},
        }  # fmt: skip
        return self.memory.add("message", native, **(given | rest))

    def know(self, *addresses: str) -> None:
        """Make contacts: the owner has written to them."""
        for address in addresses:
            sent = {"message_id": f"<to-{address}@example.net>", "sent": True}
            mine = Label("user", (), (ME, address))
            self.message(f"to-{address}", sender=ME, to=address, folder="Sent", data=sent, label=mine)
        self.sync()

    def meeting(self, native: str, *attendees: str, start: datetime | None = None, **rest: Any) -> Item:
        """An event of the owner's."""
        start = start or NOW + timedelta(days=1, hours=2)
        people = (Participant("organizer", ME), *(Participant("attendee", a) for a in attendees))
        given: dict[str, Any] = {
            "title": "Review", "text": "", "at": NOW - timedelta(days=2), "start": start,
            "end": start + timedelta(hours=1), "until": start + timedelta(hours=1), "people": people,
        }  # fmt: skip
        return self.memory.add("event", native, **(given | rest))

    def performed(self) -> list[str]:
        """What really happened at the source, by its own account."""
        return [op.name for op in self.memory.performed]

    def ref(self, kind: str, native: str) -> ItemRef:
        return ItemRef.parse(f"memory:{kind}:{native}")

    def _open(self) -> App:
        app = App.open(
            self.root,
            now=lambda: self.moment,
            environ=self.environ,
            policy=self.policy,
            ticks=lambda: self.ticks(),
        )
        app._planner = self._plan  # past the door for planners, which would ask about what no words say
        app.plug(self.memory)
        return app

    def _plan(self, request: str, known: Known) -> Plan | Unclear:
        if request in self.plans:
            return self.plans[request]
        from deskhand.agent.planners.rules import plan as rules

        return rules(request, known)
