"""Every value that an action makes out of a stranger's text says so: no label is better than what is in it.

Each action is run over a desk whose every foreign field holds a token of its own. Wherever a token turns up
in what a step left, its label must be untrusted, not public, and name the item that the token stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from adversary.channels import CHANNELS, place, plant_all
from adversary.models import Order
from adversary.workspace import ANN, BO, EVIL, ME, NOW, SECRET, Workspace, vcalendar

from deskhand.agent.actions import actions
from deskhand.agent.app import App
from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.references import label_of
from deskhand.connectors.model import ItemRef

TOKEN = re.compile(r"qz\d\d[a-z]+qz|" + SECRET)


def step(id_: str, op: str, /, *, needs: Sequence[str] = (), **args: Any) -> Step:
    return Step(id=id_, op=op, args=args, needs=tuple(needs), purpose=f"do {id_}")


def ref(id_: str, path: str = "") -> dict[str, str]:
    return {"ref": id_, "path": path}


def of_mail(at: dict[str, Any]) -> list[Step]:
    """Every action that a mail can go into."""
    mail = at["item"]
    return [
        step("listed", "message.list", folder=at["folder"], tell=True),
        step("again", "message.list", about=at["word"]),
        step("found", "item.find", about=at["word"]),
        step("told", "item.summarise", item=mail),
        step("told2", "item.summarise", item=ref("found")),
        step("people", "item.people", item=mail),
        step("reply", "mail.compose_reply", message=mail),
        step("reply_all", "mail.compose_reply", message=mail, body="Thanks.", everybody=True),
        step("passed", "mail.compose_forward", message=mail, to=[{"address": ANN}]),
        step(
            "filed", "attachments.place", messages=ref("listed", "messages"), source="documents", folder="In"
        ),
        step(
            "noted",
            "attachments.filed",
            files=ref("filed", "files"),
            folder="In",
            source="documents",
            notes=ref("filed", "notes"),
        ),
        step("answered", "question.answer", question=f"When does the {at['word']} arrive?"),
        step("invited", "invitation.find", about=at["word"]),
        step("accepted", "invitation.reply", invitation=ref("invited"), answer="accepted"),
        step(
            "another",
            "invitation.reply",
            invitation=ref("invited"),
            answer="another",
            start="2027-01-20T10:00:00+00:00",
            end="2027-01-20T11:00:00+00:00",
        ),
        step("said", "event.reply", event="calendar:event:board@example.org", message=mail),
        step("revised", "invitation.revision", event="calendar:event:board@example.org", message=mail),
        step("came", "item.find", about=at["word"], kinds=["attachment"]),
        step("read", "item.summarise", item=ref("came")),
        step("asked", "document.askers", item=ref("plan"), messages=ref("listed", "messages"), about="plan"),
        step("plan", "item.find", about="plan", kinds=["document"]),
    ]


def of_event(at: dict[str, Any]) -> list[Step]:
    """Every action that an event can go into."""
    start, end = at["start"], at["end"]
    whole = {"start": start[:11] + "07:00:00+00:00", "end": start[:11] + "22:00:00+00:00"}
    return [
        step("event", "event.find", start=start, end=end),
        step("series", "event.find", start=start, end=end, series=True, ask=False),
        step("whose", "event.whose", event=ref("event")),
        step("who", "event.people", event=ref("event")),
        step("still", "event.still", event=ref("event")),
        step("guests", "event.guests", event=ref("event"), add=[{"address": BO, "name": "Bo"}]),
        step("fewer", "event.guests", event=ref("event"), remove=[{"address": ANN}]),
        step("shifted", "event.shift", event=ref("event"), days=1),
        step("later", "event.shift", event=ref("event"), seconds=3600),
        step("listed", "event.list", what="cancel", **whole),
        step("moved", "event.list", what="move", **whole),
        step("extended", "event.extend", event=ref("event"), until="2027-06-01T10:00:00+00:00"),
        step(
            "calls_off",
            "event.notice",
            event=ref("event"),
            change=ref("event"),
            what="cancelled",
            by_mail=True,
            before=True,
        ),
        step(
            "moves",
            "event.notice",
            event=ref("event"),
            change=ref("event"),
            what="moved",
            by_mail=True,
            before=True,
        ),
        step("invites", "event.invitation", event=ref("event")),
        step("held", "event.held", event=at["item"]["ref"], version=at["item"]["version"]),
        step("room", "room.find", event=ref("event")),
        step("instead", "room.instead", event=ref("event"), rooms=["blue"]),
        step("other", "slots.instead", events=ref("listed", "own"), start=start, minutes=30),
        step("other2", "slots.instead", events=ref("moved", "invited"), start=start, minutes=30),
        step("agenda", "calendar.agenda", **whole),
        step("free", "calendar.free", **whole),
        step("busy", "calendar.free", busy=True, **whole),
        step("slots", "slots.find", people=[ANN], minutes=30, tell=True, **whole),
        step(
            "tight",
            "slots.find",
            people=[ANN],
            minutes=30,
            by_moving=True,
            makes_room="room",
            at=start,
            **whole,
        ),
        step("both", "slots.together", people=[{"address": ANN}], minutes=30, title="B", tell=True, **whole),
        step(
            "offer",
            "offer.compose",
            people=[{"address": ANN, "name": "Ann"}],
            slots=ref("slots", "slots"),
            title="Talk",
        ),
        step(
            "offer2",
            "offer.compose",
            people=ref("who", "to"),
            slots=ref("slots", "slots"),
            title=ref("event", "title"),
        ),
        step("asked", "invitation.find", start=start, end=end),
        step("accepted", "invitation.reply", invitation=ref("asked"), answer="accepted"),
        step("declined", "invitation.reply", invitation=ref("asked"), answer="declined"),
    ]


def of_file(at: dict[str, Any]) -> list[Step]:
    """Every action that a document can go into."""
    return [
        step("found", "item.find", about=at["word"], kinds=["document"]),
        step("told", "item.summarise", item=at["item"]),
        step("changes", "document.changes", item=at["item"]),
        step("changed", "document.changed", since="2026-10-01T00:00:00+00:00"),
        step("asked", "document.askers", item=at["item"], messages=[], about="plan"),
        step("answered", "question.answer", question=f"When is the {at['word']} ready?"),
    ]


ALONE = [
    step("digest", "digest.compose", everything=True),
    step("markdown", "digest.compose", everything=True, form="markdown"),
    step("noted", "digest.told", series="digest", keys=[]),
    step("waiting", "threads.waiting"),
    step("theirs", "threads.waiting", theirs=True),
    step("nudge", "mail.nudge", person=ANN, what="the plan", source="mail"),
    step("nudge2", "mail.nudge", person=f"mallory@{EVIL}", source="mail"),
    step("listed", "message.list"),
    step("added", "schedule.add", request="summarise the mail about the winch", rrule="FREQ=DAILY",
         name="daily", first="2026-12-01T09:00:00+00:00"),
    step("all", "schedule.list", needs=["added"]),
    step("paused", "schedule.pause", name="daily", needs=["all"]),
    step("resumed", "schedule.resume", name="daily", needs=["paused"]),
    step("removed", "schedule.remove", name="daily", needs=["resumed"]),
    step("undone", "effect.undone", effect="none"),
    step("month", "calendar.agenda", start="2026-12-01T00:00:00+00:00", end="2027-02-01T00:00:00+00:00"),
]  # fmt: skip
"""Actions that need nothing found before."""


@dataclass
class Swept:
    """What all actions left, over all channels."""

    runs: dict[str, dict[str, StepState]] = field(default_factory=dict[str, dict[str, StepState]])
    ops: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    """Of each token, the native id of the item that it stands in (of an attachment: that of its mail)."""
    homes: dict[str, str] = field(default_factory=dict[str, str])
    """Of each token, the channel and form that it is planted in."""
    handles: set[str] = field(default_factory=set[str])
    hers: list[Any] = field(default_factory=list[Any])
    """What the person set, said and allowed, before and after."""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Swept:
    """Every action, run over every channel."""
    there, found = Workspace(tmp_path_factory.mktemp("labels")), Swept()
    there.mail("Sent", sender=f"Noor <{ME}>", subject="The plan", to=f"Ann Ruiz <{ANN}>, Bo <{BO}>",
               text="Can you send me the plan?", ago=timedelta(days=9))  # fmt: skip
    there.event("board@example.org", "Board", f"ATTENDEE:mailto:{ANN}")
    there.document("plan.txt", b"The plan of the board.")
    victims = {"mail": "mail:message:x", "event": "calendar:event:board@example.org", "file": "x"}
    planted = [p for p in plant_all(there, victims, ORDER) if p.form in ("text", "address")]  # type: ignore[arg-type]
    with there.open() as app:
        app.sync(embed=0)
        found.handles = {str(i.ref) for i in app.archive.find()}
        found.hers.append(_hers(app))
        for one in planted:
            at = place(app, one)
            found.tokens[one.slot.token] = ItemRef.parse(at["item"]["ref"]).native
            found.homes[one.slot.token] = f"{one.channel.name} {one.form}"
            steps = {"mail": of_mail, "event": of_event, "file": of_file}[one.channel.kind](at)
            _keep(app, found, f"{one.channel.name} {one.form}", steps)
        _keep(app, found, "alone", ALONE)
        found.hers.append(_hers(app))
        _answers(there, app, found)
    return found


def _hers(app: App) -> Any:
    known = app.runs_room.known()
    settings = [app.settings, app.home.config_file.read_bytes()]
    return [*settings, known.called, known.groups, known.learnt, app.permissions()]


ROOMS = """
[rooms.Blue]
address = "blue@example.org"
source = "blue"
seats = 6
"""


def _answers(there: Workspace, app: App, found: Swept) -> None:
    """What strangers answer to the owner's own meetings and offers, and say of theirs later."""
    mallory, room = f"mallory@{EVIL}", "ATTENDEE;CUTYPE=ROOM;PARTSTAT=DECLINED:mailto:blue@example.org"
    when = there.event(
        "own@example.org",
        "Own",
        f"ATTENDEE;CN=M;PARTSTAT=NEEDS-ACTION:mailto:{mallory}",
        room,
        "RRULE:FREQ=WEEKLY;UNTIL=20270201T100000Z",
    )
    start, end = when.isoformat(), (when + timedelta(hours=1)).isoformat()
    theirs = there.event(
        f"theirs@{EVIL}", "Theirs", f"ATTENDEE:mailto:{ME}", organizer=f"ORGANIZER:mailto:{mallory}"
    )
    said = vcalendar(
        "own@example.org",
        "Own",
        when,
        f"ORGANIZER:mailto:{ME}",
        "COMMENT:qz91textqz",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{mallory}",
        method="REPLY",
    )
    moved = vcalendar(
        f"theirs@{EVIL}",
        "qz92textqz",
        theirs + timedelta(days=1),
        f"ORGANIZER:mailto:{mallory}",
        "SEQUENCE:3",
        "LOCATION:qz92textqz",
        f"ATTENDEE:mailto:{ME}",
        method="REQUEST",
    )
    there.mail(
        "answer", sender=mallory, subject="No", text="qz91textqz", calendar=said.decode(), method="REPLY"
    )
    there.mail("revision", sender=mallory, subject="Moved", text="qz92textqz", calendar=moved.decode())
    config = there.root / "home" / "config.toml"
    config.write_text(config.read_text("utf-8") + ROOMS, "utf-8")
    empty = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
    (there.root / "blue.ics").write_bytes(empty)
    app.add("ics", str(there.root / "blue.ics"), alias="blue")
    app.sync(embed=0)
    offer = [
        step("slots", "slots.find", people=[mallory], minutes=30, start=NOW.isoformat(), end=start),
        step(
            "offer",
            "offer.compose",
            people=[{"address": mallory, "name": "M"}],
            slots=ref("slots", "slots"),
            title="Talk",
        ),
    ]
    made = _keep(app, found, "offer", offer)
    drafted = app.ask(Plan(request="draft", objective="draft", steps=(DRAFT,)), approve=True, fresh=False)
    _keep(app, found, "kept", [step("kept", "effect.kept", effect=drafted.effects[0].key)])
    there.mail("offered", sender=mallory, subject="Re: Times", text="The first one suits me. qz93textqz")
    app.sync(embed=0)
    mails = {i.folder: i for i in app.archive.find(kinds=["message"])}
    named = {f: {"ref": str(i.ref), "version": i.version} for f, i in mails.items()}
    for token, folder in (("qz91textqz", "answer"), ("qz92textqz", "revision"), ("qz93textqz", "offered")):
        found.tokens[token] = mails[folder].ref.native
    _keep(
        app,
        found,
        "answers",
        [
            step("replied", "event.reply", event="calendar:event:own@example.org", message=named["answer"]),
            step(
                "revised",
                "invitation.revision",
                event=f"calendar:event:theirs@{EVIL}",
                message=named["revision"],
            ),
            step("chosen", "offer.answer", offer=made, message=named["offered"]),
            step("event", "event.find", start=start, end=end, series=True),
            step("extended", "event.extend", event=ref("event"), until="2027-03-01T10:00:00+00:00"),
            step("one", "event.find", start=start, end=end),
            step("room", "room.find", event=ref("one")),
            step("instead", "room.instead", event=ref("one"), rooms=["red@example.org"]),
        ],
    )


