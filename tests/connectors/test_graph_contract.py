"""What Microsoft shows of Graph, held against what it says of it: our fake is held against the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from fakes.graph.contract import Contract, found

SHARED = Path(__file__).parents[3] / "shared" / "data" / "msgraph"
OURS = re.compile(
    r"/me/(?:messages|mailFolders|sendMail|mailboxSettings$|events|calendar|calendars|calendarView|drive)(?=/|$)|"
    r"/drives/"
)
NOT_SAID = {
    # Pages and library do not agree; nothing of it is used by us.
    "DELETE /me/calendar",
    "GET /drives/22e064df-3562-4a3c-98c3-74721ca06aa0/lists/documents/"
    "items/44d372fc-2eb6-4c85-8538-f3a0386a568f/driveitem/retentionLabel",
    "GET /drives/{drive-id}/items/{item-id}/"
    "getActivitiesByInterval(startDateTime='2017-01-01',endDateTime='2017-01-3',interval='day')",
    "GET /me/drive/items/{item-id}/thumbnails/{thumb-id}/{size}",
    "GET /me/drive/items/{item-id}/thumbnails/{thumb-id}/{size}/content",
    "PUT /me/drive/root:/{path_to_parent}",
    # The page shows an object where the type is a plain word.
    "GET /me/mailboxSettings",
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    if (made := found(SHARED)) is None:
        pytest.skip("needs ../shared/data/msgraph and .venv/msgraph (make test)")
    return made


def samples() -> list[dict[str, Any]]:
    path = SHARED / "samples.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else []


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/me/messages/abc"),
        ("GET", "/users/ana@example.org/mailFolders/inbox/messages/delta"),
        ("GET", "/me/mailFolders/inbox/messages/delta()"),
        ("POST", "/me/messages/abc/createReply"),
        ("POST", "/me/messages/abc/send"),
        ("GET", "/me/messages/abc/$value"),
        ("GET", "/me/calendars/abc/calendarView/delta"),
        ("POST", "/me/calendar/getSchedule"),
        ("POST", "/me/events/abc/accept"),
        ("GET", "/me/drive/root/delta"),
        ("GET", "/drives/abc/items/def/versions/1.0/content"),
        ("PUT", "/me/drive/root:/A%20folder/file.txt:/content"),
        ("POST", "/drives/abc/items/def/createUploadSession"),
        ("PATCH", "/me/mailboxSettings"),
    ],
)
def test_what_graph_has(contract: Contract, verb: str, path: str) -> None:
    assert contract.wrong_request(verb, path) == []


@pytest.mark.parametrize(
    ("verb", "path", "query", "body", "said"),
    [
        ("GET", "/me/mails", [], None, "nothing that Graph has"),
        ("DELETE", "/me/sendMail", [], None, "nothing that Graph has"),
        ("GET", "/me/Messages/abc/Attachments", [], None, "nothing that Graph has"),
        ("GET", "/me/messages", [("$orderBy", "x")], None, "takes no $orderBy"),
        ("GET", "/me/messages", [("$top", "1"), ("$top", "2")], None, "given twice"),
        ("GET", "/me/messages", [("$select", "subject,titel")], None, "there is no titel"),
        ("POST", "/me/messages", [], {"titel": "x"}, "message has no titel"),
        ("POST", "/me/messages", [], {"subject": 1}, "not 1"),
        ("POST", "/me/messages", [], {"importance": "urgent"}, "one of high, low, normal"),
        ("POST", "/me/messages", [], {"toRecipients": {}}, "is a list"),
        ("POST", "/me/messages", [], {"receivedDateTime": "today"}, "Edm.DateTimeOffset"),
        ("POST", "/me/events", [], {"attachments": [{"@odata.type": "#graph.file"}]}, "no type"),
        ("POST", "/me/messages/abc/createReply", [], {"remark": "x"}, "has no remark"),
        ("POST", "/me/messages/abc/send", [], {"x": 1}, "takes no body"),
        ("POST", "/me/events/abc/accept", [], {"sendResponse": "yes"}, "not 'yes'"),
    ],
)  # fmt: skip
def test_what_graph_does_not_have_is_named(
    contract: Contract, verb: str, path: str, query: list[tuple[str, str]], body: Any, said: str
) -> None:
    (wrong,) = contract.wrong_request(verb, path, query, body)
    assert said in wrong


def test_what_microsoft_shows_is_taken(contract: Contract) -> None:
    """Every request of its reference pages to what we use, and every answer but for its placeholders."""
    wrong: dict[str, list[str]] = {}
    asked = 0
    for sample in samples():
        url = urlsplit(sample["request"].get("exampleUrl") or sample["request"]["url"])
        path, verb = url.path.removeprefix("/v1.0"), sample["request"]["method"]
        if not OURS.match(path):
            continue
        asked += 1
        # Its pages write parameters now with and now without the dollar, and in any case of letters.
        names = [n for n, _ in parse_qsl(url.query, keep_blank_values=True)]
        route = contract.route(verb, path)
        taken = {n.lstrip("$").lower() for n in (route.query if route else ())}
        said = [f"takes no {n}" for n in names if n.lstrip("$").lower() not in taken | {"token"}]
        said += contract.wrong_request(verb, path)
        body = sample["response"].get("body")
        if not said and isinstance(body, dict) and body:
            said += [w for w in contract.wrong_answer(verb, path, body) if not _placeholder(w)]
        if said:
            wrong[f"{verb} {path}"] = said
    assert asked > 100
    assert wrong.keys() == NOT_SAID, json.dumps(wrong, indent=1)


def _placeholder(wrong: str) -> bool:
    return wrong.endswith(("-value'", "'datetime'", "not ''", "'color-value'"))
