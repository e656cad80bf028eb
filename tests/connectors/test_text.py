"""Text out of files: every format says what a reader would see, and broken ones say why not."""

from __future__ import annotations

import io
import os
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import office
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors._text import Reader, Unreadable, decode, extract, heading, is_text, mime_of, text_of


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


HTML = b"""<html><head><title>Lunch &amp; more</title><script>steal()</script></head>
<body><h1>Menu</h1><p>Soup of the day</p></body></html>"""


@pytest.mark.parametrize(
    ("name", "data", "text", "title"),
    [
        ("plan.docx", office.docx(["It costs 40,000.", "Ask Bo."], title="Plan"), "costs 40,000", "Plan"),
        ("sums.xlsx", office.xlsx([["item", "price"], ["chairs", "1200"]]), "chairs", ""),
        ("talk.pptx", office.pptx(["Welcome all", "Second slide"]), "Second slide", ""),
        ("bill.pdf", office.pdf("Invoice number 4711", title="Invoice"), "Invoice number 4711", "Invoice"),
        ("page.html", HTML, "Soup of the day", "Lunch & more"),
        ("bare.htm", b"<title>Bare</title><p>Only this", "Only this", "Bare"),
        ("mail.eml", office.eml("Re: offer", "We accept."), "We accept.", "Re: offer"),
        ("note.md", b"intro\n\n# The heading #\n\ntext", "intro\n\n# The heading #\n\ntext", "The heading"),
        ("note.txt", b"just text", "just text", ""),
        ("LICENSE", b"no suffix at all", "no suffix at all", ""),
        ("data.csv", b"a,b\r\n1,2\r\n", "a,b\n1,2\n", ""),
    ],
)  # fmt: skip
def test_reads_every_format(name: str, data: bytes, text: str, title: str, reader: Reader) -> None:
    read = extract(data, name=name, reader=reader)
    assert text in read.text
    assert read.title == title
    assert read.note == ""


def test_scripts_are_no_text(reader: Reader) -> None:
    assert "steal" not in extract(HTML, name="page.html", reader=reader).text


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx", "a.pdf", "a.odt", "a.doc", "a.msg"])
@pytest.mark.parametrize("data", [b"not that format", b"PK\x03\x04 cut", b"%PDF-1.7\n1 0 obj"])
def test_broken_bytes_are_a_reason_in_our_words(name: str, data: bytes, reader: Reader) -> None:
    with pytest.raises(Unreadable) as failed:
        extract(data, name=name, reader=reader)
    said = str(failed.value)
    begins = {"a.pdf": b"%PDF", "a.doc": b"\xd0\xcf", "a.msg": b"\xd0\xcf"}.get(name, b"PK")
    if data.startswith(begins):
        assert re.fullmatch(r"it is damaged: (it begins as a PDF, and )?its end is missing", said)
    else:
        assert re.fullmatch(r"it does not begin as an? [\w -]+ does: it is damaged, or not .* says", said)


def test_an_archive_under_the_name_of_a_document_is_said_to_be_none(reader: Reader) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "x")
    for name in ("a.docx", "a.xlsx", "a.epub"):
        with pytest.raises(Unreadable, match="not what its name says: a part that all such files have"):
            extract(packed.getvalue(), name=name, reader=reader)


def test_a_document_cut_short_is_unreadable(reader: Reader) -> None:
    whole = office.docx(["text " * 50])
    with pytest.raises(Unreadable):
        extract(whole[: len(whole) // 2], name="a.docx", reader=reader)


def test_bytes_that_are_no_mail_are_unreadable(reader: Reader) -> None:
    with pytest.raises(Unreadable, match="no message"):
        extract(b"\xff\xfe\x00garbage", name="a.eml", reader=reader)


def test_a_zip_bomb_costs_nothing(reader: Reader) -> None:
    with pytest.raises(Unreadable, match="zip bomb"):
        extract(office.bomb(), name="a.docx", reader=reader)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0 JFIF"),
        ("all.zip", b"PK\x03\x04"),
        ("all.tar.gz", b"\x1f\x8b\x08"),
        ("song.mp3", b"ID3\x03"),
        ("program", b"\x7fELF\x02\x01\x01\0\0\0"),
        ("lying.txt", b"text\0\0\0\xff\xfe\x01" * 10),
        ("scan.pdf", office.pdf("")),
    ],
)
def test_what_has_no_text_by_nature_says_so(name: str, data: bytes, reader: Reader) -> None:
    read = extract(data, name=name, reader=reader)
    assert (read.text, read.note) == ("", "no readable text")


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.html", "a.eml"])
def test_an_empty_file_is_no_broken_one(name: str, reader: Reader) -> None:
    read = extract(b"", name=name, reader=reader)
    assert (read.text, read.note) == ("", "the file is empty")


