"""The drives of the fake Graph do what Microsoft says, and take nothing that Microsoft does not have."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from fakes.graph.driveitems import quick_xor
from fakes.graph.server import Graph
from fakes.graph.wire import Answer
from fakes.graph.world import World
from graph_givens import contract

Json = Any
ALL = ("Files.ReadWrite.All", "Sites.Read.All")


@pytest.fixture
def graph() -> Iterator[Graph]:
    made = Graph(World(), contract())
    for name in ("ana", "bo"):
        made.world.person(name)
    yield made
    assert not made.world.wrong, made.world.wrong


class Program:
    """Somebody's, that asks as it is told; of other hosts without saying who it is."""

    def __init__(self, graph: Graph, who: str, *scopes: str) -> None:
        self._graph = graph
        self._token = graph.world.token(who, *(scopes or ("Files.ReadWrite",)))

    def __call__(self, method: str, url: str, body: Json = None, **headers: str) -> Answer:
        parts = urlsplit(url)
        given = {"Host": parts.netloc, **{n.replace("_", "-"): v for n, v in headers.items()}}
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if not parts.netloc:
            target = f"/v1.0{target}"
        if parts.netloc in ("", "graph.microsoft.com"):
            given["Authorization"] = f"Bearer {self._token}"
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if content and not isinstance(body, bytes):
            given["Content-Type"] = "application/json"
        return self._graph.answer(method, target, given, content)

    def pages(self, path: str) -> tuple[list[Json], str]:
        rows: list[Json] = []
        while True:
            got = self("GET", path)
            assert got.status == 200, got
            rows += got.body["value"]
            if "@odata.deltaLink" in got.body:
                return rows, got.body["@odata.deltaLink"]
            path = got.body["@odata.nextLink"]


@pytest.fixture
def ana(graph: Graph) -> Program:
    return Program(graph, "ana")


DELTA = "/me/drive/root/delta"


def names(rows: list[Json]) -> list[str]:
    return [r.get("name") or f"-{r['id']}" for r in rows]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/me/drive/files", None), ("GET", "/me/drive/root/delta?$before=x", None),
        ("GET", "/me/drive/root?$select=titel", None), ("PATCH", "/me/drive/items/x", {"titel": "x"}),
        ("POST", "/me/drive/items/x/createUploadSession", {"file": {}}),
        ("GET", "/me/drive/root:/a.txt:/content?@microsoft.graph.conflictBehavior=fail", None),
    ],
)  # fmt: skip
def test_what_microsoft_does_not_have_is_refused(
    graph: Graph, ana: Program, method: str, path: str, body: Json
) -> None:
    assert ana(method, path, body).status == 400
    assert graph.world.wrong
    graph.world.wrong.clear()


def test_changes_are_told_once_and_as_they_are_now(graph: Graph, ana: Program) -> None:
    drives = graph.world.drives
    mine = drives.of("ana")
    graph.world.page = 2
    folder = drives.folder(mine, "Work")
    made = [drives.file(mine, f"{n}.md", f"{n}", parent=folder.id) for n in range(3)]
    rows, link = ana.pages(DELTA)
    assert names(rows) == ["root", "Work", "0.md", "1.md", "2.md"]
    assert "path" not in rows[2]["parentReference"]
    for n in range(3):
        drives.edit(mine, made[0], f"edit {n}")
    drives.trash(mine, made[1])
    rows, link = ana.pages(link)
    assert names(rows) == ["0.md", f"-{made[1].id}"]
    assert rows[1]["deleted"] == {"state": "deleted"}
    assert ana.pages(link)[0] == []
    graph.world.forget()
    lost = ana("GET", link)
    assert (lost.status, lost.body["error"]["code"]) == (410, "resyncChangesApplyDifferences")
    got = ana("GET", "/me/drive/root/delta?token=latest")
    assert got.body["value"] == []
    assert "@odata.deltaLink" in got.body


def test_who_trashes_a_folder_is_told_of_it_and_perhaps_of_what_was_in_it(graph: Graph, ana: Program) -> None:
    drives = graph.world.drives
    mine = drives.of("ana")
    for below, count in ((False, 1), (True, 2)):
        drives.below = below
        folder = drives.folder(mine, "Work")
        drives.file(mine, "a.md", "a", parent=folder.id)
        _, link = ana.pages(DELTA)
        drives.trash(mine, folder)
        assert len(ana.pages(link)[0]) == count


