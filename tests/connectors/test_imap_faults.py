"""What fails between us and an IMAP server: nothing is lost, nothing doubled, and it is said in a line."""

from __future__ import annotations

import signal
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
import trustme
from agent_givens import ENVIRONMENT
from contracts import NOW, current, pass_over
from crashing import forked
from fakes import line as between
from fakes.dovecot import PASSWORD, Server, token
from fakes.line import Line
from imap_givens import PLAIN, messages, open_, sync_and_die

from deskhand.agent.app import App
from deskhand.connectors import _imap_connect, _imap_session
from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unauthorized, Unsupported
from deskhand.connectors.imap import Imap, connect
from deskhand.connectors.model import Cursor, Failed, Item, Removed


@pytest.fixture(scope="module")
def many(dovecot: Server) -> str:
    """Somebody with 450 messages; they are only read."""
    user = dovecot.user()
    dovecot.fill(user, [PLAIN % (n, n) for n in range(450)])
    return user


@pytest.fixture
def opened(dovecot: Server, line: Line, tmp_path: Path) -> Iterator[Callable[..., Imap]]:
    """Opens mailboxes by the line."""
    made: list[Imap] = []

    def open_one(user: str, **options: object) -> Imap:
        made.append(open_(dovecot, user, tmp_path, **{"port": line.port, **options}))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


# ------------------------------------------------------------------ in the middle of a pass


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "truncated"])
@pytest.mark.parametrize("after", [0, 700, 5000])
@pytest.mark.parametrize("asked", [rb"LIST", rb"EXAMINE", rb"SEARCH", rb"RFC822\.SIZE", rb"BODY\.PEEK"])
def test_a_connection_that_breaks_in_mid_page_is_opened_anew(
    opened: Callable[..., Imap], line: Line, many: str, asked: bytes, after: int, reset: bool
) -> None:
    """Wherever it breaks, and however much of the answer came: each message comes once."""
    line.break_at(asked, of="client", after=after, reset=reset)
    changes, cursor = pass_over(imap := opened(many))
    assert [c.data["message_id"] for c in changes if isinstance(c, Item)] == [
        f"<m{n}@example.org>" for n in range(449, -1, -1)
    ]
    assert pass_over(imap, cursor)[0] == []


def test_a_server_that_breaks_off_again_and_again_leaves_the_pages_before_it_good(
    opened: Callable[..., Imap], line: Line, many: str
) -> None:
    imap = opened(many)
    changes = imap.changes(None)
    page = list(islice(changes, 201))
    told, cursor = [c for c in page if isinstance(c, Item)], page[-1]
    assert isinstance(cursor, Cursor)
    line.break_at(rb"BODY\.PEEK", of="client", after=300, times=2)
    with pytest.raises(Transient, match=r"127\.0\.0\.1:\d+ broke off the connection"):
        list(changes)
    assert len(told) == 200
    rest, last = pass_over(imap, cursor)
    assert len(current([*told, *rest])) == 450
    assert len(rest) == 250
    assert pass_over(imap, last)[0] == []


def test_a_server_that_falls_silent_in_mid_page_is_given_up_and_gone_on_with(
    opened: Callable[..., Imap], line: Line, many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_imap_connect, "READ_SECONDS", 0.5)
    imap = opened(many)
    changes = imap.changes(None)
    *told, cursor = islice(changes, 201)
    line.answers[rb"BODY\.PEEK"] = b"* 1 FETCH (UID 1 BODY[] {100}\r\nabc"
    with pytest.raises(Transient, match=r"^127\.0\.0\.1:\d+ does not answer\.$"):
        list(changes)
    line.answers.clear()
    assert isinstance(cursor, Cursor)
    rest, _ = pass_over(imap, cursor)
    assert len(current([*told, *rest])) == 450
    assert len(rest) == 250


def test_a_slow_server_is_waited_for(opened: Callable[..., Imap], line: Line, user: str) -> None:
    """What comes in crumbs of three bytes is put together."""
    line.crumbs = 3
    assert set(messages(opened(user))) == {"m1", "m2", "m3", "file"}