def test_text_of_is_the_short_way() -> None:
    assert "budget" in text_of(office.docx(["budget"]), name="x.docx")
    assert text_of(b"hello", name="x", mime="text/plain; charset=utf-8") == "hello"
    assert text_of(b"\x89PNG\r\n", name="x.png") == ""
    with pytest.raises(Unreadable) as caught:
        text_of(b"junk", name="invoice", mime="application/pdf")
    assert caught.value.reason


def test_a_parser_that_takes_too_long_is_ended_and_the_next_document_is_read() -> None:
    with Reader(seconds=0.05) as hasty:  # starting the child alone takes longer
        with pytest.raises(Unreadable, match=r"longer than 0\.05 seconds"):
            extract(office.docx(["x " * 1_000_000]), name="a.docx", reader=hasty)
        hasty._seconds = 60
        assert extract(office.docx(["fine"]), name="b.docx", reader=hasty).text.strip() == "fine"


@pytest.mark.crash
def test_a_parser_that_crashes_costs_one_document(reader: Reader) -> None:
    extract(office.docx(["x"]), name="a.docx", reader=reader)
    child = reader._child
    assert child is not None
    os.kill(child.pid, 11)
    child.wait()
    with pytest.raises(Unreadable, match="crashed"):
        extract(office.docx(["x"]), name="a.docx", reader=reader)
    assert extract(office.docx(["x"]), name="a.docx", reader=reader).text.strip() == "x"


def test_the_child_is_gone_after_close() -> None:
    reader = Reader()
    extract(office.docx(["x"]), name="a.docx", reader=reader)
    child = reader._child
    assert child is not None
    reader.close()
    assert child.returncode is not None


@pytest.mark.skipif(os.name == "nt", reason="what is started in the child's place is a shell script")
def test_the_child_has_no_password_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parser that a document takes over can tell what it finds there."""
    for name in (
        "MAIL_PASSWORD",
        "OPENAI_API_KEY",
        "DESKHAND_PASSPHRASE",
        "DESKHAND_SOURCES__MAIL__PASSWORD",
    ):
        monkeypatch.setenv(name, "c4nary")
    in_its_place, seen = tmp_path / "python", tmp_path / "seen"
    in_its_place.write_text(f'#!/bin/sh\nenv > "{seen}"\n', "utf-8")
    in_its_place.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(in_its_place))
    with Reader() as reader, pytest.raises(Unreadable):
        reader.read(b"%PDF-", "application/pdf")
    assert "PATH=" in seen.read_text("utf-8")
    assert "c4nary" not in seen.read_text("utf-8")


def test_the_child_is_started_once(reader: Reader) -> None:
    extract(office.docx(["x"]), name="a.docx", reader=reader)
    before = reader._child
    start = time.process_time()
    for _ in range(20):
        extract(office.docx(["x"]), name="a.docx", reader=reader)
    assert reader._child is before
    assert time.process_time() - start < 20  # seconds of CPU: it ends, and is not quadratic


SENTENCE = "Çà coûte 12 € – déjà vu à l'hôtel, où l'été brûle"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_letters_survive_their_encoding(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert decode(mark + SENTENCE.encode(encoding)) == SENTENCE


def test_a_few_accents_are_windows_1252() -> None:
    assert decode("Café crème".encode("cp1252")) == "Café crème"


def test_another_alphabet_is_guessed_from_enough_of_it() -> None:
    text = "Привет, это обычное письмо о встрече в понедельник утром. " * 3
    assert decode(text.encode("cp1251")) == text


def test_markup_says_its_own_encoding(reader: Reader) -> None:
    page = "<html><head><meta charset=iso-8859-2></head><body><p>Łódź, żółw</p></body></html>"
    assert "Łódź, żółw" in extract(page.encode("iso-8859-2"), name="a.html", reader=reader).text


@given(st.binary(max_size=300))
def test_any_bytes_decode_to_text_that_can_be_stored(data: bytes) -> None:
    decode(data).encode()
    decode(data, markup=True).encode()


@given(
    st.text(alphabet=st.characters(exclude_characters="\0\r\ufeff", exclude_categories=["Cs"]), max_size=200)
)
def test_what_is_written_as_utf8_is_read_back(text: str) -> None:
    assert text_of(text.encode(), name="a.txt") == text


def test_headings_in_code_and_front_matter() -> None:
    assert heading("```\n# a comment\n```\n## Real one ##\n") == "Real one"
    assert heading("---\ndate: 2026\ntitle: 'From the top'\n---\n# Below") == "From the top"
    assert heading("#hashtag\n\nno heading") == ""


def test_kinds_of_files_do_not_depend_on_the_machine() -> None:
    assert mime_of("A.DOCX").endswith("wordprocessingml.document")
    assert mime_of("x.bin", "Text/Plain; charset=x") == "text/plain"
    assert mime_of("x.pdf", "application/octet-stream") == "application/pdf"
    assert mime_of("x.zip") == "application/zip"
    assert is_text("a.md")
    assert is_text("README")
    assert not is_text("a.docx")
    assert not is_text("a.png")
