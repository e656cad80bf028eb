"""A calendar account at a real server, end to end: asked, approved, written once, read back, taken back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_givens import NOW
from crashing import forked
from dav_desk import WITH_BO, desk, events, killed_after_the_put, mails
from dav_givens import simple
from fakes import proxy, radicale
from fakes.proxy import says
from typer.testing import CliRunner

from deskhand.agent.app import App
from deskhand.agent.terminal.cli import app as cli
from deskhand.config.errors import ConfigError
from deskhand.connectors import caldav


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[radicale.Server]:
    """With people and passwords, as real ones have."""
    pytest.importorskip("radicale", reason="needs radicale, of the test dependencies")
    users = {f"noor{n}": f"pass-{n}-word" for n in range(20)}
    with radicale.server(tmp_path_factory.mktemp("accounts"), ["Europe/Lisbon"], users=users) as running:
        yield running


@pytest.fixture
def noor(server: radicale.Server, request: pytest.FixtureRequest) -> radicale.Server:
    """An account of her own with an empty calendar."""
    n = _numbers.pop()
    account = radicale.Server(server.port, f"noor{n}", f"pass-{n}-word")
    account.make("work", title="Work")
    return account


_numbers = list(range(20))


@pytest.fixture
def app(noor: radicale.Server, tmp_path: Path) -> Iterator[App]:
    with desk(tmp_path, noor) as app:
        yield app


def test_a_meeting_is_booked_read_back_and_taken_back(
    app: App, noor: radicale.Server, tmp_path: Path
) -> None:
    app.sync(embed=0)
    run = app.ask(WITH_BO, approve=True, fresh=False)
    assert run.status == "done", run.answer
    (event,) = events(noor)
    assert (event["SUMMARY"], f"{event['DTSTART'].dt:%a %H:%M}") == ("Budget", "Tue 15:00")
    (invitation,) = mails(tmp_path)
    assert invitation["To"] == "bo@example.org"
    (effect,) = [e for e in app.runs_room.records.effects(states=("done",)) if e.operation == "event.create"]
    assert event["UID"] in str(effect.left)
    undone = app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert [e.get("STATUS", "") for e in events(noor)] in ([], ["CANCELLED"])
    assert [m["Subject"] for m in mails(tmp_path)][1:], "Bo is told that it is off"


def test_an_account_is_added_by_its_mail_address(
    noor: radicale.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its domain says (tests/connectors/test_srv.py) is its place; a second time it is known by that."""
    address = "noor@example.org"
    found = {"place": noor.url, "user": noor.user, "me": address}
    monkeypatch.setattr(caldav, "server_options", lambda _: dict(found))
    monkeypatch.setenv("CALENDAR_PASSWORD", noor.password)
    with App.open(tmp_path / "home", now=NOW) as app:
        app.add("caldav", address, options={"password": "env:CALENDAR_PASSWORD"})
        (source,) = app.settings.sources.values()
        assert (source.place, source.options["user"], source.options["me"]) == (noor.url, noor.user, address)
        with pytest.raises(ConfigError, match="is connected already, as calendar"):
            app.add("caldav", address, options={"password": "env:CALENDAR_PASSWORD"})


def test_another_program_between_the_yes_and_the_write_is_asked_about(
    app: App, noor: radicale.Server
) -> None:
    """It is not written over: the question comes anew, at what is there now."""
    together = "ORGANIZER:mailto:noor@example.org\r\nATTENDEE:mailto:bo@example.org\r\nEND:VEVENT"

    def put(title: str) -> None:
        event = simple("review@example.org", title, day=1).replace("END:VEVENT", together)
        noor.put("work", "review", event)

    put("Review")
    app.sync(embed=0)
    run = app.ask("move the review to 2 December at 11:00", approve=None, fresh=False)
    assert run.status == "waiting", run.answer
    (question,) = [a for a in run.approvals if a.state == "pending"]
    put("Review of the roof")
    after = app.decide(question.id)
    assert after.status == "waiting", after.answer
    (anew,) = [a for a in after.approvals if a.state == "pending"]
    assert anew.id != question.id
    (event,) = events(noor)
    assert (event["SUMMARY"], event["DTSTART"].dt.day) == ("Review of the roof", 1)
    app.decide(anew.id)
    (event,) = events(noor)
    assert (event["SUMMARY"], event["DTSTART"].dt.day) == ("Review of the roof", 2)


@pytest.mark.crash
def test_killed_after_the_put_it_is_found_and_not_written_again(
    noor: radicale.Server, tmp_path: Path
) -> None:
    child = forked(killed_after_the_put, str(tmp_path), noor)
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    (before,) = events(noor)
    assert mails(tmp_path) == []
    with desk(tmp_path, noor) as app:
        for run in app.resume():
            assert app.runs_room.wait(run).status == "done"
        states = {e.operation: e.state for e in app.runs_room.records.effects()}
        assert states == {"event.create": "done", "mail.send": "done"}
    (after,) = events(noor)
    assert after["UID"] == before["UID"]
    assert len(mails(tmp_path)) == 1


