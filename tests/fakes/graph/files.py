"""Files of the fake Graph: what is asked of drives and their items. Their bytes are elsewhere (`storage`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fakes.graph.driveitems import identity, told, told_drive, told_right
from fakes.graph.drives import Drive, Node, Session, Site
from fakes.graph.storage import committed, expected, taken
from fakes.graph.wire import ROOT, Answer, Call, routes
from fakes.graph.world import Refused, World

Json = Any
FILES = routes()
_READ, _WRITE, _SITES = "Files.Read", "Files.ReadWrite", "Sites.Read.All"
_AT = r"(?:/me/drive|/drives/([^/]+))"
_ITEM = _AT + r"(?:/root|/items/([^/:]+))(?::/([^:]+?):?)?"
"""A drive, an item by its id, and what lies in that by its path."""

# ---------------------------------------------------------------------- drives and sites


@FILES("GET", _AT, _READ)
def drive(world: World, call: Call) -> Answer:
    return Answer(200, call.chosen(told_drive(world.drives, _drive(world, call))))


@FILES("GET", r"/users/([^/]+)/drive", "Files.Read.All")
def drive_of(world: World, call: Call) -> Answer:
    who = next((p.name for p in world.people.values() if p.address == call.named[0].lower()), "")
    found = next((d for d in world.drives.all.values() if who and d.owner == who), None)
    if found is None:
        raise Refused(404, "itemNotFound", "User's mysite not found.")
    return Answer(200, call.chosen(told_drive(world.drives, _seen(call, found))))


@FILES("GET", r"/sites/([^/:]+):(/[^:]*?):?", _SITES)
def site_at(world: World, call: Call) -> Answer:
    host, path = call.named
    for site in world.drives.sites.values():
        if (site.host, site.path.lower()) == (host, path.lower()):
            return Answer(200, call.chosen(_site(site)))
    raise Refused(404, "itemNotFound", "Requested site could not be found")


@FILES("GET", r"/sites/([^/:]+)", _SITES)
def site_of(world: World, call: Call) -> Answer:
    """By its id; by its host, the one at the top."""
    host = call.named[0]
    found = world.drives.sites.get(host)
    found = found or next((s for s in world.drives.sites.values() if (s.host, s.path) == (host, "/")), None)
    if found is None:
        raise Refused(404, "itemNotFound", "Requested site could not be found")
    return Answer(200, call.chosen(_site(found)))


@FILES("GET", r"/sites/([^/:]+)/drives", _SITES)
def libraries(world: World, call: Call) -> Answer:
    if call.named[0] not in world.drives.sites:
        raise Refused(404, "itemNotFound", "Requested site could not be found")
    found = [world.drives.all[id] for id in world.drives.libraries[call.named[0]]]
    return Answer(200, {"value": [call.chosen(told_drive(world.drives, d)) for d in found]})


def _site(site: Site) -> Json:
    return {"id": site.id, "displayName": site.name, "name": site.path.rpartition("/")[2],
            "webUrl": f"https://{site.host}{site.path}"}  # fmt: skip


# ---------------------------------------------------------------------- what changed


@FILES("GET", _AT + r"/(?:root|items/([^/:]+))/delta(?:\(token='([^']*)'\)|\(\))?", _READ)
def delta(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/api/driveitem-delta"""
    of = _drive(world, call)
    token = call.query.get("token") or call.named[2]
    what, since = f"files {of.id}", len(of.log)
    if not token or token == "latest":
        rows = [] if token else [n.id for n in of.nodes.values() if not n.gone]
        state: Json = {"what": what, "rows": rows, "since": since, "first": True}
    else:
        try:
            state = world.linked(token)
        except Refused:
            # A new listing is under the address that comes with it.
            raise Refused(410, "resyncChangesApplyDifferences", "Resync required.",
                          Location=_follow(of, {"token": "anew"})) from None  # fmt: skip
        assert state["what"] == what, "the link is of another place"
        if "rows" not in state:
            rows = list(dict.fromkeys(reversed(of.log[state["since"] :])))[::-1]
            state = {**state, "rows": rows, "since": since, "first": False}
    select, size = (
        call.query.get("$select", state.get("select", "")),
        min(int(call.query.get("$top") or world.page), world.page),
    )
    state = {
        **state,
        "select": select,
        "pause": state.get("pause", False),
        "twice": state.get("twice", False),
    }
    if world.empty_pages and not state["pause"] and state["rows"]:
        return _page(world, call, of, [], {**state, "pause": True})
    again = world.duplicates and not state["twice"] and bool(state["rows"])
    rest = {**state, "rows": state["rows"] if again else state["rows"][size:], "twice": again, "pause": again}
    return _page(world, call, of, state["rows"][:size], rest)


