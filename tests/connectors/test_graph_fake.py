"""The fake of Graph does what Microsoft's pages say, and takes nothing that Microsoft does not have."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.graph.program import Program
from fakes.graph.server import Graph
from fakes.graph.world import World
from graph_givens import contract, mail

Json = Any
STAYS = {"Prefer": 'IdType="ImmutableId"'}


@pytest.fixture
def graph() -> Iterator[Graph]:
    made = Graph(World(), contract())
    for name in ("ana", "bo", "cy"):
        made.world.person(name)
    yield made
    assert not made.world.wrong, made.world.wrong


@pytest.fixture
def ana(graph: Graph) -> Program:
    for n in range(5):
        graph.world.arrives("ana", mail(f"Mail {n}", number=n + 1))
    return Program(graph, "ana")


INBOX = "/me/mailFolders/inbox/messages/delta?$select=subject,isRead"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/me/mail", None), ("GET", "/me/messages?$orderBy=x", None), ("PUT", "/me/messages/x", {}),
        ("GET", "/me/messages?$select=titel", None), ("PATCH", "/me/messages/x", {"read": True}),
        ("POST", "/me/messages/x/move", {"folder": "inbox"}),
    ],
)  # fmt: skip
def test_what_microsoft_does_not_have_is_refused_and_told(
    graph: Graph, ana: Program, method: str, path: str, body: Json
) -> None:
    assert ana(method, path, body).status == 400
    assert graph.world.wrong
    graph.world.wrong.clear()


def test_a_program_does_what_it_was_allowed_to(graph: Graph, ana: Program) -> None:
    (row, *_), _ = ana.pages(INBOX)
    reader = Program(graph, "ana", "Mail.Read")
    assert reader("GET", f"/me/messages/{row['id']}").status == 200
    assert reader("PATCH", f"/me/messages/{row['id']}", {"isRead": True}).status == 403
    assert reader("GET", "/me/messages", Authorization="Bearer none").status == 401


def test_a_listing_goes_on_where_a_link_leads(graph: Graph, ana: Program) -> None:
    graph.world.page = 2
    rows, link = ana.pages(INBOX)
    assert [r["subject"] for r in rows] == [f"Mail {n}" for n in (4, 3, 2, 1, 0)]
    assert ana.pages(link) == ([], link)
    assert len(ana("GET", INBOX, Prefer="odata.maxpagesize=4").body["value"]) == 4


def test_changes_are_told_with_what_was_selected_at_the_beginning(graph: Graph, ana: Program) -> None:
    rows, link = ana.pages(INBOX, **STAYS)
    ids = {r["subject"]: r["id"] for r in rows}
    assert ana("PATCH", f"/me/messages/{ids['Mail 1']}", {"isRead": True}).status == 200
    assert ana("POST", f"/me/messages/{ids['Mail 2']}/move", {"destinationId": "deleteditems"}).status == 201
    assert ana("DELETE", f"/me/messages/{ids['Mail 3']}").status == 204
    graph.world.arrives("ana", mail("Mail 9"))
    told = {r["id"]: r for r in ana.pages(link, **STAYS)[0]}
    assert told[ids["Mail 1"]]["isRead"] is True
    assert told[ids["Mail 1"]].keys() - {"@odata.etag"} == {"id", "subject", "isRead"}
    assert told[ids["Mail 2"]]["@removed"] == told[ids["Mail 3"]]["@removed"] == {"reason": "deleted"}
    assert [r["subject"] for r in told.values() if r["id"] not in ids.values()] == ["Mail 9"]


def test_an_id_stays_only_for_who_asked_for_that(ana: Program) -> None:
    (row, *_), _ = ana.pages(INBOX)
    moved = ana("POST", f"/me/messages/{row['id']}/move", {"destinationId": "archive"}).body
    assert moved["id"] != row["id"]
    assert ana("GET", f"/me/messages/{row['id']}").status == 404
    stays = ana("GET", f"/me/messages/{moved['id']}", **STAYS).body["id"]
    again = ana("POST", f"/me/messages/{stays}/move", {"destinationId": "inbox"}, **STAYS).body
    assert again["id"] == stays


@pytest.mark.parametrize("status", [410, 400])
def test_a_link_that_is_not_known_any_more_says_so(graph: Graph, ana: Program, status: int) -> None:
    _, link = ana.pages(INBOX)
    graph.world.forget()
    graph.world.lost_as = status
    got = ana("GET", link)
    assert (got.status, got.body["error"]["code"]) == (status, "syncStateNotFound")


def test_pages_may_be_empty_and_come_twice(graph: Graph, ana: Program) -> None:
    graph.world.page, graph.world.empty_pages = 2, True
    assert ana("GET", INBOX).body["value"] == []
    assert len(ana.pages(INBOX)[0]) == 5
    graph.world.empty_pages, graph.world.duplicates = False, True
    assert len(ana.pages(INBOX)[0]) == 10


def test_a_draft_of_bytes_is_sent_and_arrives(graph: Graph, ana: Program) -> None:
    data = mail("Plan", sender="ana@example.org", to="bo@example.org")
    given = base64.b64encode(data)
    draft = ana("POST", "/me/messages", given, Content_Type="text/plain", **STAYS).body
    assert (draft["isDraft"], draft["internetMessageId"]) == (True, "<plan@example.org>")
    assert ana("POST", f"/me/messages/{draft['id']}/send", **STAYS).status == 202
    sent = ana("GET", f"/me/messages/{draft['id']}", **STAYS).body
    assert (sent["isDraft"], sent["parentFolderId"]) == (
        False,
        graph.world.people["ana"].folders["sentitems"].id,
    )
    assert ana("GET", f"/me/messages/{draft['id']}/$value").body == data
    bo = Program(graph, "bo")
    assert [r["subject"] for r in bo.pages(INBOX)[0]] == ["Plan"]
    asked = "/me/messages?$filter=internetMessageId%20eq%20'%3Cplan@example.org%3E'"
    assert [r["subject"] for r in ana("GET", asked).body["value"]] == ["Plan"]


def test_who_gets_a_copy_in_secret_is_told_to_nobody(graph: Graph) -> None:
    ana, cy = Program(graph, "ana"), Program(graph, "cy")
    people = {"toRecipients": [{"emailAddress": {"address": "bo@example.org"}}],
              "bccRecipients": [{"emailAddress": {"address": "cy@example.org"}}]}  # fmt: skip
    draft = ana("POST", "/me/messages", {"subject": "Quiet", **people}).body
    assert ana("POST", f"/me/messages/{draft['id']}/send").status == 202
    (row,), _ = cy.pages("/me/mailFolders/inbox/messages/delta")
    assert row["bccRecipients"] == []


def test_an_answer_is_made_of_what_it_answers(ana: Program) -> None:
    (row, *_), _ = ana.pages(INBOX)
    reply = ana("POST", f"/me/messages/{row['id']}/createReply", {"comment": "Fine."}).body
    assert (reply["subject"], reply["isDraft"]) == ("RE: Mail 4", True)
    assert reply["toRecipients"][0]["emailAddress"]["address"] == "bo@example.org"
    changed = ana("PATCH", f"/me/messages/{reply['id']}", {"subject": "Another"}).body
    assert changed["subject"] == "Another"
    assert ana("PATCH", f"/me/messages/{row['id']}", {"subject": "Another"}).status == 400


def test_a_batch_is_judged_one_by_one(graph: Graph, ana: Program) -> None:
    (row, *_), _ = ana.pages(INBOX)
    asked = [
        {"id": "a", "method": "GET", "url": f"/me/messages/{row['id']}?$select=subject"},
        {"id": "b", "method": "GET", "url": "/me/messages/none"},
        {"id": "c", "method": "GET", "url": f"/me/messages/{row['id']}/$value"},
    ]
    got = ana("POST", "/$batch", {"requests": asked})
    said = {r["id"]: r for r in got.body["responses"]}
    assert {i: r["status"] for i, r in said.items()} == {"a": 200, "b": 404, "c": 200}
    assert said["a"]["body"]["subject"] == "Mail 4"
    assert b"Subject: Mail 4" in base64.b64decode(said["c"]["body"])
    many = [{"id": str(n), "method": "GET", "url": "/me/mailFolders/inbox"} for n in range(21)]
    assert ana("POST", "/$batch", {"requests": many}).status == 400


def test_more_than_four_at_once_are_too_many(graph: Graph, ana: Program) -> None:
    graph.world.people["ana"].under_way = 2
    asked = [{"id": str(n), "method": "GET", "url": "/me/mailFolders/inbox"} for n in range(6)]
    said = ana("POST", "/$batch", {"requests": asked}).body["responses"]
    assert sorted(r["status"] for r in said) == [200, 200, 429, 429, 429, 429]
    assert all(r["headers"]["Retry-After"] for r in said if r["status"] == 429)
    graph.world.people["ana"].under_way = 4
    assert ana("GET", "/me/mailFolders/inbox").status == 429


def test_a_request_may_be_too_large(ana: Program) -> None:
    given = base64.b64encode(mail("Large", "x" * 3_100_000))
    assert ana("POST", "/me/messages", given, Content_Type="text/plain").status == 413
    assert ana("POST", "/me/messages", b"no base64!", Content_Type="text/plain").status == 400


def test_folders_are_told_with_their_place_and_found_by_what_they_are_for(graph: Graph, ana: Program) -> None:
    inner = graph.world.folder("ana", "Offers", inside="archive")
    rows, _ = ana.pages("/me/mailFolders/delta?$select=displayName,parentFolderId")
    assert {r["displayName"]: r["parentFolderId"] for r in rows}["Offers"] == ana(
        "GET", "/me/mailFolders/archive"
    ).body["id"]
    assert ana("GET", f"/me/mailFolders/{inner.id}").body["displayName"] == "Offers"
    assert ana("GET", "/me/mailFolders/inbox").body["totalItemCount"] == 5


def test_a_mailbox_has_its_settings(ana: Program) -> None:
    said = ana("GET", "/me/mailboxSettings").body
    assert said["timeZone"] == "Romance Standard Time"
