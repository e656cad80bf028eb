"""Attachments that are filed, out of a real mailbox into a real folder: names, copies, twice, back again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from deskhand.agent.actions.enclosed import filed_name

from .conftest import BO, Desk

INVOICES = "file the attachments of the invoice mails of November under Finance and give me a list"


def kept(desk: Desk) -> dict[str, str]:
    """What lies among the documents."""
    root = desk.root / "documents"
    return {str(p.relative_to(root)): p.read_text() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture
def invoiced(desk: Desk) -> Desk:
    desk.mail(BO, "Invoice 12", "Attached.", ago=timedelta(days=9), attach=[("inv.txt", "twelve\n")])
    desk.mail(BO, "Invoice 13", "Attached.", ago=timedelta(days=2), attach=[("inv.txt", "thirteen\n")])
    desk.mail(BO, "Lunch?", "I lost the invoice.", ago=timedelta(days=3), attach=[("menu.txt", "soup\n")])
    desk.mail(BO, "Invoice 1", "Old.", ago=timedelta(days=60), attach=[("old.txt", "one\n")])
    return desk


def test_each_goes_into_the_folder_under_a_free_name_and_is_listed(invoiced: Desk) -> None:
    run = invoiced.ask(INVOICES, approve=None)
    assert run.status == "done", run.answer  # the person named the folder and the mails: nothing is asked
    assert kept(invoiced) == {"Finance/inv.txt": "twelve\n", "Finance/inv (2).txt": "thirteen\n"}
    answer = " ".join(run.answer.split())
    assert "Finance/inv.txt: from Bo Lindqvist, Fri 13 Nov, 1 KB" in answer
    assert "Finance/inv (2).txt: from Bo Lindqvist, Fri 20 Nov, 1 KB" in answer
    assert "menu.txt" not in answer


def test_a_second_time_nothing_is_filed_twice(invoiced: Desk) -> None:
    invoiced.ask(INVOICES)
    before = kept(invoiced)
    assert "There is nothing new to file" in invoiced.tell(INVOICES)
    assert kept(invoiced) == before


def test_what_was_filed_can_be_taken_back(invoiced: Desk) -> None:
    run = invoiced.ask(INVOICES)
    invoiced.app.undo(run.id, approve=True)
    assert kept(invoiced) == {}


def test_a_file_that_is_there_is_never_written_over(invoiced: Desk) -> None:
    invoiced.document("Finance/inv.txt", "mine\n")
    invoiced.ask(INVOICES)
    assert kept(invoiced) == {
        "Finance/inv.txt": "mine\n", "Finance/inv (2).txt": "twelve\n", "Finance/inv (3).txt": "thirteen\n",
    }  # fmt: skip


def test_a_file_that_the_archive_does_not_know_yet_stays_too(invoiced: Desk) -> None:
    invoiced.app.sync(embed=0)
    (invoiced.root / "documents" / "Finance").mkdir()
    (invoiced.root / "documents" / "Finance" / "inv.txt").write_text("mine\n")
    run = invoiced.app.ask(INVOICES, approve=True, fresh=False)
    assert run.status == "partial"
    assert "Finance/inv.txt exists already" in run.answer
    assert "Finance/inv.txt was not filed" in run.answer
    assert kept(invoiced)["Finance/inv.txt"] == "mine\n"


def test_what_would_run_is_asked_about(desk: Desk) -> None:
    desk.mail(BO, "Invoice", "Attached.", attach=[("invoice.pdf.desktop", "[Desktop Entry]\n")])
    run = desk.ask("save the attachments of Bo's last mail in Finance", approve=None)
    (card,) = run.approvals
    assert card.reason == "under this name it may be run, or hide what it is"
    assert kept(desk) == {}


def test_the_last_mail_without_anything_attached_is_said(invoiced: Desk) -> None:
    invoiced.mail(BO, "Thanks", "Bye.", ago=timedelta(hours=1))
    assert "nothing is attached" in invoiced.tell("save the attachments of Bo's last mail in Finance")
    assert kept(invoiced) == {}


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("Invoice 12.pdf", "Invoice 12.pdf"),
        ("../../etc/passwd", "etc passwd"),
        (".bashrc", "bashrc"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("con:1?.pdf", "con 1.pdf"),
        ("", "attachment"),
        ("...", "attachment"),
        (f"{'x' * 300}.pdf", f"{'x' * 116}.pdf"),
    ],
)
def test_names_are_made_safe(given: str, made: str) -> None:
    assert filed_name(given) == made
    assert Path(filed_name(given)).name == filed_name(given)