def _page(world: World, call: Call, of: Drive, ids: list[str], rest: Json) -> Answer:
    rows = []
    for id in ids:
        node = of.nodes[id]
        if node.gone and rest["first"]:
            continue
        rows.append(call.chosen(told(world.drives, of, node, changes=True), rest["select"]))
        if rest["select"] and node.gone:  # whatever was chosen
            rows[-1]["deleted"] = {"state": "deleted"}
    if rest["rows"]:
        return Answer(200, {"value": rows, "@odata.nextLink": _follow(of, {"token": world.link(rest)})})
    done = {n: rest[n] for n in ("what", "since", "select")}
    return Answer(200, {"value": rows, "@odata.deltaLink": _follow(of, {"token": world.link(done)})})


def _follow(of: Drive, query: Mapping[str, str]) -> str:
    return f"{ROOT}/drives/{quote(of.id, safe='!')}/root/delta?token={query['token']}"


# ---------------------------------------------------------------------- items


@FILES("GET", _ITEM, _READ)
def item(world: World, call: Call) -> Answer:
    of, node = _node(world, call)
    return Answer(200, call.chosen(told(world.drives, of, node)))


@FILES("GET", _ITEM + "/children", _READ)
def children(world: World, call: Call) -> Answer:
    of, node = _node(world, call)
    found = of.inside(node.id)
    token = call.query.get("$skiptoken", "0")
    size = int(call.query.get("$top") or world.page)
    start = int(token)
    rows = [call.chosen(told(world.drives, of, n)) for n in found[start : start + size]]
    rest = len(found) > start + size
    more = {"@odata.nextLink": call.again({"$skiptoken": str(start + size)})} if rest else {}
    return Answer(200, {"value": rows, **more})


@FILES("GET", _ITEM + "/content", _READ)
def content(world: World, call: Call) -> Answer:
    _, node = _node(world, call)
    if node.kind != "file":
        raise Refused(400, "notAFile", "You cannot get content for a folder")
    return Answer(302, None, {"Location": world.drives.ticket(node.data)})


@FILES("GET", _ITEM + "/versions", _READ)
def versions(world: World, call: Call) -> Answer:
    _, node = _node(world, call)
    if node.kind != "file":
        raise Refused(400, "notSupported", "Only files have versions.")
    rows = [
        {
            "id": v.id, "lastModifiedDateTime": v.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "size": v.size,
            "lastModifiedBy": {"user": identity(world.drives, v.by)},
        }
        for v in reversed(node.versions)
    ]  # fmt: skip
    return Answer(200, {"value": [call.chosen(r) for r in rows]})


@FILES("GET", _ITEM + r"/versions/([^/]+)/content", _READ)
def version(world: World, call: Call) -> Answer:
    of, node = _node(world, call)
    found = next((v for v in node.versions if v.id == call.named[3]), None)
    if found is None or found.data is None:
        raise Refused(404, "itemNotFound", "The version does not exist.")
    if found is node.versions[-1] and of.kind != "personal":
        raise Refused(400, "invalidRequest", "You cannot get the content of the current version.")
    return Answer(302, None, {"Location": world.drives.ticket(found.data)})


@FILES("GET", _ITEM + "/permissions", _READ)
def permissions(world: World, call: Call) -> Answer:
    """Who is not the owner is told of what is his alone."""
    of, node = _node(world, call)
    if world.drives.mute:
        raise Refused(403, "accessDenied", "The caller does not have permission to perform the action.")
    rights = of.rights(node)
    if of.owner and of.owner != call.person.name:
        rights = [(r, at) for r, at in rights if r.who == call.person.address]
    return Answer(200, {"value": [told_right(world.drives, of, node, r, at) for r, at in rights]})


# ---------------------------------------------------------------------- written


@FILES("POST", _ITEM + "/children", _WRITE)
def new_folder(world: World, call: Call) -> Answer:
    of, parent = _node(world, call, write=True)
    given = call.json
    if "folder" not in given:
        raise Refused(400, "invalidRequest", "Only folders are made like this.")
    name = _fitting(of, parent, given["name"], given.get("@microsoft.graph.conflictBehavior", "fail"))
    world.drives.did.append(f"folder {name}")
    made = world.drives.folder(of, name, parent=parent.id, by=call.person.name)
    return Answer(201, told(world.drives, of, made))


@FILES("PATCH", _ITEM, _WRITE)
def change(world: World, call: Call) -> Answer:
    of, node = _node(world, call, write=True)
    _matching(call, node)
    given = call.json
    if unknown := given.keys() - {"name", "parentReference", "@microsoft.graph.conflictBehavior"}:
        raise Refused(400, "invalidRequest", f"{sorted(unknown)} cannot be set.")
    parent = (given.get("parentReference") or {}).get("id") or node.parent
    name = given.get("name") or node.name
    there = of.named(parent, name)
    if there is not None and there is not node:
        raise taken()
    world.drives.did.append(f"move {node.name}")
    world.drives.rename(of, node, name, parent=parent, by=call.person.name)
    return Answer(200, told(world.drives, of, node))


