"""One owner per home: the lock, the door, the token; and what stale or hostile ones do not do."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT

from deskhand.agent.app import App
from deskhand.agent.errors import InUse, Refusal
from deskhand.agent.home.owner import LARGEST, Door, Ownership, knock, reach
from deskhand.agent.sample.servers import free_ports

BASE = {**{k: v for k, v in os.environ.items() if not k.startswith("DESKHAND_")}, **ENVIRONMENT}


def answer(method: str, arguments: Mapping[str, Any]) -> Any:
    """What the owner behind the door says."""
    match method:
        case "echo":
            return dict(arguments)
        case "refuse":
            raise Refusal("No such thing.", 2, "missing")
        case "value":
            raise ValueError("a wrong value")
        case _:
            raise ZeroDivisionError("a defect")


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "owner.json"


@pytest.fixture
def door(note: Path) -> Iterator[Door]:
    door = Door(answer, note)
    yield door
    door.close()


class Raw:
    """Somebody on this machine who speaks HTTP."""

    def __init__(self, note: Path) -> None:
        said = json.loads(note.read_text())
        self.port, self.token = said["port"], said["token"]

    def post(self, path: str = "/v1/echo", body: bytes = b"{}", **headers: str) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        given = {"Authorization": f"Bearer {self.token}"} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        connection.request("POST", path, body, given)
        answered = connection.getresponse()
        status, said = answered.status, json.loads(answered.read())
        connection.close()
        return status, said

    def raw(self, text: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(text)
            got = b""
            while more := connection.recv(65536):
                got += more
            return got


class TestLock:
    def test_one_takes_it_and_the_next_after_it(self, tmp_path: Path) -> None:
        first, second = Ownership(tmp_path / "lock"), Ownership(tmp_path / "lock")
        assert first.take()
        assert not second.take()
        first.release()
        assert second.take()
        second.release()

    @pytest.mark.crash
    def test_a_kill_frees_it(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        held = context.Event()
        child = context.Process(target=_hold, args=(str(tmp_path / "lock"), held))
        child.start()
        assert held.wait(60)
        lock = Ownership(tmp_path / "lock")
        assert not lock.take()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join(60)
        assert lock.take()
        lock.release()

    def test_an_app_is_refused_while_another_owns_the_home(self, tmp_path: Path) -> None:
        owner = App.open(tmp_path / "home", environ=ENVIRONMENT)
        with owner, pytest.raises(InUse, match="Another Deskhand owns"):
            App.open(tmp_path / "home", environ=ENVIRONMENT)
        App.open(tmp_path / "home", environ=ENVIRONMENT).close()


class TestDoor:
    def test_answers_and_refuses_in_the_owners_words(self, door: Door, note: Path) -> None:
        call = knock(note)
        assert call is not None
        assert call("echo", {"a": [1, "ü", None]}) == {"a": [1, "ü", None]}
        with pytest.raises(Refusal, match="No such thing") as caught:
            call("refuse", {})
        assert (caught.value.code, caught.value.kind) == (2, "missing")
        with pytest.raises(Refusal, match="a wrong value"):
            call("value", {})

    def test_a_defect_is_told_and_the_next_call_is_answered(self, door: Door, note: Path) -> None:
        call = knock(note)
        assert call is not None
        with pytest.raises(Refusal, match=r"went wrong \(ZeroDivisionError: a defect\)") as caught:
            call("break", {})
        assert caught.value.code == 1
        assert call("echo", {}) == {}

    def test_only_this_user_can_read_where_it_is(self, door: Door, note: Path) -> None:
        assert note.stat().st_mode & 0o777 == 0o600
        assert len(json.loads(note.read_text())["token"]) >= 40
        assert list(note.parent.iterdir()) == [note]

    @pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer ü"])
    def test_the_token_is_needed(self, door: Door, note: Path, given: str) -> None:
        status, said = Raw(note).post(Authorization=given.encode().decode("latin-1"))
        assert (status, said["error"]["kind"]) == (401, "unauthorized")
        assert "token" not in json.dumps(said)

    @pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "", "[::1]", "evil.test:80"])
    def test_another_host_is_refused_even_with_the_token(self, door: Door, note: Path, host: str) -> None:
        status, said = Raw(note).post(Host=host)
        assert (status, said["error"]["kind"]) == (403, "forbidden")

    @pytest.mark.parametrize("length", ["-1", str(LARGEST + 1), "9" * 4000, "x", "1e3", "²"])
    def test_a_length_that_cannot_be_is_refused_unread(self, door: Door, note: Path, length: str) -> None:
        raw = Raw(note)
        head = f"POST /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {raw.token}\r\n"
        got = raw.raw(head.encode() + b"Content-Length: " + length.encode() + b"\r\n\r\n{}")
        assert got.startswith(b"HTTP/1.1 413")

    @pytest.mark.parametrize("body", [b"[]", b'"x"', b"{", b"\xff", b"nul", b"[" * 100_000])
    def test_what_is_no_object_is_refused(self, door: Door, note: Path, body: bytes) -> None:
        status, said = Raw(note).post(body=body)
        assert status in (400, 500)
        assert said["error"]["message"]
        assert knock(note) is not None

    def test_a_refused_body_is_not_taken_for_the_next_request(self, door: Door, note: Path) -> None:
        raw = Raw(note)
        inner = b"POST /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        inner += raw.token.encode() + b"\r\nContent-Length: 2\r\n\r\n{}"
        outer = b"POST /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(inner)
        assert raw.raw(outer + inner).count(b"HTTP/1.1 ") == 1

    def test_other_methods_are_not_served(self, door: Door, note: Path) -> None:
        raw = Raw(note)
        assert b" 501 " in raw.raw(b"GET /v1/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")

    def test_it_listens_on_loopback_alone(self, door: Door) -> None:
        assert door._server.server_address[0] == "127.0.0.1"

    def test_closing_serves_whoever_is_inside_and_nobody_after(self, note: Path) -> None:
        inside, go = threading.Event(), threading.Event()

        def slow(method: str, arguments: Mapping[str, Any]) -> str:
            inside.set()
            go.wait(20)
            return "served"

        door = Door(slow, note)
        call = knock(note)
        assert call is not None
        got: list[Any] = []
        guest = threading.Thread(target=lambda: got.append(call("wait", {})))
        guest.start()
        assert inside.wait(20)
        closing = threading.Thread(target=door.close)
        closing.start()
        closing.join(0.1)
        assert closing.is_alive()
        go.set()
        guest.join(20)
        closing.join(20)
        assert got == ["served"]
        assert not note.exists()
        with pytest.raises(Refusal, match="ended before it answered"):
            call("echo", {})


class TestStaleNotes:
    """What a killed owner left, or what is no note at all, is harmless."""

    def closed_port(self) -> int:
        return free_ports(1)[0]

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1, "port": "x", "token": ""}', "\x00"])
    def test_no_note(self, note: Path, text: str) -> None:
        note.write_text(text)
        assert knock(note) is None

    def test_a_closed_port(self, note: Path) -> None:
        note.write_text(json.dumps({"pid": os.getpid(), "port": self.closed_port(), "token": "t"}))
        assert knock(note) is None

    def test_a_port_that_is_somebody_elses_by_now(self, note: Path, tmp_path: Path) -> None:
        other = Door(answer, tmp_path / "other.json")
        port = json.loads((tmp_path / "other.json").read_text())["port"]
        note.write_text(json.dumps({"pid": os.getpid(), "port": port, "token": "of the dead"}))
        try:
            assert knock(note) is None
        finally:
            other.close()

    def test_a_port_where_nobody_answers(self, note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("deskhand.agent.home.owner.PING_SECONDS", 0.1)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            note.write_text(json.dumps({"pid": 1, "port": silent.getsockname()[1], "token": "t"}))
            assert knock(note) is None

    def test_the_next_owner_is_not_kept_away(self, note: Path, tmp_path: Path) -> None:
        note.write_text(json.dumps({"pid": 1, "port": self.closed_port(), "token": "t"}))
        lock = Ownership(tmp_path / "lock")
        assert reach(note, lock.take) is None
        lock.release()


class TestReach:
    def test_whoever_owns_is_reached(self, door: Door, note: Path) -> None:
        call = reach(note, lambda: False)
        assert call is not None
        assert call("echo", {"x": 1}) == {"x": 1}

    def test_a_short_command_is_waited_for(self, note: Path) -> None:
        tries = iter([False, False, True])
        assert reach(note, lambda: next(tries)) is None

    def test_not_for_ever(self, note: Path) -> None:
        with pytest.raises(InUse, match="does not answer") as caught:
            reach(note, lambda: False, patience=0.1)
        assert caught.value.code == 1


class TestTwoCommands:
    """The real commands, each a process."""

    def run(self, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deskhand.agent.terminal.cli", *words, "--home", str(home)]
        return subprocess.run(command, env=BASE, capture_output=True, text=True, timeout=120, check=False)

    def serve(self, home: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "deskhand.agent.terminal.cli", "serve", "--home", str(home)]
        serving = subprocess.Popen(
            command, env=BASE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert serving.stdout is not None
        for line in serving.stdout:
            if "Serving" in line:
                return serving
        raise AssertionError("serve ended")

    @pytest.mark.crash
    @pytest.mark.long
    def test_the_second_reaches_the_first_and_after_a_kill_owns_the_home_itself(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        assert self.run(home, "init", "--zone", "Europe/Lisbon").returncode == 0
        serving = self.serve(home)
        try:
            assert (home / "owner.json").stat().st_mode & 0o777 == 0o600
            asked = self.run(home, "schedule", "list", "--json")
            assert asked.returncode == 0, asked.stderr
            assert json.loads(asked.stdout) == {"schedules": []}
            assert json.loads((home / "owner.json").read_text())["pid"] == serving.pid, "the owner stayed"
        finally:
            serving.kill()
            serving.wait(60)
            assert serving.stdout is not None
            serving.stdout.close()
        assert (home / "owner.json").exists(), "a kill leaves a stale note"
        after = self.run(home, "schedule", "list", "--json")
        assert (after.returncode, json.loads(after.stdout)) == (0, {"schedules": []})
        assert not (home / "owner.json").exists()


def _hold(lock: str, held: Any) -> None:
    ownership = Ownership(Path(lock))
    assert ownership.take()
    held.set()
    threading.Event().wait()