@pytest.mark.parametrize(
    "said",
    [
        b"* 1 FETCH (UID 1 BODY[] NIL)\r\nTAG OK done\r\n",
        b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc FLAGS ((\r\nTAG OK done\r\n",
        b"TAG NO [SERVERBUG] I am broken\r\n",
        b"TAG NO it cannot be opened\r\n",
        b"TAG BAD what?\r\n",
        b"TAG OK done\r\n",
        b"\x00\xff\xfe\r\nTAG OK done\r\n",
    ],
)
def test_no_answer_of_a_server_is_a_defect_of_ours(
    opened: Callable[..., Imap], line: Line, user: str, said: bytes
) -> None:
    line.answers[rb"BODY\.PEEK"] = said
    with suppress(SourceError):
        pass_over(opened(user))
    line.answers.clear()
    assert set(messages(opened(user))) == {"m1", "m2", "m3", "file"}


def test_a_search_that_finds_more_than_can_be_is_no_answer(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    """A range takes a few bytes, and what it names would take all the memory there is."""
    line.answers[rb"SEARCH"] = b'* ESEARCH (TAG "TAG") UID ALL 1:4294967295\r\nTAG OK done\r\n'
    with pytest.raises(Transient, match="said what is no IMAP"):
        pass_over(opened(user))


def test_an_answer_that_is_nested_without_end_is_no_answer(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    line.answers[rb"RFC822\.SIZE"] = b"* 1 FETCH (UID 1 X " + b"(" * 100_000 + b"\r\nTAG OK done\r\n"
    with pytest.raises(Transient, match="said what is no IMAP"):
        pass_over(opened(user))


def test_an_answer_that_does_not_end_is_broken_off(
    opened: Callable[..., Imap], line: Line, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its lines nor a literal that is announced may fill the memory, nor drops hold us for ever."""
    monkeypatch.setattr(_imap_session, "LARGEST_ANSWER", 200_000)
    for said in (b"* OK still there\r\n" * 20_000, b"* 1 FETCH (UID 1 BODY[] {9000000000}\r\nabc"):
        line.answers[rb"BODY\.PEEK"] = said
        with pytest.raises(Transient, match="more than"):
            pass_over(opened(user))
    line.answers.clear()
    monkeypatch.setattr(_imap_session, "COMMAND_SECONDS", 0.0)
    with pytest.raises(Transient, match="does not come to an end"):
        pass_over(opened(user))


@pytest.mark.parametrize("at", [b"20-Nov-2026 09:00:00", b"20-Nov-2026 09:00:00 +9900"])
def test_a_time_of_arrival_that_is_none_hinders_nothing(
    opened: Callable[..., Imap], line: Line, user: str, at: bytes
) -> None:
    line.edits["server"] = [(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "' + at + b'"')]
    for change in pass_over(opened(user))[0]:
        if isinstance(change, Item):
            assert change.at.utcoffset() is not None


def test_a_message_that_an_answer_leaves_out_comes_in_the_next_pass(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    """The server says OK, and says nothing of one of them; nothing else changes in that folder after."""
    line.edits["server"] = [(rb"\* 2 FETCH \(UID 2 FLAGS.*\r\n", b"")]
    imap = opened(user)
    changes, cursor = pass_over(imap)
    line.edits["server"] = []
    assert len([c for c in changes if isinstance(c, Item) and c.ref.kind == "message"]) == 3
    changes, cursor = pass_over(imap, cursor)
    assert [c.data["message_id"] for c in changes if isinstance(c, Item)] == ["<m2@example.org>"]
    line.restart()
    assert pass_over(imap, cursor)[0] == []
    assert line.commands[-1] == "LIST"


def test_a_message_the_server_refuses_is_a_failure_and_the_rest_comes(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    """Asked for together they are refused, so each is asked for alone."""
    refused = messages(imap := opened(user))["file"].native
    line.answers[rb"UID FETCH (1:)?3 \(BODY"] = b"TAG NO it is damaged\r\n"
    found: dict[str, str] = {}
    for change in imap.changes(None):
        if not isinstance(change, Cursor) and change.ref.kind == "message":
            found[change.ref.native] = getattr(change, "reason", "")
    assert len(found) == 4
    assert {n: r for n, r in found.items() if r} == {refused: "127.0.0.1 refused it: it is damaged"}


def test_a_folder_that_cannot_be_opened_keeps_nobody_from_the_others(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    """As shared folders are that one may see and not read. What was read of it before stays."""
    whole, _ = pass_over(opened(user))
    there = {c.ref.native for c in whole if isinstance(c, Item)}
    inside = {n for n in there if not n.startswith("INBOX/")}
    folder = min(inside).rpartition("/")[0]
    line.answers[rb'(SELECT|EXAMINE) "?Archive'] = b"TAG NO [NOPERM] Permission denied\r\n"
    imap = opened(user)
    first, cursor = pass_over(imap)
    (failed,) = [c for c in first if isinstance(c, Failed)]
    assert failed.ref.native == f"{folder}/"
    assert failed.reason.startswith(f"The folder {folder} could not be opened: ")
    assert {c.ref.native for c in first if isinstance(c, Item)} == there - inside
    line.answers.clear()
    again, cursor = pass_over(imap, cursor)
    assert [c.ref.native for c in again if isinstance(c, Removed)] == [f"{folder}/"]
    assert {c.ref.native for c in again if isinstance(c, Item)} == inside
    assert pass_over(imap, cursor)[0] == []


@pytest.mark.crash
def test_a_first_sync_that_is_killed_goes_on_at_the_last_page(
    dovecot: Server, line: Line, many: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (tmp_path / "password").write_text(PASSWORD, "utf-8")
    (tmp_path / "password").chmod(0o600)
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        options = {
            "host": "127.0.0.1", "port": str(line.port), "security": "none",
            "password": f"file:{tmp_path / 'password'}",
        }  # fmt: skip
        app.add("imap", many, options=options)
    child = forked(sync_and_die, str(home), 1)
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    line.restart()
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        (passed,) = app.sync(embed=0).passes
        assert (passed.error, passed.tally.added) == ("", 250)
        assert app.sources()[0].items == 450
    assert line.commands.count("UID FETCH") == 1 + 2 + 5, "flags, two pages of sizes, 250 bodies by fifties"


# ------------------------------------------------------------------ what is wrong, in a line


def said_of(imap: Imap, kind: type[SourceError]) -> str:
    with pytest.raises(SourceError) as failed:
        imap.check()
    assert type(failed.value) in {kind, *kind.__subclasses__()}, failed.value
    assert PASSWORD not in str(failed.value)
    assert "\n" not in str(failed.value)
    return str(failed.value)


def test_a_wrong_password_is_said(opened: Callable[..., Imap], user: str) -> None:
    said = said_of(opened(user, password="wrong-one"), Unauthorized)
    assert said.startswith(f"127.0.0.1 refused the user {user} or the password: ")
    assert "wrong-one" not in said


def test_a_login_that_is_refused_for_now_is_no_wrong_password(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    line.answers[rb"AUTHENTICATE"] = b"TAG NO [UNAVAILABLE] come back later\r\n"
    assert "lets nobody in at the moment" in said_of(opened(user), Transient)


def test_a_connection_that_breaks_at_the_login_is_no_wrong_password(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    line.break_at(rb"AUTHENTICATE", of="client", times=2)
    said_of(opened(user), Transient)
    assert set(messages(opened(user))) == {"m1", "m2", "m3", "file"}


def test_no_password_at_all_is_said(opened: Callable[..., Imap], user: str) -> None:
    assert "--option password=" in said_of(opened(user, password=""), Unauthorized)


def test_a_server_that_is_not_there_is_said(opened: Callable[..., Imap], user: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        said = said_of(opened(user, port=free.getsockname()[1]), Transient)
    assert "cannot be reached: Connection refused" in said


def test_a_host_that_does_not_exist_is_said(opened: Callable[..., Imap], user: str) -> None:
    said = said_of(opened(user, host="imap.nowhere.invalid", security="tls", port=993), Transient)
    assert (
        said == "There is no server called imap.nowhere.invalid, or no network to look it up (option host)."
    )


def test_a_certificate_that_is_not_trusted_is_said_and_nothing_is_sent(
    opened: Callable[..., Imap], dovecot: Server, user: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    for port, security in ((dovecot.tls, "tls"), (dovecot.port, "starttls")):
        for authorities in ("", str(other)):
            with between.line(port) as line:
                said = said_of(opened(user, port=line.port, security=security, ca=authorities), Misconfigured)
                assert "certificate that is not trusted" in said
                assert user.encode() not in line.heard
                assert "AUTHENTICATE" not in line.commands


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_a_named_authority_is_trusted_for_its_name_alone(
    opened: Callable[..., Imap], dovecot: Server, user: str, security: str
) -> None:
    port = dovecot.tls if security == "tls" else dovecot.port
    with between.line(port) as line:
        imap = opened(user, host="localhost", port=line.port, security=security, ca=str(dovecot.authority))
        assert set(messages(imap)) == {"m1", "m2", "m3", "file"}
        assert user.encode() not in line.heard, "it is encrypted"
    elsewhere = opened(user, host="127.1.1.1", port=port, security=security, ca=str(dovecot.authority))
    with pytest.raises(SourceError):
        elsewhere.check()


def test_a_server_without_encryption_gets_no_password(
    opened: Callable[..., Imap], line: Line, user: str
) -> None:
    line.without = ("STARTTLS",)
    assert "offers no encryption (STARTTLS)" in said_of(opened(user, security="starttls"), Misconfigured)
    assert "speaks no TLS from the start" in said_of(opened(user, security="tls"), Misconfigured)
    line.without = ()
    assert b"AUTH" not in line.heard
    assert b"LOGIN" not in line.heard


def test_a_password_in_plain_text_is_refused_before_anything_is_connected(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="without encryption"):
        connect(
            source="mail", state=tmp_path, place="noor@example.org", host="imap.example.org",
            security="none", password=PASSWORD,
        )  # fmt: skip


def test_a_token_opens_the_mailbox_and_a_wrong_one_is_said(opened: Callable[..., Imap], user: str) -> None:
    """XOAUTH2, against a server that looks at the token's signature."""
    assert set(messages(opened(user, password="", token=token(user)))) == {"m1", "m2", "m3", "file"}
    for wrong in ("ya29.canary", token("user0@example.org"), token(user)[:-4]):
        said = said_of(opened(user, password="", token=wrong), Unauthorized)
        assert said.startswith(f"127.0.0.1 refused the user {user} or the token: ")
        assert wrong not in said


def test_a_token_is_not_sent_to_who_takes_none(opened: Callable[..., Imap], line: Line, user: str) -> None:
    line.without = ("AUTH=XOAUTH2",)
    assert "takes no token" in said_of(opened(user, password="", token="ya29.canary"), Unsupported)
    assert b"canary" not in line.heard


# ------------------------------------------------------------------ size


@pytest.mark.long
def test_a_thousand_messages_in_constant_memory(dovecot: Server, tmp_path: Path) -> None:
    """30 MB of mail, read with less than a third of that."""
    user = dovecot.user()
    body = b"All work and no play makes a dull day, said the other one.\r\n" * 500
    dovecot.fill(user, [PLAIN % (n, n) + body for n in range(1000)])
    imap = open_(dovecot, user, tmp_path)
    tracemalloc.start()
    try:
        count = sum(isinstance(change, Item) for change in imap.changes(None))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        imap.close()
    assert count == 1000
    assert peak < 10_000_000, peak


@pytest.mark.parametrize("greeting", [True, False], ids=["the greeting", "an answer"])
def test_a_line_that_comes_byte_by_byte_is_cut_by_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greeting: bool
) -> None:
    """It comes to an end in two seconds, which is too late: from the first word on."""
    monkeypatch.setattr(_imap_session, "COMMAND_SECONDS", 0.3)

    def drip(client: socket.socket, end: bytes) -> None:
        for _ in range(200):
            client.sendall(b"x")
            time.sleep(0.01)
        client.sendall(end)

    def accept() -> None:
        with suppress(OSError):
            while True:  # it is tried once more on a new connection
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.sendall(b"* OK ")
            if greeting:
                drip(client, b"\r\n")
            client.sendall(b"hello\r\n")
            while said := client.recv(1000):
                tag = said.split()[0]
                client.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
                if b"AUTHENTICATE" in said:
                    client.sendall(b"* NO ")
                    drip(client, b"\r\n")
                client.sendall(tag + b" OK done\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        imap = connect(
            source="mail", state=tmp_path, place="ana@example.org", host="127.0.0.1",
            port=listening.getsockname()[1], security="none", password="x",
        )  # fmt: skip
        with pytest.raises(Transient, match="does not come to an end"):
            pass_over(imap)
        imap.close()
