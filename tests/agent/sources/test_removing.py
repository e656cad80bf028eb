"""A source that is removed takes its data with it: out of the search, the archive, the index, every file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT, NOW, House, mail, step

from deskhand.agent.app import App
from deskhand.agent.desk.desk import Desk
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal import show_leaving
from deskhand.agent.terminal.output import Screen
from deskhand.config.errors import ConfigError
from deskhand.connectors.errors import SourceError
from deskhand.index.chroma import ChromaStore

CANARY = "quagga"
"""Stands in everything of the mailbox, and in nothing else."""


def _write(root: Path) -> None:
    """A mailbox that is to go, and a folder that is to stay, with somebody in both."""
    for inner in ("cur", "new", "tmp"):
        (root / "mail" / inner).mkdir(parents=True)
    for n in range(3):
        letter = EmailMessage()
        letter["From"] = f"{CANARY.title()} Keeper <{CANARY}@example.org>"
        letter["To"] = ENVIRONMENT["DESKHAND_PERSON__EMAIL"]
        letter["Subject"] = f"The {CANARY} number {n}" if n != 1 else f"Re: The {CANARY} number 0"
        letter["Date"] = f"Fri, 20 Nov 2026 0{n}:00:00 +0000"
        letter["Message-ID"] = f"<{CANARY}{n}@example.org>"
        if n == 1:
            letter["In-Reply-To"] = f"<{CANARY}0@example.org>"
        letter.set_content(f"Could you feed the {CANARY} on Friday? It eats {n + 3} apples a day.\n")
        letter.add_attachment(f"The {CANARY} eats hay.\n", filename=f"{CANARY}-{n}.txt")
        (root / "mail/cur" / f"{n}:2,S").write_bytes(letter.as_bytes())
    (root / "papers").mkdir()
    (root / "papers/zebra.md").write_text("# Zebra\n\nThe zebra eats grass.\n", "utf-8")


def _open(root: Path) -> App:
    return App.open(root / "home", now=NOW, environ=ENVIRONMENT)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has read both, understood both, and was asked about both."""
    root = tmp_path_factory.mktemp("removing")
    _write(root)
    with _open(root) as app:
        app.add("maildir", str(root / "mail"))
        app.add("files", str(root / "papers"))
        assert app.sync().pending == 0
        assert [h.ref for h in app.search(CANARY, sources=["mail"]).hits]
        assert CANARY in app.ask(f"summarise the thread about the {CANARY}").answer.lower()
        assert app.digest(everything=True).status == "done"
    assert _traces(root), "else nothing is shown by there being none"
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    config = tmp_path / "home/config.toml"
    config.write_text(config.read_text("utf-8").replace(str(built), str(tmp_path)), "utf-8")
    return tmp_path


def _traces(root: Path) -> list[str]:
    """Files of the home in which the canary stands, packed texts included.

    Chroma writes room it has not filled yet as it is in memory, where the canary stands for this very test.
    """
    found = []
    for path in sorted((root / "home").rglob("*")):
        if path.is_file() and path.name != "data_level0.bin" and CANARY.encode() in path.read_bytes().lower():
            found.append(str(path.relative_to(root / "home")))
    with sqlite3.connect(root / "home/runs.db") as db:
        packed = [zlib.decompress(body) for (body,) in db.execute("SELECT body FROM contents")]
    return found + ["contents"] * sum(CANARY.encode() in body.lower() for body in packed)


def _rows(root: Path) -> dict[str, int]:
    with sqlite3.connect(root / "home/archive.db") as db:
        names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {n: db.execute(f"SELECT count(*) FROM {n}").fetchone()[0] for n in names}  # noqa: S608


def _only_papers(root: Path) -> dict[str, int]:
    """The rows of an archive that never had the mailbox."""
    other = root / "other"
    (other).mkdir()
    (root / "papers").rename(other / "papers")
    with _open(other) as app:
        app.add("files", str(other / "papers"))
        app.sync(embed=0)
    return _rows(other)


def _vectors(root: Path) -> tuple[int, int]:
    """Passages in words.db, and vectors in Chroma."""
    with sqlite3.connect(root / "home/index/words.db") as db:
        (passages,) = db.execute("SELECT count(*) FROM chunks").fetchone()
        (said,) = db.execute("SELECT value FROM facts WHERE name = 'serving'").fetchone()
    from deskhand.index.book import Space

    space = Space(**json.loads(said))
    store = ChromaStore.open(root / "home/index/chroma", space.collection, space.dimensions)
    try:
        return passages, store.count()
    finally:
        store.close()


