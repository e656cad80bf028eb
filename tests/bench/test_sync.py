"""How fast sources are synced into an archive: items a second, beside reading the same bytes with the
standard library and doing nothing with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from deskhand.connectors import connect
from deskhand.connectors.archive import Archive
from deskhand.connectors.sync import sync

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MESSAGES, FILES = 3000, 3000


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mail")
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir()
    for n in range(MESSAGES):
        at = NOW - timedelta(minutes=MESSAGES - n)
        thread = n // 6
        head = [
            f"From: Person {n % 40} <person{n % 40}@example.org>", "To: Ana Test <ana@example.org>",
            f"Subject: {'Re: ' if n % 6 else ''}Subject {thread}", f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000",
            f"Message-ID: <m{n}@example.org>",
        ]  # fmt: skip
        if n % 6:
            head.append(f"References: <m{thread * 6}@example.org> <m{n - 1}@example.org>")
        body = f"The lamp on quay {n} needs a lens.\n\nCould you order it by Friday?\n\n> What about {n}?\n"
        (folder / "cur" / f"{n:06}.x:2,S").write_text("\n".join([*head, "", body * 4]))
    return folder


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    for n in range(FILES):
        (folder / f"{n:05}.md").write_text(f"# Note {n}\n\nThe lamp on quay {n} needs a new lens. " * 5)
    return folder


def syncing(kind: str, place: Path, scratch: Path) -> Callable[[], None]:
    numbers = count()

    def once() -> None:
        n = next(numbers)
        (scratch / f"state{n}").mkdir()
        archive = Archive.open(scratch / f"{n}.db")
        connector = connect(kind, source="s", state=scratch / f"state{n}", place=str(place))
        archive.register("s", kind)
        done = sync(connector, archive, now=lambda: NOW)
        assert done.tally.added >= 3000
        connector.close()
        archive.close()

    return once


@pytest.mark.benchmark(group=f"first sync of {MESSAGES:,} mails")
class TestMail:
    def test_bare_stdlib_parse(self, benchmark: BenchmarkFixture, mail: Path) -> None:
        def parse() -> None:
            for path in (mail / "cur").iterdir():
                message = message_from_bytes(path.read_bytes(), policy=policy.default)
                assert message["subject"]
                message.get_body()

        benchmark.pedantic(parse, rounds=3)

    def test_into_the_archive(self, benchmark: BenchmarkFixture, mail: Path, tmp_path: Path) -> None:
        benchmark.pedantic(syncing("maildir", mail, tmp_path), rounds=3)


@pytest.mark.benchmark(group=f"first sync of {FILES:,} notes")
class TestNotes:
    def test_bare_read(self, benchmark: BenchmarkFixture, notes: Path) -> None:
        benchmark.pedantic(lambda: [p.read_text("utf-8") for p in notes.iterdir()], rounds=3)

    def test_into_the_archive(self, benchmark: BenchmarkFixture, notes: Path, tmp_path: Path) -> None:
        benchmark.pedantic(syncing("files", notes, tmp_path), rounds=3)


@pytest.mark.benchmark(group=f"sync of {MESSAGES:,} mails that did not change")
class TestUnchanged:
    def test_bare_listing(self, benchmark: BenchmarkFixture, mail: Path) -> None:
        benchmark(lambda: [p.stat() for p in (mail / "cur").iterdir()])

    def test_no_op_sync(self, benchmark: BenchmarkFixture, mail: Path, tmp_path: Path) -> None:
        archive = Archive.open(tmp_path / "a.db")
        connector = connect("maildir", source="s", state=tmp_path, place=str(mail))
        archive.register("s", "maildir")
        sync(connector, archive, now=lambda: NOW)
        benchmark(lambda: sync(connector, archive, now=lambda: NOW))
        connector.close()
        archive.close()
