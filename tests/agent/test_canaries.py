"""No secret reaches state, checkpoint, trace, log or error text.

Canaries are put wherever one can be given; what can go wrong does, with the canary in its words; then
everything that is kept or printed is searched.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socketserver
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from agent_givens import House, mail

from deskhand.connectors.errors import SourceError, Transient
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Receipt

pytestmark = pytest.mark.long

SMTP, MODEL, FILE, RING, FOUND = (f"c4nary-{n}-{n}+{n}/x" for n in ("smtp", "model", "file", "ring", "found"))
CANARIES = (SMTP, MODEL, FILE, RING, FOUND)
TESTS = Path(__file__).parents[1]


def forms(secret: str) -> set[bytes]:
    """How it could have been written down."""
    made = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], secret.encode().hex()}
    return {f.encode() for f in made} | {base64.b64encode(f"{p}{secret}".encode()) for p in ("", "\0noor\0")}


def seen_in(data: bytes, where: str, secrets: tuple[str, ...] = CANARIES) -> list[str]:
    return [f"{s} in {where}" for s in secrets if any(form in data for form in forms(s))]


def kept_in(home: Path, secrets: tuple[str, ...] = CANARIES) -> list[str]:
    """Where in a home a canary is: in the bytes of files, what databases hold, and what is packed there."""
    found: list[str] = []
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        found += seen_in(path.read_bytes(), path.name, secrets)
        if path.suffix != ".db":
            continue
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                    for value in row:
                        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
                        found += seen_in(data, f"{path.name} {table}", secrets)
                        try:
                            found += seen_in(zlib.decompress(data), f"{path.name} {table}, packed", secrets)
                        except zlib.error:
                            continue
    return found


class Echo(socketserver.StreamRequestHandler):
    """A mail server that takes the password, and repeats it in every refusal."""

    def handle(self) -> None:
        said, password = self._say, ""
        said(b"220 here")
        for raw in self.rfile:
            line = raw.strip()
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif verb == b"AUTH":
                token = line.split()[-1]
                password = base64.b64decode(token).rpartition(b"\0")[2].decode()
                if getattr(self.server, "takes", True):
                    said(b"235 welcome")
                else:
                    said(f"535 5.7.8 {password} ({token.decode()}) is wrong".encode())
            elif verb == b"RCPT":
                token = base64.b64encode(f"\0noor\0{password}".encode()).decode()
                said(f"550 nobody; you are {password} ({token}, {quote(password, safe='')})".encode())
            elif verb == b"QUIT":
                said(b"221 bye")
                return
            else:
                said(b"250 well")

    def _say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")
        self.server.talked = True  # type: ignore[attr-defined]


class Model(BaseHTTPRequestHandler):
    """A model's server that refuses, and repeats the key; or never answers."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Authorization"]
        self.server.keys.append(key)  # type: ignore[attr-defined]
        if self.server.hangs:  # type: ignore[attr-defined]
            self.server.asked.set()  # type: ignore[attr-defined]
            self.server.over.wait(60)  # type: ignore[attr-defined]
            return
        body = json.dumps({"error": {"message": f"Incorrect key: {key}", "code": key}}).encode()
        self.send_response(400 if len(self.server.keys) % 2 else 401)  # type: ignore[attr-defined]
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def smtp() -> Iterator[Any]:
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)) as server:
        yield server


@pytest.fixture(scope="module")
def model() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.keys, server.hangs = [], False
    server.asked, server.over = threading.Event(), threading.Event()
    with served(server):
        yield server
        server.over.set()


class Desk:
    """A home that is reached by its commands alone, as a person does; what they print is kept."""

    def __init__(self, root: Path, *, smtp: int, model: int) -> None:
        self.root, self.home, self.printed = root, root / "home", b""
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("DESKHAND")} | {
            "DESKHAND_HOME": str(self.home), "DESKHAND_ENGINE__KIND": "memory",
            "DESKHAND_SENDING__HOLD": "0s",
            "PYTHONPATH": str(TESTS / "config"),
            "PYTHON_KEYRING_BACKEND": "keyring_twin.Twin", "KEYRING_TWIN": str(root / "twin.json"),
            "MAIL_PASSWORD": SMTP, "OPENAI_API_KEY": FOUND,
        }  # fmt: skip
        (root / "key").write_text(FILE, "utf-8")
        (root / "key").chmod(0o600)
        for n in (1, 2, 3):
            for folder in ("cur", "new", "tmp"):
                (root / f"mail{n}" / folder).mkdir(parents=True)
        self.say("init", "--name", "Noor", "--email", "noor@example.org", "--zone", "Europe/Lisbon")
        self.say("secret", "set", "MODEL", "--to", "file", typed=MODEL)
        self.say("secret", "set", "RING", typed=RING)
        for n, password in enumerate(("env:MAIL_PASSWORD", f"file:{root / 'key'}", "secret:RING"), 1):
            self.say("add", "maildir", str(root / f"mail{n}"), "--as", f"mail{n}",
                     "-o", f"smtp=smtp://noor@127.0.0.1:{smtp}", "-o", f"password={password}")  # fmt: skip
        config = self.home / "config.toml"
        config.write_text(
            f'{config.read_text("utf-8")}\n[model]\nname = "openai:gpt-x"\nwrites = true\n'
            f'base_url = "http://127.0.0.1:{model}/v1"\napi_key = "secret:MODEL"\n',
            "utf-8",
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", "from deskhand.agent.terminal.cli import main; main()", *words]

    def say(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            self.command(*words), env=self.environ, input=typed.encode(), capture_output=True, check=False,
            timeout=120,
        )  # fmt: skip
        self.printed += done.stdout + done.stderr
        assert b"Traceback" not in done.stderr, done.stderr
        return done


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, smtp: Any, model: Any) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"), smtp=smtp.server_address[1], model=model.server_address[1])