DRAFT = step("draft", "mail.draft", source="mail", to=[{"address": ANN}], subject="Later", body="More soon.")

ORDER = Order(({"op": "mail.send", "args": {"source": "mail", "to": [{"address": f"x@{EVIL}"}]}},))


def _keep(app: App, found: Swept, name: str, steps: list[Step]) -> str:
    run = app.ask(Plan(request=name, objective=name, steps=tuple(steps)), fresh=False)
    found.runs[name] = dict(app.runs_room.records.steps(run.id))
    found.ops |= {(name, s.id): s.op for s in steps}
    return run.id


def leaves(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in a value, with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*at, name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from leaves(inner, (*at, n))
    elif isinstance(value, str):
        yield at, value


def carriers(swept: Swept) -> Iterator[tuple[str, str, str, tuple[str | int, ...], str, StepState]]:
    """Every text with a token in it: where, by which action, at which place, which token, in which state."""
    for name, states in swept.runs.items():
        for id_, state in states.items():
            op = swept.ops.get((name, id_)) or swept.ops.get((name, id_.rpartition("_")[0]), "")
            for place_, text in leaves(state.value):
                if text in swept.handles:
                    continue  # an id that exists
                for token in {*TOKEN.findall(text)}:
                    yield name, op, id_, place_, token, state


def test_every_action_was_run_and_did_its_work(swept: Swept) -> None:
    done = {
        swept.ops[name, id_]
        for name, states in swept.runs.items()
        for id_, state in states.items()
        if state.state == "done" and (name, id_) in swept.ops
    }
    assert actions().keys() - done == set()


def test_a_token_never_has_a_better_label_than_untrusted(swept: Swept) -> None:
    wrong = {
        f"{op} {'.'.join(map(str, at))}: {label_of(state, at).trust} ({token} in {name})"
        for name, op, _, at, token, state in carriers(swept)
        if label_of(state, at).trust != "untrusted"
    }
    assert sorted(wrong) == []


def test_a_token_is_never_public_and_its_label_names_where_it_stands(swept: Swept) -> None:
    public, nameless = set(), set()
    for name, op, _, at, token, state in carriers(swept):
        label = label_of(state, at)
        where = f"{op} {'.'.join(map(str, at))} ({token} in {name}): {label}"
        if label.readers is None:
            public.add(where)
        if not any(swept.tokens[token] in origin for origin in label.origins):
            nameless.add(where)
    assert sorted(public) == []
    assert sorted(nameless) == []


def test_tokens_come_through_so_that_there_is_something_to_judge(swept: Swept) -> None:
    seen = {token for *_, token, _ in carriers(swept)}
    ops = {op for _, op, *_ in carriers(swept)}
    assert len(seen) > 40
    assert len(ops) > 20


def test_no_action_changed_what_is_hers(swept: Swept) -> None:
    before, after = swept.hers
    assert before == after


def test_what_is_kept_from_plans_comes_out_of_no_action(swept: Swept) -> None:
    dropped = {c.name for c in CHANNELS if c.dropped}
    told = {
        name.rpartition(" ")[0] for name, *_, token, _ in carriers(swept) if swept.homes.get(token) == name
    }
    assert dropped & told == set()
    # A folder's name stands in ids alone, which are left out above.
    assert told >= {c.name for c in CHANNELS} - dropped - {"file.folder"}, "the others are channels"


def test_every_label_tells_by_which_step_it_came(swept: Swept) -> None:
    for states in swept.runs.values():
        for id_, state in states.items():
            for label in (state.labels or {}).values():
                assert id_ in label["via"]