@pytest.mark.parametrize("switch", ["empty_pages", "duplicates"])
def test_pages_may_be_empty_or_come_twice(graph: Graph, ana: Program, switch: str) -> None:
    setattr(graph.world, switch, True)
    graph.world.drives.file(graph.world.drives.of("ana"), "a.md", "a")
    rows, _ = ana.pages(DELTA)
    assert names(rows) == ["root", "a.md"] * (2 if switch == "duplicates" else 1)


def test_bytes_are_at_another_host_and_only_there(graph: Graph, ana: Program) -> None:
    drives = graph.world.drives
    mine = drives.of("ana")
    node = drives.file(mine, "a.md", "one")
    drives.edit(mine, node, "two")
    got = ana("GET", f"/me/drive/items/{node.id}/content")
    assert (got.status, got.body) == (302, None)
    assert ana("GET", got.headers["Location"]).body == b"two"
    told = ana("GET", f"/me/drive/items/{node.id}/versions").body["value"]
    assert [v["id"] for v in told] == ["2.0", "1.0"]
    old = ana("GET", f"/me/drive/items/{node.id}/versions/1.0/content")
    assert ana("GET", old.headers["Location"]).body == b"one"
    assert ana("GET", f"/me/drive/items/{node.id}/versions/2.0/content").status == 400
    assert ana("GET", got.headers["Location"], Authorization="Bearer x").status == 200
    assert "went along" in graph.world.wrong.pop()
    assert ana("GET", "https://example-my.sharepoint.com/x?tempauth=none").status == 401


def test_who_may_see_what_is_told_to_the_owner(graph: Graph, ana: Program) -> None:
    drives = graph.world.drives
    mine = drives.of("ana")
    folder = drives.folder(mine, "Work")
    node = drives.file(mine, "a.md", "a", parent=folder.id)
    drives.share(mine, folder, "bo@example.org")
    drives.share(mine, node, scope="anonymous")
    rights = ana("GET", f"/me/drive/items/{node.id}/permissions").body["value"]
    assert [(r["roles"], "inheritedFrom" in r, r.get("link", {}).get("scope")) for r in rights] == [
        (["read"], False, "anonymous"), (["read"], True, None), (["owner"], True, None),
    ]  # fmt: skip
    mine.members.add("bo")
    bo = Program(graph, "bo", "Files.Read.All")
    rights = bo("GET", f"/drives/{mine.id}/items/{node.id}/permissions").body["value"]
    assert [r["grantedToV2"]["user"]["email"] for r in rights] == ["bo@example.org"]
    assert Program(graph, "bo", "Files.Read")("GET", f"/drives/{mine.id}").status == 403


def test_an_upload_goes_in_parts_and_is_there_at_the_end(graph: Graph, ana: Program) -> None:
    part = 320 * 1024
    start = {"item": {"@microsoft.graph.conflictBehavior": "fail", "name": "big.bin"}}
    url = ana("POST", "/me/drive/items/root:/big.bin:/createUploadSession", start).body["uploadUrl"]
    data = bytes(range(256)) * 1280 + b"end"
    assert ana("PUT", url, data[:99], Content_Range=f"bytes 0-98/{len(data)}").status == 400
    got = ana("PUT", url, data[:part], Content_Range=f"bytes 0-{part - 1}/{len(data)}")
    assert (got.status, got.body["nextExpectedRanges"]) == (202, [f"{part}-"])
    assert ana("PUT", url, data[:part], Content_Range=f"bytes 0-{part - 1}/{len(data)}").status == 416
    assert ana("GET", url).body["nextExpectedRanges"] == [f"{part}-"]
    got = ana("PUT", url, data[part:], Content_Range=f"bytes {part}-{len(data) - 1}/{len(data)}")
    assert (got.status, got.body["name"]) == (201, "big.bin")
    assert got.body["file"]["hashes"]["quickXorHash"] == quick_xor(data)
    assert ana("GET", url).status == 404
    assert ana("POST", "/me/drive/items/root:/big.bin:/createUploadSession", start).status == 409
    assert graph.world.drives.did == ["create big.bin"]