WATCHED = """
import sys
from pathlib import Path
seen = set()
def hook(event, args):
    if event == "socket.connect":
        seen.add(repr(args[1]))
    elif event in ("socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        seen.add(f"{event} {args[0]!r}")
sys.addaudithook(hook)
from dav_desk import WITH_BO, desk
from fakes.radicale import Server
root, port, user, password = sys.argv[1:]
with desk(Path(root), Server(int(port), user, password)) as app:
    app.sync(embed=0)
    assert app.ask(WITH_BO, approve=True, fresh=False).status == "done"
print(*sorted(seen), sep="\\n")
"""


def test_nobody_is_spoken_to_but_the_server_that_was_named(noor: radicale.Server, tmp_path: Path) -> None:
    """By Python's own account of what the process connects to, whatever proxies the environment names."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path), str(noor.port), noor.user, noor.password],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HTTP_PROXY": "http://127.0.0.1:9"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split("\n")) - {""} <= {
        f"('127.0.0.1', {noor.port})",
        "socket.getaddrinfo '127.0.0.1'",
    }
    assert events(noor)


class TestTheCommands:
    def run(self, root: Path, *words: str, code: int = 0, password: str = "") -> str:
        env = {
            "DESKHAND_ENGINE__KIND": "memory", "DESKHAND_SENDING__HOLD": "0s", "CALENDAR_PASSWORD": password,
        }  # fmt: skip
        given = [*words, "--home", str(root / "home"), "--now", NOW.isoformat()]
        result = CliRunner().invoke(cli, given, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    def test_an_account_is_added_and_synced(self, noor: radicale.Server, tmp_path: Path) -> None:
        noor.put("work", "review", simple("review@example.org", "Review"))
        self.run(tmp_path, "init", "--name", "Noor", "--email", "noor@example.org", "--zone", "UTC")
        options = ["-o", f"user={noor.user}", "-o", "password=env:CALENDAR_PASSWORD"]
        add = ["add", "caldav", noor.url, *options]
        assert "refused the user name or password" in self.run(tmp_path, *add, code=1, password="wrong")
        assert "calendar" not in self.run(tmp_path, "sources")
        said = self.run(tmp_path, *add, password=noor.password)
        assert f"Connected caldav {noor.url} as calendar" in said
        assert self.run(tmp_path, "sync", password=noor.password)
        assert "Review" in self.run(tmp_path, "search", "review", password=noor.password)
        text = (tmp_path / "home" / "config.toml").read_text("utf-8")
        assert noor.password not in text
        stored = [p for p in (tmp_path / "home").rglob("*") if p.is_file()]
        assert not [p for p in stored if noor.password.encode() in p.read_bytes()]

    def test_a_server_that_repeats_the_password_is_not_repeated(
        self, noor: radicale.Server, tmp_path: Path
    ) -> None:
        """Not in what is printed, and not in anything that is kept."""
        self.run(tmp_path, "init", "--name", "Noor", "--email", "noor@example.org", "--zone", "UTC")
        error = f'<D:error xmlns:D="DAV:"><D:{noor.password}/></D:error>'.encode()
        with proxy.before(noor.port) as way:
            add = [
                "add",
                "caldav",
                way.url,
                "-o",
                f"user={noor.user}",
                "-o",
                "password=env:CALENDAR_PASSWORD",
            ]
            way.always["*"] = says(403, error)
            printed = self.run(tmp_path, *add, code=1, password=noor.password)
            assert "403" in printed
            way.always.clear()
            printed += self.run(tmp_path, *add, password=noor.password)
            way.always["*"] = says(403, error)
            printed += self.run(tmp_path, "sync", code=1, password=noor.password)
            printed += self.run(tmp_path, "sources", password=noor.password)
        assert noor.password not in printed
        stored = [p for p in (tmp_path / "home").rglob("*") if p.is_file()]
        assert not [p for p in stored if noor.password.encode() in p.read_bytes()]

    def test_a_password_in_the_clear_is_refused(self, noor: radicale.Server, tmp_path: Path) -> None:
        self.run(tmp_path, "init", "--name", "Noor", "--email", "noor@example.org", "--zone", "UTC")
        add = ["add", "caldav", noor.url, "-o", f"user={noor.user}", "-o", f"password={noor.password}"]
        said = self.run(tmp_path, *add, code=2)
        assert re.search(r"secret", said)
        assert noor.password not in said
