"""The measure that fakes of Google are held against can tell right from wrong."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="needs google-api-python-client, of the dependencies")

from fakes.google_schema import Contract, fields, masked

DRIVE = Contract.of("drive", "v3")
FILES = "/drive/v3/files"
UPLOAD = "/resumable/upload/drive/v3/files"


@pytest.mark.parametrize(
    ("verb", "path", "query", "body"),
    [
        (
            "GET",
            FILES,
            [("fields", "files(id,owners/emailAddress),nextPageToken"), ("pageSize", "1000")],
            None,
        ),
        ("GET", "/drive/v3/changes", [("pageToken", "1"), ("fields", "changes(file(*),removed)")], None),
        ("GET", FILES + "/a%2Fb/export", [("mimeType", "text/plain")], None),
        ("GET", FILES + "/a", [("alt", "media")], None),
        ("POST", UPLOAD, [("uploadType", "resumable")], {"name": "a", "appProperties": {"k": None}}),
        ("PATCH", FILES + "/a", [("supportsAllDrives", "true")], {"trashed": True}),
    ],
)
def test_what_google_takes_is_right(verb: str, path: str, query: list[tuple[str, str]], body: Any) -> None:
    assert DRIVE.wrong_request(verb, path, query, body) == []


@pytest.mark.parametrize(
    ("verb", "path", "query", "body", "why"),
    [
        ("GET", "/drive/v3/fils", [], None, "no method"),
        ("DELETE", "/drive/v3/changes", [], None, "no method"),
        ("GET", FILES, [("sort", "name")], None, "takes no sort"),
        ("GET", FILES, [("pageSize", "5000")], None, "between 1 and 1000"),
        ("GET", FILES, [("supportsAllDrives", "yes")], None, "no boolean"),
        ("GET", FILES, [("supportsTeamDrives", "true")], None, "deprecated"),
        ("GET", FILES, [("fields", "files(id,title)")], None, "no files.title"),
        ("GET", FILES, [("fields", "files(id")], None, "cannot be read"),
        ("GET", FILES, [("q", "a"), ("q", "b")], None, "given twice"),
        ("GET", "/drive/v3/changes", [], None, "needs pageToken"),
        ("POST", FILES, [], {"name": "a", "size": "3"}, "File"),
        ("POST", FILES, [], {"title": "a"}, "title"),
        ("GET", FILES, [], {"name": "a"}, "takes no body"),
    ],
)
def test_what_google_would_refuse_is_wrong(
    verb: str, path: str, query: list[tuple[str, str]], body: Any, why: str
) -> None:
    assert any(why in wrong for wrong in DRIVE.wrong_request(verb, path, query, body))


@pytest.mark.parametrize(
    "answer",
    [
        {"files": [{"id": 7}]},
        {"files": [{"id": "7", "title": "a"}]},
        {"files": [{"size": "large"}]},
        {"files": [{"modifiedTime": "yesterday"}]},
        {"files": {}},
        [],
    ],
)
def test_an_answer_google_would_not_give_is_wrong(answer: Any) -> None:
    assert DRIVE.wrong_answer("GET", FILES, answer)
    good = {"files": [{"id": "7", "size": "3", "modifiedTime": "2026-11-22T08:00:00.000Z", "parents": []}]}
    assert DRIVE.wrong_answer("GET", FILES, good) == []


def test_a_method_is_known_by_its_path() -> None:
    def name(verb: str, path: str) -> str:
        call = DRIVE.method(verb, path)
        return call.method.id if call else ""

    assert name("GET", "/drive/v3/changes/startPageToken") == "drive.changes.getStartPageToken"
    assert name("GET", FILES + "/generateIds") == "drive.files.generateIds"
    assert name("GET", FILES + "/x") == "drive.files.get"
    assert name("PATCH", "/upload/drive/v3/files/x") == "drive.files.update"
    call = Contract.of("calendar", "v3").method("GET", "/calendar/v3/calendars/a%40b.c/events/e")
    assert call is not None
    assert call.path == {"calendarId": "a@b.c", "eventId": "e"}


def test_a_mask_leaves_what_it_names() -> None:
    value = {"a": 1, "b": 2, "files": [{"id": 1, "of": {"x": 1, "y": 2}}, {"id": 2}]}
    assert masked(value, "b,files(id,of/x)") == {"b": 2, "files": [{"id": 1, "of": {"x": 1}}, {"id": 2}]}
    assert masked(value, "") == masked(value, "*") == value
    assert fields("a/b(c),d") == {"a": {"b": {"c": {}}}, "d": {}}