def _gone(root: Path) -> None:
    with _open(root) as app:
        assert app.search(f'"{CANARY}"').hits == ()
        assert [s.alias for s in app.sources()] == ["documents"]
        assert [p.name for p in app.archive.directory(frozenset())] == []
        assert app.search("zebra").hits[0].title.lower() == "zebra"
        assert app.check() == []
        assert app.runs_room.records.steps("r1")
    assert _vectors(root) == (1, 1)
    # What the person asked and what stands in the note of a question is hers; no text of the source is there.
    asked = {"runs.db", "runs.db-wal"}
    assert set(_traces(root)) <= asked
    with sqlite3.connect(root / "home/runs.db") as db:
        for table, column in (("runs", "answer"), ("runs", "brief"), ("steps", "value"), ("steps", "brief")):
            said = " ".join(str(v) for (v,) in db.execute(f"SELECT {column} FROM {table}"))  # noqa: S608
            assert "apples" not in said, (table, column)
    assert not (root / "home/sources/mail").exists()
    assert list((root / "home/sources").glob("*.going")) == []
    left, never = _rows(root), _only_papers(root)
    left.pop("counters"), never.pop("counters")  # numbers are never given twice
    assert left == never


def test_all_of_it_goes_and_nothing_else(root: Path) -> None:
    with _open(root) as app:
        there = app.remove("mail")
        assert (there.items, there.attachments, there.connected) == (6, 3, True)
    _gone(root)


_KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_removing import _open
from deskhand.agent.sources.removing import remove

def step(name):
    if name == {at!r}:
        os.kill(os.getpid(), signal.SIGKILL)

with _open(Path({root!r})) as app:
    remove(app, "mail", step=step)