def test_whatever_goes_wrong_no_command_keeps_or_prints_one(desk: Desk, smtp: Any, model: Any) -> None:
    desk.say("sync")
    refused = ("mail1", "mail2", "mail3")
    for n, source in enumerate(refused, 1):
        smtp.takes = n != 2
        plan = {
            "request": "send it", "objective": "Send it.",
            "steps": [{
                "id": "mail", "op": "mail.send", "purpose": "send it",
                "args": {"source": source, "to": [{"address": "bo@example.org"}], "subject": "", "body": "B"},
            }],
        }  # fmt: skip
        (desk.root / "plan.json").write_text(json.dumps(plan), "utf-8")
        told = desk.say("run", str(desk.root / "plan.json"), "--yes", "--events")
        assert told.returncode in (1, 4), told
        assert "•••" in (told.stdout + told.stderr).decode() or not smtp.takes
    assert smtp.talked
    desk.say("ask", "what is on my calendar tomorrow", "--events")
    assert any(MODEL in key for key in model.keys), "the model's server was given the key"
    for words in (
        ["show", "r1"], ["show", "r4", "--json"], ["sources", "--json"], ["doctor"],
        ["state", "step", "r1", "mail"], ["secret", "list"], ["audit", "export"],
    ):  # fmt: skip
        desk.say(*words)
    assert seen_in(desk.printed, "what was printed") == []
    assert kept_in(desk.home) == []


def test_a_killed_process_leaves_none(desk: Desk, model: Any) -> None:
    model.hangs = True
    child = subprocess.Popen(
        desk.command("ask", "what is on my calendar tomorrow", "--events"), env=desk.environ,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert model.asked.wait(60)
    child.send_signal(signal.SIGKILL)
    out, err = child.communicate(timeout=60)
    model.hangs = False
    assert any(MODEL in key for key in model.keys)
    desk.say("runs")
    assert seen_in(desk.printed + out + err, "what was printed") == []
    assert kept_in(desk.home) == []


class Blabber(Memory):
    """A source whose every word is the password it was given."""

    @property
    def words(self) -> str:
        return f"https://noor:{quote(FILE, safe='')}@example.org said: {FILE} is wrong"

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        yield Failed(ItemRef("memory", "message", "broken"), self.words)
        yield from super().changes(since)
        raise Transient(self.words)

    def perform(self, operation: Any, *, key: str, **rest: Any) -> Receipt:
        if operation.subject == "defect":
            try:
                raise OSError(5, self.words, self.words)
            except OSError as error:
                raise ValueError({"why": [self.words]}) from error
        if operation.subject == "refused":
            raise SourceError(self.words)
        receipt = super().perform(operation, key=key, **rest)
        return Receipt(receipt.ref, receipt.version, {**receipt.detail, "refused": {"x": self.words}})

    def free_busy(self, addresses: Any, **rest: Any) -> Any:
        raise SourceError(self.words)


def test_a_source_that_repeats_it_in_every_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key").write_text(FILE, "utf-8")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "mail").mkdir()
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "mail" / folder).mkdir()
    options = {"smtp": "smtp://noor@127.0.0.1:1", "password": f"file:{tmp_path / 'key'}"}
    told: list[str] = []
    with House(tmp_path / "home", Blabber()) as house:
        house.app.add("maildir", str(tmp_path / "mail"), alias="mail", options=options)
        for p in house.app.sync(embed=0).passes:
            told.append(p.error)
        assert any("•••" in t for t in told)
        for subject in ("defect", "refused", "done"):
            run = house.do(mail(subject=subject), approve=True)
            told += [run.answer, *(e.error for e in run.effects), str(run.effects[0].receipt)]
        from deskhand.agent.desk.desk import Desk as Door

        door = Door(house.app, None)
        for method, given in (("sources", {}), ("show", {"what": "r1"}), ("doctor", {})):
            told.append(json.dumps(door.call(method, given), ensure_ascii=False))
        boom = RuntimeError(f"a defect of ours: {FILE}")
        boom.add_note(f"and {FILE}")

        def broken(*_: Any, **__: Any) -> Item:
            raise boom

        house.app.item = broken  # type: ignore[method-assign]
        with pytest.raises(RuntimeError, match="a defect of ours: •••") as caught:
            door.call("show", {"what": "x:y:z"})
        told += [str(caught.value), *caught.value.__notes__]
        assert (house.root / "runs.db").exists()
    captured = capsys.readouterr()
    told += [captured.out, captured.err]
    assert seen_in("\n".join(told).encode(), "what was told") == []
    assert kept_in(tmp_path / "home") == []


def test_the_search_would_find_them(tmp_path: Path) -> None:
    """The control: with nothing taken out, what the sources say is in the home."""
    with House(tmp_path / "home", Blabber()) as house:
        house.app.sync(embed=0)
        house.do(mail(subject="refused", body=f"{FILE} " * 300), approve=True)
    found = kept_in(tmp_path / "home")
    assert any("archive.db" in f for f in found)
    assert any("runs.db effects" in f for f in found)
    assert any("packed" in f for f in found)
