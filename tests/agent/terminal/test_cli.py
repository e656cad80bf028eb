"""The command line as a person or a script meets it: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Office
from typer.testing import CliRunner, Result

from deskhand.agent.terminal.cli import app
from deskhand.connectors.archive import Archive
from deskhand.connectors.database import DamagedStorage, StorageError

RUNNER = CliRunner()


def deskhand(home: Path | str, *words: str, code: int = 0) -> Result:
    """Run a command in this process; its exit code must be as said, and never with a stack trace."""
    result = RUNNER.invoke(app, [*words, "--home", str(home), "--now", NOW.isoformat()])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def answer(home: Path, *words: str, code: int = 0) -> Any:
    """The JSON a command answers."""
    return json.loads(deskhand(home, *words, "--json", code=code).stdout)


class TestFromNothing:
    def test_init_add_sync_search(self, tmp_path: Path) -> None:
        home, notes = tmp_path / "home", tmp_path / "notes"
        notes.mkdir()
        (notes / "boat.md").write_text("# The boat\n\nThe boat leaves at seven from the old quay.\n")
        made = answer(
            home, "init", "--name", "Ana Test", "--email", "ana@example.org", "--zone", "Europe/Paris"
        )
        assert made["person"] == {"name": "Ana Test", "email": "ana@example.org", "zone": "Europe/Paris"}
        added = answer(home, "add", "files", str(notes))
        assert (added["source"], added["kind"], added["place"]) == ("documents", "files", str(notes))
        assert answer(home, "sync")["sources"][0]["added"] == 1
        (hit,) = answer(home, "search", "boat")["hits"]
        assert {"ref", "kind", "source", "title", "time", "people", "version", "text"} <= hit.keys()
        assert hit["title"] == "The boat"
        assert "seven" in hit["text"]

    def test_init_again_changes_only_what_is_said(self, tmp_path: Path) -> None:
        answer(
            tmp_path / "h", "init", "--name", "Ana", "--email", "ana@example.org", "--zone", "Europe/Paris"
        )
        again = answer(tmp_path / "h", "init", "--zone", "Asia/Tokyo")
        assert again["person"] == {"name": "Ana", "email": "ana@example.org", "zone": "Asia/Tokyo"}

    def test_an_empty_home_says_what_to_do(self, tmp_path: Path) -> None:
        assert "deskhand add" in deskhand(tmp_path / "h", "sources").stdout
        assert "deskhand ask" in deskhand(tmp_path / "h", "runs").stdout
        assert "deskhand schedule add" in deskhand(tmp_path / "h", "schedule", "list").stdout


class TestAsking:
    def test_a_summary_with_citations(self, office: Office) -> None:
        run = answer(office.home, "ask", "summarise the thread about the Vale Verde harbour budget")
        assert run["status"] == "done"
        assert "36 months on everything" in run["answer"]
        assert all(c["ref"].startswith("mail:message:") and c["version"] for c in run["citations"])

    def test_booking_waits_is_approved_and_is_read_back(self, office: Office) -> None:
        run = answer(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3)
        assert run["status"] == "waiting"
        assert run["effects"] == []
        (approval,) = run["approvals"]
        assert approval["operation"] == "event.create"
        assert "Sam Okafor" in approval["summary"]
        before = _calendar(office)
        done = answer(office.home, "approve", approval["approval"])
        assert done["status"] == "done"
        created = next(e for e in done["effects"] if e["operation"] == "event.create")
        assert created["state"] == "done"
        assert created["receipt"]["ref"].startswith("calendar:event:")
        assert _calendar(office) != before
        assert [e["operation"] for e in done["effects"]] == ["event.create", "mail.send"]
        assert list(office.outbox.glob("*.eml"))

    def test_yes_approves_what_the_policy_would_ask(self, office: Office) -> None:
        run = answer(office.home, "ask", "--yes", "schedule 45 minutes with Sam Okafor next week")
        assert run["status"] == "done"
        assert {e["state"] for e in run["effects"]} == {"done"}

    def test_rejected_is_not_done(self, office: Office) -> None:
        run = answer(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3)
        before = _calendar(office)
        said = answer(office.home, "reject", run["approvals"][0]["approval"], "--reason", "too early")
        assert "too early" in said["answer"]
        assert _calendar(office) == before

    def test_edited_is_done_as_edited(self, office: Office) -> None:
        run = answer(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3)
        done = answer(office.home, "edit", run["approvals"][0]["approval"], "title=Gaskets")
        created = next(e for e in done["effects"] if e["operation"] == "event.create")
        assert created["arguments"]["title"] == "Gaskets"
        assert "Gaskets" in _calendar(office)

    def test_an_alternative_of_the_card(self, office: Office) -> None:
        run = answer(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3)
        (approval,) = run["approvals"]
        done = answer(office.home, "approve", approval["approval"], "--instead", "1")
        created = next(e for e in done["effects"] if e["operation"] == "event.create")
        offered = datetime.fromisoformat(approval["alternatives"][0]["start"])
        assert datetime.fromisoformat(created["arguments"]["start"]) == offered

    def test_the_card_shows_arguments_with_their_origin(self, office: Office) -> None:
        text = deskhand(office.home, "ask", "schedule 45 minutes with Sam Okafor next week", code=3).stdout
        for words in (
            "Approve a1?",
            "attendees    Sam Okafor",
            "from your contacts",
            "Nothing has happened yet",
        ):
            assert words in text

    def test_undo_takes_it_back(self, office: Office) -> None:
        before = _calendar(office)
        run = answer(office.home, "ask", "--yes", 'book a meeting "Quiet hour" next Thursday at 16:00')
        assert _calendar(office) != before
        undone = answer(office.home, "undo", run["run"])
        assert undone["status"] == "done"
        assert "Quiet hour" not in _calendar(office)
        assert "undone already" in deskhand(office.home, "undo", run["run"], code=2).output

    def test_show_tells_the_plan_the_decisions_and_the_events(self, office: Office) -> None:
        run = answer(office.home, "ask", "--yes", "schedule 45 minutes with Sam Okafor next week")
        whole = answer(office.home, "show", run["run"])
        assert [s["op"] for s in whole["plan"]["steps"]][:2] == ["slots.find", "event.create"]
        assert whole["decisions"][0]["decision"]["by"] == "--yes"
        assert whole["events"][0]["type"] == "asked for"
        assert "Effects" in deskhand(office.home, "show", run["run"]).stdout

    def test_show_gives_an_item_with_its_versions(self, office: Office) -> None:
        hits = answer(office.home, "search", "proposal quay lights", "--kind", "document")["hits"]
        ref = next(h["ref"] for h in hits if "Proposal" in h["ref"])
        item = answer(office.home, "show", ref)
        assert len(item["versions"]) >= 3
        assert [v["current"] for v in item["versions"]][-1] is True
        assert "187,900" in item["text"]

    def test_what_is_not_understood_is_said_with_three_things_near(self, office: Office) -> None:
        run = answer(office.home, "ask", "purple monkey dishwasher", code=2)
        assert run["status"] == "unclear"
        assert len(run["choices"]) == 3

    def test_namesakes_are_one_question_whose_choices_work(self, office: Office) -> None:
        run = answer(office.home, "ask", "book 30 minutes with Sam next Thursday", code=2)
        assert len(run["choices"]) == 2
        answer(office.home, "ask", run["choices"][0], code=3)


class TestDigestAndSchedules:
    def test_the_next_digest_repeats_nothing(self, office: Office) -> None:
        first = answer(office.home, "digest")
        second = answer(office.home, "digest")
        assert first["citations"]
        assert not second["citations"]
        assert answer(office.home, "digest", "--all")["citations"]

    @pytest.mark.parametrize(
        ("suffix", "begin"), [(".md", "# Digest"), (".html", "<!doctype html>"), (".txt", "Digest")]
    )
    def test_a_digest_as_a_file(self, office: Office, tmp_path: Path, suffix: str, begin: str) -> None:
        path = tmp_path / f"digest{suffix}"
        deskhand(office.home, "digest", "--to", str(path))
        assert path.read_text("utf-8").lower().startswith(begin.lower())

    def test_a_digest_in_the_home_and_by_mail(self, office: Office) -> None:
        kept = answer(office.home, "digest", "--to", "file")
        assert [e["operation"] for e in kept["effects"]] == ["file.create"]
        assert list((office.home / "digests").iterdir())
        sent = answer(office.home, "digest", "--to", "mail", "--all")
        assert [e["operation"] for e in sent["effects"]] == ["mail.send"]
        assert len(list(office.outbox.glob("*.eml"))) == 1

    def test_a_schedule_from_beginning_to_end(self, office: Office) -> None:
        made = answer(office.home, "schedule", "add", "every weekday at 8:00 send me a digest")
        assert "Mon 23 Nov" in made["answer"]
        (schedule,) = answer(office.home, "schedule", "list")["schedules"]
        assert schedule["next"][0].startswith("2026-11-23T08:00")
        name = schedule["schedule"]
        assert answer(office.home, "schedule", "run", name)["status"] == "done"
        deskhand(office.home, "schedule", "pause", name)
        assert answer(office.home, "schedule", "list")["schedules"][0]["paused"] is True
        deskhand(office.home, "schedule", "resume", name)
        assert answer(office.home, "schedule", "history", name)["slots"] == []
        deskhand(office.home, "schedule", "remove", name)
        assert answer(office.home, "schedule", "list")["schedules"] == []

    def test_the_list_says_what_a_schedule_leaves_out(self, office: Office) -> None:
        answer(office.home, "schedule", "add", "send me a digest daily at 8 but not on 23 November")
        (schedule,) = answer(office.home, "schedule", "list")["schedules"]
        assert schedule["except"] == "on 23 November"
        assert [t[:10] for t in schedule["next"]] == ["2026-11-24", "2026-11-25", "2026-11-26"]
        assert "; except on 23 November)" in deskhand(office.home, "schedule", "list").stdout

    def test_slots_do_not_pass_over_holidays_in_silence(self, office: Office) -> None:
        said = deskhand(office.home, "slots", "next week, weekdays except holidays", code=2)
        assert "public holidays are days off where a country is set" in " ".join(said.output.split())


class TestMistakes:
    """Each is one clear sentence and an exit code; nothing is done."""

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["add", "mailder", "x"], "did you mean 'maildir'?"),
            (["add", "maildir", "/no/such/folder"], "/no/such/folder"),
            (["add", "ics", "/no/such.ics"], "/no/such.ics"),
            (["add", "files", ".", "--as", "Not An Alias"], "small letters"),
            (["add", "files", ".", "--option", "colour=red"], "no option 'colour'"),
            (["add", "files", ".", "--option", "colour"], "NAME=VALUE"),
            (["sync", "nosuch"], "no source called 'nosuch'"),
            (["search", "x", "--kind", "mail"], "no kind 'mail'"),
            (["search", "x", "--since", "blurb"], "no time"),
            (["search", "x", "--limit", "0"], "between 1 and 1000"),
            (["ask", ""], "the request is empty"),
            (["ask", "  \n "], "the request is empty"),
            (["approve", "a99"], "no approval a99"),
            (["show", "r99"], "no run r99"),
            (["show", "mail:message:nothing"], "There is no mail:message:nothing"),
            (["undo", "r99"], "no run or effect r99"),
            (["schedule", "pause", "nosuch"], "no schedule called 'nosuch'"),
            (["schedule", "history", "nosuch"], "no schedule called 'nosuch'"),
            (["digest", "--format", "pdf"], "no format 'pdf'"),
            (["digest", "--to", "/no/such/folder/x.md"], "a folder that exists"),
            (["init", "--zone", "Europe/Lisbonn"], "Europe/Lisbon"),
            (["init", "--email", "nobody"], "no mail address"),
        ],
    )  # fmt: skip
    def test_user_mistakes(self, tmp_path: Path, words: list[str], said: str) -> None:
        result = deskhand(tmp_path / "home", *words, code=2)
        assert said in result.output
        assert "Traceback" not in result.output

    def test_a_wrong_command_gets_the_nearest_right_one(self) -> None:
        result = RUNNER.invoke(app, ["serch"])
        assert result.exit_code == 2
        assert "search" in result.output

    def test_a_megabyte_is_no_request(self, tmp_path: Path) -> None:
        (tmp_path / "notes").mkdir()
        deskhand(tmp_path / "h", "add", "files", str(tmp_path / "notes"))
        result = RUNNER.invoke(app, ["ask", "x" * 1_000_000, "--home", str(tmp_path / "h")])
        assert result.exit_code == 2
        assert "1,000,000 characters" in result.output
        assert len(result.output) < 1000

    def test_broken_toml_names_line_and_key(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        deskhand(home, "init", "--name", "Ana")
        with (home / "config.toml").open("a") as file:
            file.write("\n[person]\nzone 3\n")
        result = deskhand(home, "sources", code=2)
        assert "config.toml, line" in result.output

    @pytest.mark.parametrize(
        ("zone", "when", "said"),
        [
            ("Europe/Paris", "at 02:30 on 28 March 2027", "does not exist"),
            ("Europe/Paris", "at 02:30 on 31 October 2027", "twice"),
        ],
    )
    def test_times_the_clock_skips_or_repeats(self, tmp_path: Path, zone: str, when: str, said: str) -> None:
        home, calendar = tmp_path / "home", tmp_path / "cal"
        calendar.mkdir()
        deskhand(home, "init", "--email", "ana@example.org", "--zone", zone)
        deskhand(home, "add", "ics", str(calendar))
        run = answer(home, "ask", "--yes", f'book a meeting "Night shift" {when}', code=2)
        assert said in run["answer"]
        assert len(run["choices"]) >= 1
        assert list(calendar.iterdir()) == []

    def test_now_must_be_a_time_with_a_zone(self, tmp_path: Path) -> None:
        for now, said in (("tomorrow", "is no time"), ("2026-11-22T08:00:00", "has no zone")):
            result = RUNNER.invoke(app, ["runs", "--home", str(tmp_path / "h"), "--now", now])
            assert result.exit_code == 2
            assert said in result.output

    def test_what_cannot_be_read_is_told_and_the_rest_is_there(self, tmp_path: Path) -> None:
        home, notes = tmp_path / "home", tmp_path / "notes"
        notes.mkdir()
        (notes / "good.txt").write_text("The good note.")
        (notes / "broken.docx").write_bytes(b"PK\x03\x04 this is no archive")
        deskhand(home, "add", "files", str(notes))
        result = deskhand(home, "sync", code=1)
        assert "broken.docx" in result.output
        (source,) = answer(home, "sources")["sources"]
        assert source["items"] == 1
        assert [f["ref"] for f in source["failures"]] == ["documents:document:broken.docx"]
        again = deskhand(home, "sync", code=1).output
        assert "nothing new; 1 still cannot be read" in again
        assert "documents:document:broken.docx: it is damaged" in again
        (notes / "broken.docx").unlink()
        deskhand(home, "sync")
        assert "good note" in deskhand(home, "search", "good").stdout

    def test_a_vanished_source_is_told_and_nothing_is_forgotten(self, tmp_path: Path) -> None:
        home, notes = tmp_path / "home", tmp_path / "notes"
        notes.mkdir()
        (notes / "note.txt").write_text("The boat leaves at seven.")
        deskhand(home, "add", "files", str(notes))
        deskhand(home, "sync")
        notes.rename(tmp_path / "elsewhere")
        result = deskhand(home, "sync", code=1)
        assert str(notes) in result.output
        assert "seven" in deskhand(home, "search", "boat").stdout


def _calendar(office: Office) -> str:
    return "".join(sorted(p.read_text("utf-8") for p in (office.workspace / "calendar").rglob("*.ics")))


def _spawn(home: Path, *words: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "DESKHAND_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "deskhand.agent.terminal.cli", *words],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _to_nowhere(home: Path, to: Any) -> tuple[int, str]:
    command = [sys.executable, "-m", "deskhand.agent.terminal.cli", "sources", "--home", str(home)]
    ended = subprocess.run(command, stdout=to, stderr=subprocess.PIPE, text=True, check=False)
    return ended.returncode, ended.stderr


def test_whoever_stops_reading_stops_nothing(tmp_path: Path) -> None:
    """`| head`, whose shell may look at the exit code of each (pipefail)."""
    ours, theirs = os.pipe()
    os.close(ours)
    assert _to_nowhere(tmp_path / "h", theirs) == (0, "")
    os.close(theirs)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_what_cannot_be_printed_is_said_in_a_line(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        said = (1, "The disk, or where this is printed to, stands in the way: No space left on device.\n")
        assert _to_nowhere(tmp_path / "h", full) == said


def test_doctor_throws_no_archive_away_because_its_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deskhand(tmp_path / "h", "sources")
    full = StorageError("archive.db: the disk is full. Free some space.")

    def counts(_: Archive) -> dict[str, int]:
        raise full

    monkeypatch.setattr(Archive, "counts", counts)
    said = deskhand(tmp_path / "h", "doctor", code=1).output
    assert str(full) in said
    assert "archive.db.damaged" not in said
    full = DamagedStorage("archive.db is damaged.")
    assert "archive.db.damaged" in deskhand(tmp_path / "h", "doctor", code=1).output


@pytest.mark.long
class TestProcesses:
    def test_ctrl_c_keeps_what_was_done_and_the_next_sync_goes_on(self, tmp_path: Path) -> None:
        home, notes = tmp_path / "home", tmp_path / "notes"
        notes.mkdir()
        for n in range(600):
            (notes / f"{n:04}.txt").write_text(f"Note number {n} about the harbour and its lights.")
        deskhand(home, "add", "files", str(notes))
        syncing = _spawn(home, "sync")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _stored(home):
            time.sleep(0.02)
        syncing.send_signal(signal.SIGINT)
        out, err = syncing.communicate(timeout=60)
        assert "Traceback" not in out + err
        if syncing.returncode != 0:  # it may have been through already
            assert syncing.returncode == 130
            assert "kept" in err
        deskhand(home, "sync")
        assert answer(home, "sources")["sources"][0]["items"] == 600
        assert answer(home, "doctor")["problems"] == []

    def test_a_second_command_reaches_the_one_that_serves(self, office: Office) -> None:
        serving = _spawn(office.home, "serve")
        try:
            deadline = time.monotonic() + 60
            while not (office.home / "owner.json").exists() and time.monotonic() < deadline:
                assert serving.poll() is None, serving.communicate()
                time.sleep(0.05)
            found = RUNNER.invoke(app, ["search", "harbour budget", "--json", "--home", str(office.home)])
            assert found.exit_code == 0, found.output
            assert json.loads(found.stdout)["hits"]
            run = RUNNER.invoke(
                app,
                [
                    "ask",
                    "summarise the thread about the harbour budget",
                    "--json",
                    "--home",
                    str(office.home),
                ],
            )
            assert json.loads(run.stdout)["status"] == "done"
            wrong = RUNNER.invoke(app, ["approve", "a99", "--home", str(office.home)])
            assert wrong.exit_code == 2
            assert "no approval a99" in wrong.output
            clock = RUNNER.invoke(app, ["runs", "--home", str(office.home), "--now", NOW.isoformat()])
            assert clock.exit_code == 2
        finally:
            serving.send_signal(signal.SIGTERM)
            out, err = serving.communicate(timeout=60)
        assert serving.returncode == 0, err
        assert "Serving" in out
        assert not (office.home / "owner.json").exists()


def _stored(home: Path) -> bool:
    import sqlite3

    try:
        with sqlite3.connect(home / "archive.db") as db:
            return bool(db.execute("SELECT count(*) FROM items").fetchone()[0])
    except sqlite3.Error:
        return False


class TestWhatAStrangerFound:
    """Each of these once went wrong for somebody who tried it."""

    def test_a_reply_goes_to_whom_it_was_meant_for(self, office: Office) -> None:
        for name, address in (("Sam Okafor", "sam.okafor@example.org"), ("Yuki", "yuki@example.org")):
            run = answer(office.home, "ask", f"reply to {name}: fine by me", code=3)
            assert [m["address"] for m in run["approvals"][0]["arguments"]["to"]] == [address]

    def test_the_living_document_before_a_mailed_copy(self, office: Office) -> None:
        run = answer(office.home, "ask", "summarise the proposal document")
        assert "187,900" in run["answer"]
        assert "191,500" not in run["answer"]

    def test_blocking_an_afternoon_blocks_it(self, office: Office) -> None:
        run = answer(office.home, "ask", "block Tuesday 8 December afternoon for writing")
        (event,) = run["effects"]
        hours = [event["arguments"][n][11:16] for n in ("start", "end")]
        assert hours in (["12:00", "18:00"], ["12:00", "17:00"], ["13:00", "17:00"], ["13:00", "18:00"])

    def test_a_teams_event_without_me_leaves_me_free(self, office: Office) -> None:
        run = answer(
            office.home, "ask", "--yes", 'book "Quiet" for 20 minutes on Monday 23 November at 16:30'
        )
        assert run["status"] == "done"

    def test_weekdays_are_nobody(self, office: Office) -> None:
        words = "book 30 minutes with Sam Okafor and Yuki Tanabe between tuesday and thursday"
        run = answer(office.home, "ask", words, code=3)
        assert len(run["approvals"][0]["arguments"]["attendees"]) == 2

    def test_showing_an_event_tells_when_it_is(self, office: Office) -> None:
        (hit,) = answer(office.home, "search", "board meeting", "--kind", "event", "--limit", "1")["hits"]
        shown = answer(office.home, "show", hit["ref"])
        assert shown["start"] == shown["time"]
        assert shown["end"] > shown["start"]

    def test_recipients_can_be_edited_as_people_write_them(self, office: Office) -> None:
        run = answer(office.home, "ask", "reply to Yuki: fine by me", code=3)
        edit = ("edit", run["approvals"][0]["approval"], "to=Bo Test <bo@example.org>")
        assert "you never wrote to or invited bo@example.org" in deskhand(office.home, *edit, code=2).stderr
        done = answer(office.home, *edit, "--yes")
        (sent,) = [e for e in done["effects"] if e["operation"] == "mail.send"]
        assert sent["arguments"]["to"] == [{"address": "bo@example.org", "name": "Bo Test"}]

    def test_nothing_connected_is_said(self, tmp_path: Path) -> None:
        assert "deskhand add" in deskhand(tmp_path / "h", "sync").stdout
        assert "deskhand add" in deskhand(tmp_path / "h", "ask", "what is up", code=2).output

    def test_a_trashed_mail_is_one_item_and_comes_back(self, office: Office) -> None:
        from deskhand.agent.app import App
        from deskhand.agent.plans.language import Plan, Step

        with App.open(office.home, now=NOW) as desk:
            mail = desk.archive.find(kinds=["message"], folder="INBOX")[0]
            step = Step(id="trash", op="mail.trash", args={"source": "mail", "ref": str(mail.ref)})
            plan = Plan(request="trash it", objective="Trash it.", steps=(step,))
            count = len(desk.archive.find(kinds=["message"]))
            run = desk.runs_room.wait(desk.runs_room.ask("trash it", plan=plan))
            assert run.status == "done", run.answer
            assert len(desk.archive.find(kinds=["message"])) == count
            assert desk.undo(run.id, approve=True).status == "done"
            assert len(desk.archive.find(kinds=["message"])) == count


class TestHeld:
    """Mail that is held, and the ledger, as the commands show them."""

    @pytest.fixture(autouse=True)
    def _held(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DESKHAND_SENDING__HOLD", "30s")

    def test_left_held_taken_back_and_listed(self, office: Office) -> None:
        wish = 'send Yuki a mail: "The invoice is paid."'
        left = deskhand(office.home, "ask", "--yes", "--no-wait", wish, code=3).output
        assert "Not sent yet: “The invoice is paid” to Yuki Tanabe" in left
        assert "Take it back with: deskhand undo r1" in left
        (held,) = answer(office.home, "effects", "r1")["effects"]
        assert (held["state"], held["back"]) == ("held", "yes: nothing has happened yet")
        shown = deskhand(office.home, "show", held["short"]).output
        assert "held until" in shown
        back = deskhand(office.home, "undo", held["short"]).output
        assert "Not sent, for you took it back in time: “The invoice is paid”" in back
        listed = deskhand(office.home, "effects", "--state", "withdrawn").output
        assert "taken back before it was sent" in listed
        assert not list(office.outbox.glob("*.eml"))
        assert (
            "There is no state 'lost'" in deskhand(office.home, "effects", "--state", "lost", code=2).output
        )
        assert "Say what you found" in deskhand(office.home, "effects", "settle", "abcd", code=2).output

    def test_what_does_not_go_out_with_a_later_command_is_told_and_sync_ends_with_one(
        self, office: Office
    ) -> None:
        deskhand(office.home, "ask", "--yes", "--no-wait", 'send Yuki a mail: "The invoice is paid."', code=3)
        shutil.rmtree(office.outbox)
        office.outbox.write_text("no folder", "utf-8")
        later = (NOW + timedelta(minutes=1)).isoformat()
        done = CliRunner().invoke(app, ["sync", "--home", str(office.home), "--now", later])
        assert "was gone on with and failed: Not sent: “The invoice is paid” to Yuki Tanabe" in done.stderr
        assert done.exit_code == 1, done.output
        assert answer(office.home, "effects", "r1")["effects"][0]["state"] == "failed"