@FILES("DELETE", _ITEM, _WRITE)
def delete(world: World, call: Call) -> Answer:
    of, node = _node(world, call, write=True)
    _matching(call, node)
    world.drives.did.append(f"trash {node.name}")
    world.drives.trash(of, node)
    return Answer(204)


@FILES("POST", _ITEM + "/restore", _WRITE)
def restore(world: World, call: Call) -> Answer:
    """Only of a personal OneDrive, says Microsoft."""
    of = _drive(world, call, write=True)
    node = of.nodes.get(call.named[1])
    if of.kind != "personal":
        raise Refused(400, "notSupported", "The operation is not supported for this kind of drive.")
    if node is None or not node.gone:
        raise Refused(404, "itemNotFound", "Item does not exist")
    if of.named(node.parent, node.name) is not None:
        raise taken()
    world.drives.did.append(f"untrash {node.name}")
    world.drives.put_back(of, node)
    return Answer(200, told(world.drives, of, node))


@FILES("PUT", _ITEM + "/content", _WRITE)
def put(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/api/driveitem-put-content: up to 250 MB."""
    conflict = call.query.get("@microsoft.graph.conflictBehavior", "replace")
    session = _session(world, call, conflict)
    return committed(world, session, call.content)


@FILES("POST", _ITEM + "/createUploadSession", _WRITE)
def create_session(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/api/driveitem-createuploadsession"""
    given = (call.json or {}).get("item") or {}
    session = _session(world, call, given.get("@microsoft.graph.conflictBehavior", "fail"))
    guid = f"s{world.number()}"
    world.drives.sessions[guid] = session
    url = f"{world.drives.front}/_api/v2.0/drives/{session.drive.id}/uploadSession?guid={guid}&tempauth=x"
    return Answer(200, {"uploadUrl": url, **expected(session)})


def _session(world: World, call: Call, conflict: str) -> Session:
    """What is to be written: to an item that is there, or to a name in a folder."""
    of = _drive(world, call, write=True)
    base = _by_id(of, call.named[1])
    name, parent, there = "", base, None
    if call.named[2]:
        *way, name = call.named[2].split("/")
        for part in way:
            parent = of.named(parent.id, part) or world.drives.folder(of, part, parent=parent.id)
        there = of.named(parent.id, name)
    else:
        there = base
    if there is not None:
        _matching(call, there)
        if call.named[2] and conflict == "fail":
            raise taken()
    elif call.headers.get("if-match"):
        raise Refused(412, "preconditionFailed", "ETag does not match current item's value")
    return Session(
        of, parent.id, name, there.id if there else "", conflict, call.headers.get("if-match", ""),
        call.person.name,
    )  # fmt: skip


# ---------------------------------------------------------------------- what they share


def _drive(world: World, call: Call, *, write: bool = False) -> Drive:
    id = call.named[0] if call.named else ""
    found = world.drives.of(call.person.name) if not id else world.drives.all.get(id)
    if world.drives.none and not id:
        raise Refused(404, "ResourceNotFound", "User's mysite not found.")
    if found is None:
        raise Refused(404, "itemNotFound", "The resource could not be found.")
    _seen(call, found)
    if write and found.owner != call.person.name and call.person.name not in found.writers:
        raise Refused(403, "accessDenied", "Access denied")
    return found


def _seen(call: Call, found: Drive) -> Drive:
    """A drive that somebody may see, and whose program may."""
    if found.owner == call.person.name:
        return found
    if call.person.name not in found.members:
        raise Refused(403, "accessDenied", "Access denied")
    if not call.allowed & {"Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All"}:
        raise Refused(403, "accessDenied", "The program may not: Files.Read.All is missing.")
    return found


def _node(world: World, call: Call, *, write: bool = False) -> tuple[Drive, Node]:
    of = _drive(world, call, write=write)
    node = _by_id(of, call.named[1])
    for part in filter(None, call.named[2].split("/")):
        found = of.named(node.id, part)
        if found is None:
            raise Refused(404, "itemNotFound", "The resource could not be found.")
        node = found
    return of, node


def _by_id(of: Drive, id: str) -> Node:
    node = of.nodes.get(of.root if id in ("", "root") else id)
    if node is None or node.gone:
        raise Refused(404, "itemNotFound", "The resource could not be found.")
    return node


def _matching(call: Call, node: Node) -> None:
    wanted = call.headers.get("if-match")
    if wanted and wanted != node.etag:
        raise Refused(412, "preconditionFailed", "ETag does not match current item's value")


def _fitting(of: Drive, parent: Node, name: str, conflict: str) -> str:
    """A name that is free in a folder, as a request wants it."""
    if of.named(parent.id, name) is None:
        return name
    if conflict != "rename":
        raise taken()
    return next(f"{name} {n}" for n in range(1, 100) if of.named(parent.id, f"{name} {n}") is None)