def test_what_changed_meanwhile_is_not_written_over(graph: Graph, ana: Program) -> None:
    drives = graph.world.drives
    mine = drives.of("ana")
    node = drives.file(mine, "a.md", "one")
    start = {"item": {"@microsoft.graph.conflictBehavior": "replace"}}
    path = f"/me/drive/items/{node.id}"
    url = ana("POST", f"{path}/createUploadSession", start, If_Match=node.etag).body["uploadUrl"]
    old = node.etag
    drives.edit(mine, node, "two")
    assert ana("PUT", url, b"three", Content_Range="bytes 0-4/5").status == 412
    assert ana("POST", f"{path}/createUploadSession", start, If_Match=old).status == 412
    assert ana("PATCH", path, {"name": "b.md"}, If_Match=old).status == 412
    assert ana("DELETE", path, If_Match=old).status == 412
    drives.file(mine, "b.md", "b")
    assert ana("PATCH", path, {"name": "B.md"}).body["error"]["code"] == "nameAlreadyExists"
    assert ana("PATCH", path, {"name": "c.md"}).body["name"] == "c.md"
    assert ana("PUT", f"{path}/content", b"four").status == 200
    assert (
        ana("PUT", "/me/drive/root:/d.md:/content?@microsoft.graph.conflictBehavior=fail", b"").status == 201
    )
    assert drives.did == ["move a.md", "update c.md", "create d.md"]


@pytest.mark.parametrize("kind", ["business", "personal"])
def test_the_recycle_bin_gives_back_where_microsoft_lets_it(graph: Graph, ana: Program, kind: Any) -> None:
    drives = graph.world.drives
    mine = drives.of("ana", kind)
    node = drives.file(mine, "a.md", "one")
    assert ana("DELETE", f"/me/drive/items/{node.id}").status == 204
    assert ana("GET", f"/me/drive/items/{node.id}").status == 404
    got = ana("POST", f"/me/drive/items/{node.id}/restore", {})
    assert got.status == (200 if kind == "personal" else 400)


def test_sites_have_libraries(graph: Graph) -> None:
    drives = graph.world.drives
    library, _ = drives.site("/sites/team", "Team", libraries=("Documents", "Archive"))
    drives.file(library, "a.md", "a")
    ana = Program(graph, "ana", *ALL)
    site = ana("GET", "/sites/example.sharepoint.com:/sites/team").body
    found = ana("GET", f"/sites/{site['id']}/drives").body["value"]
    assert [d["name"] for d in found] == ["Documents", "Archive"]
    assert names(ana.pages(f"/drives/{library.id}/root/delta")[0]) == ["root", "a.md"]
    assert ana("GET", f"/drives/{library.id}/root:/a.md").body["name"] == "a.md"
    assert ana("GET", "/sites/example.sharepoint.com:/sites/none").status == 404


def test_a_batch_says_where_bytes_are(graph: Graph, ana: Program) -> None:
    node = graph.world.drives.file(graph.world.drives.of("ana"), "a.md", "a")
    urls = [f"/me/drive/items/{node.id}/{what}" for what in ("content", "versions", "permissions")]
    asked = [{"id": str(n), "method": "GET", "url": u} for n, u in enumerate(urls)]
    said = {a["id"]: a for a in ana("POST", "/$batch", {"requests": asked}).body["responses"]}
    assert [said[i]["status"] for i in "012"] == [302, 200, 200]
    assert ana("GET", said["0"]["headers"]["Location"]).body == b"a"


def test_the_hash_is_microsofts() -> None:
    """Values that others publish for it (rclone's tests)."""
    for data, said in (
        ("", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("Sg==", "SgAAAAAAAAAAAAAAAQAAAAAAAAA="),
        ("tbQ=", "taAFAAAAAAAAAAAAAgAAAAAAAAA="),
        ("0pZP", "0rDEEwAAAAAAAAAAAwAAAAAAAAA="),
    ):
        assert quick_xor(base64.b64decode(data)) == said