"""


@pytest.mark.long
@pytest.mark.parametrize(
    "at", ["disconnect", "runs end", "secrets", "forget", "index", "archive", "runs", "files", "pack"]
)
def test_a_process_that_is_killed_in_it_is_finished_by_the_next_one(root: Path, at: str) -> None:
    code = _KILLED.format(tests=str(Path(__file__).parent), at=at, root=str(root))
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    _gone(root)


def test_audit_tells_that_texts_were_erased_and_is_whole(root: Path) -> None:
    with _open(root) as app:
        app.remove("mail")
        assert app.runs_room.records.run("r1") is not None
    with _open(root) as app:
        from deskhand.agent.desk.audits import audit_verify

        assert audit_verify(app)["whole"]
        run = app.run("r1")
        assert run.answer == "What was answered was made of mail, which was removed with all its data."


class TestKept:
    def test_what_is_kept_is_found_and_said_to_be_kept(self, root: Path) -> None:
        with _open(root) as app:
            app.remove("mail", keep_data=True)
            assert len({h.ref for h in app.search(CANARY, sources=["mail"]).hits}) == 6
            assert app.kept() == ["mail"]
            assert [s.alias for s in app.sources()] == ["documents", "mail"]
            assert [p.source for p in app.sync(embed=0).passes] == ["documents"]
            with pytest.raises(Refusal, match="disconnected already"):
                app.remove("mail", keep_data=True)

    def test_added_again_it_goes_on_where_it_stopped(self, root: Path) -> None:
        with _open(root) as app:
            app.sync(embed=0)
            app.remove("mail", keep_data=True)
            (root / "mail/cur/0:2,S").unlink()
            assert app.add("maildir", str(root / "mail")) == "mail"
            passes = {p.source: p.tally for p in app.sync(embed=0).passes}
            assert (passes["mail"].added, passes["mail"].removed) == (0, 2)

    def test_another_place_does_not_take_its_name(self, root: Path) -> None:
        (root / "mail").rename(root / "post")
        with _open(root) as app:
            app.remove("mail", keep_data=True)
            with pytest.raises(ConfigError, match="mail still holds what was kept of maildir"):
                app.add("maildir", str(root / "post"), alias="mail")
            assert app.add("maildir", str(root / "post")) == "mail2"

    def test_it_is_erased_later(self, root: Path) -> None:
        with _open(root) as app:
            app.remove("mail", keep_data=True)
            assert not app.remove("mail").connected
        _gone(root)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[House]:
    """A home with an empty maildir that can send, beside the source in memory."""
    (tmp_path / "out").mkdir()
    with House(tmp_path / "home") as house:
        for inner in ("cur", "new", "tmp"):
            (tmp_path / "mail" / inner).mkdir(parents=True)
        house.app.add("maildir", str(tmp_path / "mail"), options={"outbox": str(tmp_path / "out")})
        yield house


class TestWhatUsesIt:
    def test_a_question_about_it_is_withdrawn_and_its_run_says_why(self, office: House) -> None:
        asked = office.do(mail(source="mail"))
        other = office.do(mail(source="memory"))
        assert (asked.status, other.status) == ("waiting", "waiting")
        there = office.app.remove("mail")
        assert there.runs == (asked.id,)
        assert there.questions == tuple(a.id for a in asked.approvals)
        ended = office.app.run(asked.id)
        assert ended.status == "cancelled"
        assert [a.state for a in ended.approvals] == ["withdrawn"]
        events = office.room.records.events(asked.id)
        assert [e.data for e in events if e.type == "cancelled"] == [
            {"why": "mail, which it needs, was removed."}
        ]
        assert office.app.run(other.id).status == "waiting"

    def test_a_schedule_that_names_it_is_paused(self, office: House) -> None:
        for name, wish in (("mails", "summarise what came into mail"), ("list", "show the mailing list")):
            office.do(
                step("s", "schedule.add", request=wish, rrule="FREQ=DAILY", first=NOW.isoformat(), name=name),
                approve=True,
            )
        assert office.app.belongings("mail").schedules == ("mails",)
        office.app.remove("mail")
        assert {s.name: s.paused for s in office.app.schedules()} == {"list": False, "mails": True}

    def test_with_nothing_to_do_with_it_nothing_ends(self, office: House) -> None:
        office.do(mail(source="memory"))
        there = office.app.remove("mail")
        assert (there.runs, there.questions, there.schedules, there.permissions) == ((), (), (), ())


def test_to_look_changes_nothing(root: Path) -> None:
    before = _traces(root)
    with _open(root) as app:
        assert app.belongings("mail").as_dict()["items"] == 6
        with pytest.raises(ConfigError, match="no source called 'male'"):
            app.belongings("male")
        assert app.search(CANARY).hits
    assert _traces(root) == before


def test_a_source_that_cannot_be_added_leaves_nothing(root: Path) -> None:
    before = sorted(p.name for p in (root / "home/sources").iterdir())
    with _open(root) as app:
        with pytest.raises(SourceError):
            app.add("webcal", "https://127.0.0.1:1/none.ics")
        assert sorted(p.name for p in (root / "home/sources").iterdir()) == before
        assert [s.alias for s in app.sources()] == ["mail", "documents"]


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"runs": ["r2", "r1", "r10"], "held": 2},
         "r1, r2 and r10 {were} stopped, and 2 held writes taken back: they need mail."),
        ({"runs": ["r2"]}, "r2 {was} stopped: it needs mail."),
        ({"questions": ["a1"]}, "a1 {was} withdrawn."),
        ({"schedules": ["one", "two"]}, "The schedules one and two {were} paused, naming mail."),
        ({"permissions": ["p1"]}, "p1 {was} revoked."),
        ({"secrets": ["PW"]}, "The secret PW {was} forgotten, for nothing else uses it."),
    ],
)  # fmt: skip
def test_what_ends_with_it_is_told_as_it_is(
    there: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    whole: dict[str, Any] = {
        "source": "mail", "kind": "imap", "place": "noor@example.org", "again": "", "items": 1, "versions": 1,
        "attachments": 0, "bytes": 0, "held": 0, "runs": [], "questions": [], "schedules": [],
        "permissions": [], "secrets": [], **there,
    }  # fmt: skip
    show_leaving.removed(Screen(), whole | {"done": "erased"})
    assert said.format(was="was", were="were") in capsys.readouterr().out.splitlines()
    show_leaving.removed(Screen(), whole | {"done": ""})
    assert f"  {said.format(was='would be', were='would be')}" in capsys.readouterr().out.splitlines()


def test_a_wish_where_all_is_only_kept_says_how_to_connect_it(root: Path) -> None:
    with _open(root) as app:
        app.remove("mail", keep_data=True)
        app.remove("documents")
        with pytest.raises(Refusal, match=r"kept of mail is found by deskhand search.*deskhand add maildir"):
            Desk(app, None).call("ask", {"text": "summarise what came in"})
