"""Graph is asked at its real name, again where that helps, and what it says is told in plain words."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from fakes.graph.world import Refused as Says
from fakes.proxy import cut, done_but, reset, rewritten, says, torn
from graph_givens import Microsoft, account, mail, token
from graph_givens import microsoft as serving

from deskhand.config.vault import Secrets
from deskhand.connectors._graph_errors import Answer, answer, error_of
from deskhand.connectors._microsoft_account import Account, allows, opened
from deskhand.connectors._microsoft_tokens import Signed
from deskhand.connectors._outlook_mailbox import Mailbox
from deskhand.connectors._tries import Gone, Lost, Refused
from deskhand.connectors.errors import (
    Changed,
    Exists,
    Forbidden,
    Misconfigured,
    Missing,
    SourceError,
    Transient,
    Unauthorized,
    Unsupported,
)

Json = Any
FOLDERS = "/me/mailFolders/delta"


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def ana(microsoft: Microsoft, waits: list[float]) -> Account:
    made = account(microsoft, waits=waits)
    made.check()
    microsoft.front.seen.clear()
    return made


def test_ids_that_stay_are_asked_for_everywhere(microsoft: Microsoft, ana: Account) -> None:
    microsoft.world.arrives("ana", mail("Plan"))
    (one,) = ana.graph.get("/me/messages", {"$select": "subject"})["value"]
    (told,) = ana.graph.together([f"/me/messages/{one['id']}"])
    made = ana.graph.write("PATCH", f"/me/messages/{one['id']}", {"isRead": True})
    assert one["id"] == told["id"] == made["id"]
    assert "IMM" in one["id"]


def test_a_read_is_tried_again_and_the_server_says_when(
    microsoft: Microsoft, ana: Account, waits: list[float]
) -> None:
    busy = says(429, b'{"error": {"code": "TooManyRequests"}}', Retry_After="7")
    page = says(502, b"<html>Bad gateway</html>")
    microsoft.front.faults += [("GET", busy), ("GET", page), ("GET", says(503)), ("GET", torn)]
    assert ana.graph.get(FOLDERS)["value"]
    assert waits[0] == 7
    assert len(waits) == 4


@pytest.mark.parametrize("fault", [cut, reset, rewritten(lambda data: data[: len(data) // 2])])
def test_what_was_cut_off_is_asked_for_again(
    microsoft: Microsoft, ana: Account, fault: Callable[[Any], None]
) -> None:
    microsoft.front.faults.append(("GET", fault))
    assert ana.graph.get(FOLDERS)["value"]


def test_who_wants_to_be_left_alone_for_long_is(
    microsoft: Microsoft, ana: Account, waits: list[float]
) -> None:
    microsoft.front.always["GET"] = says(429, Retry_After="900")
    with pytest.raises(Transient, match="900 seconds") as told:
        ana.graph.get(FOLDERS)
    assert told.value.after == 900
    assert waits == []


def test_a_write_is_made_once(microsoft: Microsoft, ana: Account) -> None:
    draft = microsoft.world.keep(microsoft.ana, mail("Plan"), "FLD1-drafts", draft=True)
    path = f"/me/messages/AAkALg1IMM{draft.key:08d}AA=/send"
    for fault in (says(504), done_but(torn)):
        microsoft.front.faults.append(("POST", fault))
        microsoft.front.seen.clear()
        with pytest.raises(Lost):
            ana.graph.write("POST", path)
        assert microsoft.front.count("POST") == 1
    microsoft.front.faults.append(("POST", says(429, Retry_After="1")))
    with pytest.raises(Transient, match="nothing was changed"):
        ana.graph.write("POST", path)


def test_in_a_batch_each_is_judged_alone_and_asked_again_alone(
    microsoft: Microsoft, ana: Account, waits: list[float]
) -> None:
    for n in range(23):
        microsoft.world.arrives("ana", mail(f"Mail {n}", number=n + 1))
    ids = [m["id"] for m in ana.graph.get("/me/messages", {"$top": "50", "$select": "subject"})["value"]]
    often = iter([Says(429, "ApplicationThrottled", Retry_After="3"), Says(503, "ErrorServerBusy")])
    microsoft.world.refusing = lambda method, path: next(often, None) if ids[1] in path else None
    microsoft.world.calls.clear()
    paths = [f"/me/messages/{i}?$select=subject" for i in ids]
    told = ana.graph.together([*paths, "/me/messages/none", f"/me/messages/{ids[0]}/$value"])
    assert [t["subject"] for t in told[:23]] == [f"Mail {n}" for n in reversed(range(23))]
    assert isinstance(told[23], Missing)
    assert b"Subject: Mail 22" in told[24]
    assert [p for _, p in microsoft.world.calls].count(paths[1]) == 3
    assert len(microsoft.world.calls) == 25 + 2
    assert waits[0] == 3
    assert microsoft.ana.most == 4


def test_what_never_comes_keeps_nobody_from_the_others_where_that_is_wanted(
    microsoft: Microsoft, ana: Account
) -> None:
    paths = ["/me/mailFolders/inbox", "/me/mailFolders/drafts"]
    microsoft.world.refusing = lambda _, path: Says(500, "odd") if path.endswith("drafts") else None
    inbox, drafts = ana.graph.together(paths, late=True)
    assert inbox["displayName"] == "Posteingang"
    assert isinstance(drafts, Transient)
    assert isinstance(*ana.graph.together(paths[1:], late=True), Transient)
    with pytest.raises(Transient, match="answered 500"):
        ana.graph.together(paths)
    microsoft.world.refusing = lambda *_: Says(500, "odd")
    with pytest.raises(Transient, match="answered 500"):
        ana.graph.together(paths, late=True)


def test_settings_that_never_come_are_not_known_and_the_mail_is_read(
    microsoft: Microsoft, ana: Account
) -> None:
    microsoft.world.refusing = lambda _, path: Says(500, "odd") if "mailboxSettings" in path else None
    box = Mailbox(ana.graph, settings=True)
    (page,) = box.first_pages([box.listing("inbox")])
    assert page["value"] == []
    assert box.profile is None


def test_a_batch_that_shares_the_mailbox_with_another_program_gets_through(
    microsoft: Microsoft, ana: Account
) -> None:
    microsoft.ana.under_way = 2
    told = ana.graph.together(["/me/mailFolders/inbox"] * 7)
    assert [t["displayName"] for t in told] == ["Posteingang"] * 7


def test_links_are_followed_to_graph_alone(microsoft: Microsoft, ana: Account) -> None:
    for link in ("https://graph.example.com/v1.0/me", "https://graph.microsoft.com.example.org/v1.0/me"):
        with pytest.raises(Forbidden):
            ana.graph.get(link)
    microsoft.front.always["GET"] = says(
        200, b'{"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/me?$skiptoken=a"}'
    )
    with pytest.raises(Transient, match="again and again"):
        list(ana.graph.pages("/me/mailFolders/delta"))


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (400, "syncStateNotFound", Gone, "changed since"), (410, "SyncStateInvalid", Gone, "changed since"),
        (410, "gone", Gone, "any more"), (404, "ErrorItemNotFound", Missing, "any more"),
        (404, "MailboxNotEnabledForRESTAPI", Misconfigured, "no mailbox in Microsoft's cloud"),
        (403, "ErrorAccessDenied", Unauthorized, "deskhand signin mail"),
        (401, "InvalidAuthenticationToken", Unauthorized, "deskhand signin mail"),
        (409, "nameAlreadyExists", Exists, "name"), (412, "ErrorIrresolvableConflict", Changed, "meanwhile"),
        (413, "RequestEntityTooLarge", Unsupported, "larger"), (423, "locked", Transient, "423"),
        (429, "TooManyRequests", Transient, "less often"), (500, "generalException", Transient, "500"),
        (501, "notSupported", Refused, "notSupported"), (507, "quotaLimitReached", Unsupported, "room"),
        (400, "ErrorInvalidRecipients", Refused, "ErrorInvalidRecipients: No."),
    ],
)  # fmt: skip
def test_errors_say_what_to_do(status: int, code: str, kind: type[SourceError], said: str) -> None:
    given = json.dumps({"error": {"code": code, "message": "No."}}).encode()
    got = error_of(answer(status, given), "Outlook", sign_in="deskhand signin mail")
    assert isinstance(got, kind)
    assert said in str(got)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error": null}', None, 7])
def test_an_answer_without_microsofts_words_is_none_all_the_same(body: object) -> None:
    assert answer(502, body) == Answer(502, "", "")


# ---------------------------------------------------------------------- tokens


def test_a_token_is_used_until_it_is_refused(microsoft: Microsoft, ana: Account) -> None:
    ana.graph.get(FOLDERS)
    assert len(microsoft.world.asked_tokens) == 1
    microsoft.world.tokens.clear()
    assert ana.graph.get(FOLDERS)["value"]
    assert len(microsoft.world.asked_tokens) == 2


def test_what_the_server_wants_proved_is_handed_on(microsoft: Microsoft, ana: Account) -> None:
    claims = '{"access_token": {"nbf": {"essential": true, "value": "1700000000"}}}'
    microsoft.world.claims = base64.b64encode(claims.encode()).decode()
    assert ana.graph.get(FOLDERS)["value"]
    assert (
        json.loads(microsoft.world.asked_tokens[-1]["claims"])["access_token"]["nbf"]["value"] == "1700000000"
    )


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (700082, Unauthorized, "not used for too long"), (65001, Unauthorized, "allowed"),
        (50076, Unauthorized, "another proof"), (53003, Misconfigured, "conditional access"),
        (90094, Misconfigured, "administers"), (7000218, Misconfigured, "public client flows"),
        (700016, Misconfigured, "client ID"), (1, Unauthorized, "Sign in again: deskhand signin mail"),
    ],
)  # fmt: skip
def test_why_a_sign_in_has_ended_is_told_and_asked_once(
    microsoft: Microsoft, ana: Account, number: int, kind: type[SourceError], said: str
) -> None:
    microsoft.world.tokens.clear()
    microsoft.world.no_token = {
        "error": "invalid_grant", "error_codes": [number], "error_description": f"AADSTS{number}: No.",
    }  # fmt: skip
    with pytest.raises(kind, match=said):
        ana.graph.get(FOLDERS)
    asked = len(microsoft.world.asked_tokens)
    with pytest.raises(kind, match=said):
        ana.graph.get(FOLDERS)
    assert len(microsoft.world.asked_tokens) == asked


def test_a_sign_in_that_is_used_up_is_replaced_for_every_process(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    """The fake takes a refresh token once: with the old one kept, the second would be refused."""
    secrets = Secrets({}, tmp_path / "home")
    (tmp_path / "home").mkdir()
    secrets.store.put("ANA", token(microsoft), to="file")
    other = Secrets({}, tmp_path / "home")

    def made(by: Secrets) -> Account:
        return account(microsoft, given=by.store.get("ANA"), renew=lambda change: by.renew("ANA", change))

    first, second = made(secrets), made(other)
    threads = [Thread(target=a.check) for a in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    microsoft.world.tokens.clear()
    first.check()
    second.check()
    kept = secrets.store.get("ANA")
    (held,) = json.loads(kept)["cache"]["RefreshToken"].values()
    assert list(microsoft.world.refresh_tokens) == [held["secret"]]
    assert "AccessToken" not in kept
    assert held["secret"] not in other.hide(f"It says {held['secret']}.")


# ---------------------------------------------------------------------- accounts


def test_nobodys_mail_is_read_under_anothers_name(microsoft: Microsoft) -> None:
    with pytest.raises(Unauthorized, match=r"of bo@example\.org"):
        account(microsoft, who="bo", place="ana@example.org").check()


def test_what_was_not_allowed_is_said(microsoft: Microsoft) -> None:
    reader = account(microsoft, allowed=("Mail.Read", "MailboxSettings.Read", "User.Read"))
    assert not reader.writes
    with pytest.raises(Unauthorized, match="write with Outlook"):
        reader.check()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"place": "ana"}, "ana@example.org"), ({"token": ""}, "microsoft.md"),
        ({"token": "x"}, "no sign-in"),
        ({"token": '{"client_id": "x"}'}, "no sign-in"), ({"write": "perhaps"}, "yes or no"),
    ],
)  # fmt: skip
def test_options_that_cannot_work_are_named(options: dict[str, str], said: str) -> None:
    good = Signed("id", "common", "ana@example.org", ()).text()
    with pytest.raises(Misconfigured, match=said):
        opened("mail", **{"source": "mail", "place": "ana@example.org", "token": good, **options})  # type: ignore[arg-type]


def test_who_may_write_may_read() -> None:
    assert allows(["https://graph.microsoft.com/Mail.ReadWrite", "User.Read"], ["Mail.Read", "User.Read"])
    assert not allows(["Mail.Read"], ["Mail.ReadWrite"])
    assert not allows(["Mail.ReadWrite"], ["Mail.Send"])


@pytest.mark.parametrize(
    ("cloud", "graph", "login"),
    [
        ("usgov", "graph.microsoft.us", "login.microsoftonline.us"),
        ("dod", "dod-graph.microsoft.us", "login.microsoftonline.us"),
        ("china", "microsoftgraph.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
    ],
)
def test_a_national_cloud_is_asked_at_its_own_names(
    tmp_path: Path, cloud: str, graph: str, login: str
) -> None:
    """And nobody else: to other hosts than these two nothing goes."""
    common = "login.microsoftonline.com"
    with serving(tmp_path, names=(graph, login)) as microsoft:
        kept = json.loads(token(microsoft))
        kept = json.loads(json.dumps({**kept, "cloud": cloud}).replace(common, login))
        said = rewritten(lambda data: data.replace(common.encode(), login.encode()))
        microsoft.front.always["* /.well-known/"] = said
        asked = account(microsoft, given=json.dumps(kept)).graph
        assert asked.get("/me/mailFolders/inbox")["displayName"] == "Posteingang"
        assert {h["Host"] for h in microsoft.front.headers} == {graph, login}
