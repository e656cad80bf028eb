"""Mail of the fake Graph: folders, messages, what changed, drafts and the way out, settings of a mailbox."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import unquote

from fakes.graph import large, letters
from fakes.graph.letters import Letter
from fakes.graph.wire import Answer, Call, routes
from fakes.graph.world import Folder, Person, Refused, World

Json = Any
MAIL = routes()
_READ, _WRITE, _SEND = "Mail.Read", "Mail.ReadWrite", "Mail.Send"
_DRAFT_ONLY = (
    "subject",
    "body",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "internetMessageId",
)
_LARGEST = 4_000_000
"""Bytes of a request; what is more goes by an upload session."""

# ---------------------------------------------------------------------- folders


@MAIL("GET", r"/me/mailFolders/delta(?:\(\))?", _READ)
def folders_delta(world: World, call: Call) -> Answer:
    found = [f for n, f in call.person.folders.items() if n != "root" and not f.hidden]
    given = call.continued(world, "folders", lambda: [f.id for f in found])
    rows = [call.chosen(_folder(call.person, world.folder_of(call.person, i))) for i in given.rows]
    return Answer(200, {"value": rows, **given.links(world, call)})


@MAIL("GET", r"/me/mailFolders", _READ)
def folders(world: World, call: Call) -> Answer:
    root = call.person.folders["root"].id
    found = [f for f in call.person.folders.values() if f.parent == root and not f.hidden]
    return Answer(200, {"value": [call.chosen(_folder(call.person, f)) for f in found]})


@MAIL("GET", r"/me/mailFolders/([^/]+)/childFolders", _READ)
def children(world: World, call: Call) -> Answer:
    parent = world.folder_of(call.person, call.named[0]).id
    found = [f for f in call.person.folders.values() if f.parent == parent]
    return Answer(200, {"value": [call.chosen(_folder(call.person, f)) for f in found]})


@MAIL("GET", r"/me/mailFolders/([^/]+)", _READ)
def folder(world: World, call: Call) -> Answer:
    return Answer(200, call.chosen(_folder(call.person, world.folder_of(call.person, call.named[0]))))


@MAIL("POST", r"/me/mailFolders", _WRITE)
def new_folder(world: World, call: Call) -> Answer:
    return Answer(201, _folder(call.person, world.folder(call.person.name, call.json["displayName"])))


def _folder(person: Person, folder: Folder) -> Json:
    inside = [m for m in person.mail.values() if m.folder == folder.id]
    return {
        "id": folder.id, "displayName": folder.name, "parentFolderId": folder.parent,
        "childFolderCount": sum(f.parent == folder.id for f in person.folders.values()),
        "unreadItemCount": sum(not m.read for m in inside), "totalItemCount": len(inside),
        "isHidden": folder.hidden,
    }  # fmt: skip


# ---------------------------------------------------------------------- messages


@MAIL("GET", r"/me/mailFolders/([^/]+)/messages/delta(?:\(\))?", _READ)
def messages_delta(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/delta-query-messages"""
    inside = world.folder_of(call.person, call.named[0])
    for name in ("$search", "$count", "$expand", "$skip"):
        if name in call.query:
            raise Refused(400, "ErrorInvalidRequest", f"{name} is not supported here.")
    now = len(call.person.log)
    given = call.continued(
        world, f"messages {inside.id}", lambda: [m.key for m in world.inside(call.person, inside.id)],
        lambda since: _touched(call.person, inside.id, since), now,
    )  # fmt: skip
    rows = []
    for key in given.rows:
        found = call.person.mail.get(key)
        if found is not None and found.folder == inside.id:
            rows.append(call.chosen(_told(call, found), given.select))
        elif not given.first:
            # Its id is the one it had here: what an id says of its place is the place it was taken from.
            id_ = call.id_of(key, inside.id)
            rows.append(
                {"@odata.type": "#microsoft.graph.message", "id": id_, "@removed": {"reason": "deleted"}}
            )
    return Answer(200, {"value": rows, **given.links(world, call)})


def _touched(person: Person, folder: str, since: int) -> list[int]:
    return list(dict.fromkeys(key for _, at, key in person.log[since:] if at == folder))


@MAIL("GET", r"/me/(?:mailFolders/([^/]+)/)?messages", _READ)
def messages(world: World, call: Call) -> Answer:
    everything = sorted(call.person.mail.values(), key=lambda m: (m.received, m.key), reverse=True)
    if call.named[0]:
        inside = world.folder_of(call.person, call.named[0]).id
        everything = [m for m in everything if m.folder == inside]
    if asked := call.query.get("$filter"):
        found = re.fullmatch(r"internetMessageId eq '((?:[^']|'')*)'", asked)
        assert found is not None, f"the fake knows no filter {asked}"
        wanted = found[1].replace("''", "'")
        everything = [m for m in everything if m.message_id == wanted]
    top, skip = int(call.query.get("$top", "10")), int(call.query.get("$skip", "0"))
    rows = [call.chosen(_told(call, m)) for m in everything[skip : skip + top]]
    more = {"@odata.nextLink": call.again({"$skip": str(skip + top)})} if len(everything) > skip + top else {}
    return Answer(200, {"value": rows, **more})


@MAIL("GET", r"/me/messages/([^/]+)", _READ)
def message(world: World, call: Call) -> Answer:
    return Answer(200, call.chosen(_told(call, _letter(call))))


@MAIL("GET", r"/me/messages/([^/]+)/\$value", _READ)
def mime(world: World, call: Call) -> Answer:
    return Answer(200, _letter(call).data, {"Content-Type": "text/plain"})


@MAIL("PATCH", r"/me/messages/([^/]+)", _WRITE)
def change(world: World, call: Call) -> Answer:
    found = _letter(call)
    wanted = call.headers.get("if-match")
    if wanted and wanted != letters.told(found, "")["@odata.etag"]:
        raise Refused(
            412, "ErrorIrresolvableConflict", "The send or update operation could not be performed."
        )
    given = dict(call.json)
    found.read = given.pop("isRead", found.read)
    found.flag = given.pop("flag", {}).get("flagStatus", found.flag)
    found.categories = given.pop("categories", found.categories)
    if given:
        if not found.draft or given.keys() - {*_DRAFT_ONLY}:
            raise Refused(400, "ErrorInvalidPropertySet", f"{sorted(given)} cannot be set.")
        letters.changed(found, given, now=world.now)
    world.touched(call.person, found)
    return Answer(200, _told(call, found))


@MAIL("DELETE", r"/me/messages/([^/]+)", _WRITE)
def delete(world: World, call: Call) -> Answer:
    """To the recoverable items, which is nowhere that can be seen."""
    world.removed(call.person, _letter(call))
    return Answer(204)


@MAIL("POST", r"/me/messages/([^/]+)/move", _WRITE)
def move(world: World, call: Call) -> Answer:
    found = _letter(call)
    to = world.folder_of(call.person, call.argument("destinationId"))
    world.moved(call.person, found, to.id)
    return Answer(201, _told(call, found))


@MAIL("GET", r"/me/messages/([^/]+)/attachments", _READ)
def attachments(world: World, call: Call) -> Answer:
    return Answer(200, {"value": [call.chosen(a) for a in letters.attachments(_letter(call))]})


@MAIL("POST", r"/me/messages/([^/]+)/attachments", _WRITE)
def attach(world: World, call: Call) -> Answer:
    found = _letter(call)
    if not found.draft:
        raise Refused(400, "ErrorInvalidRequest", "Only to a draft.")
    made = letters.read(found.data)
    letters.attach(made, call.json)
    found.data = made.as_bytes()
    world.touched(call.person, found)
    return Answer(201, letters.attachments(found)[-1])


@MAIL("DELETE", r"/me/messages/([^/]+)/attachments/([^/]+)", _WRITE)
def detach(world: World, call: Call) -> Answer:
    found = _letter(call)
    named = [a["id"] for a in letters.attachments(found)]
    if not found.draft or call.named[1] not in named:
        raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    made = letters.read(found.data)
    parts = list(made.iter_attachments())
    made.set_payload([p for p in made.iter_parts() if p is not parts[named.index(call.named[1])]])
    found.data = made.as_bytes()
    world.touched(call.person, found)
    return Answer(204)


@MAIL("POST", r"/me/messages/([^/]+)/attachments/createUploadSession", _WRITE)
def upload_session(world: World, call: Call) -> Answer:
    """https://learn.microsoft.com/en-us/graph/api/attachment-createuploadsession"""
    found, item = _letter(call), call.argument("AttachmentItem")
    if not found.draft or item.get("attachmentType") != "file" or not item.get("name"):
        raise Refused(400, "ErrorInvalidRequest", "Only a file, with a name, to a draft.")
    if not 0 < item["size"] <= 150 * 1024 * 1024:
        raise Refused(400, "ErrorAttachmentSizeLimitExceeded", "The attachment is too large.")
    ticket = f"ticket-{world.number()}"
    world.uploads[ticket] = {"who": call.person.name, "key": found.key, "item": item, "data": b""}
    return Answer(201, {"uploadUrl": large.address(ticket), **large.expected(world.uploads[ticket])})


def _letter(call: Call) -> Letter:
    found = call.person.mail.get(call.key_of(unquote(call.named[0])))
    known = [call.id_of(found.key, found.folder, immutable=i) for i in (True, False)] if found else []
    if found is None or unquote(call.named[0]) not in known:
        raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return found


def _told(call: Call, letter: Letter) -> Json:
    said = letters.told(letter, call.id_of(letter.key, letter.folder))
    if "internetMessageHeaders" not in call.query.get("$select", ""):
        del said["internetMessageHeaders"]
    return {**said, "parentFolderId": letter.folder}


# ---------------------------------------------------------------------- drafts and the way out


@MAIL("POST", r"/me/(?:mailFolders/([^/]+)/)?messages", _WRITE)
def create(world: World, call: Call) -> Answer:
    drafts = world.folder_of(call.person, call.named[0] or "drafts")
    made = world.keep(call.person, _bytes(world, call, call.json), drafts.id, read=True, draft=True)
    return Answer(201, _told(call, made))


@MAIL("POST", r"/me/messages/([^/]+)/(createReply|createReplyAll|createForward)", _WRITE)
def answering(world: World, call: Call) -> Answer:
    """Given MIME, the draft is that; given JSON, it is made of the original and of what is given."""
    original, forward = _letter(call), call.named[1] == "createForward"
    was = letters.told(original, "")
    if call.mime is not None:
        data = _bytes(world, call, None)
    else:
        given = dict(call.argument("message") or {})
        if not forward:
            given.setdefault("toRecipients", [was["from"]])
        given.setdefault("subject", f"{'FW' if forward else 'RE'}: {was['subject']}")
        who = was["from"]["emailAddress"]["address"]
        text = f"{call.argument('comment') or ''}\n\n{who}:\n{was['body']['content']}"
        given.setdefault("body", {"contentType": "text", "content": text})
        made = letters.read(_bytes(world, call, given))
        made["In-Reply-To"] = made["References"] = was["internetMessageId"]
        data = made.as_bytes()
    drafts = call.person.folders["drafts"].id
    draft = world.keep(call.person, data, drafts, read=True, draft=True)
    draft.forwards, draft.answers = (original.key, 0) if forward else (0, original.key)
    if forward and (call.mime is None or world.takes_along):
        made = letters.read(draft.data)
        for one in (a for a in letters.attachments(original) if "contentBytes" in a):
            letters.attach(made, one)
        draft.data = made.as_bytes()
    return Answer(201, _told(call, draft))


@MAIL("POST", r"/me/messages/([^/]+)/send", _SEND)
def send(world: World, call: Call) -> Answer:
    found = _letter(call)
    if not found.draft:
        raise Refused(400, "ErrorInvalidRequest", "It is no draft.")
    world.sent(call.person, found)
    return Answer(202)


@MAIL("POST", r"/me/sendMail", _SEND)
def send_mail(world: World, call: Call) -> Answer:
    given = call.argument("message") if call.mime is None else None
    drafts = call.person.folders["drafts"].id
    made = world.keep(call.person, _bytes(world, call, given), drafts, draft=True)
    world.sent(call.person, made)
    return Answer(202)


def _bytes(world: World, call: Call, given: Json) -> bytes:
    if call.size > _LARGEST:
        raise Refused(413, "RequestEntityTooLarge", "The request is larger than 4 MB.")
    if call.mime is None:
        sender = call.person.shown, call.person.address
        return letters.written(given, number=world.number(), sender=sender, now=world.now)
    try:
        return base64.b64decode(call.mime, validate=True)
    except binascii.Error:
        raise Refused(
            400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."
        ) from None


# ---------------------------------------------------------------------- the mailbox


@MAIL("GET", r"/me/mailboxSettings", "MailboxSettings.Read")
def settings(world: World, call: Call) -> Answer:
    return Answer(200, call.chosen({**call.person.settings}))


@MAIL("GET", r"/me", "User.Read")
def me(world: World, call: Call) -> Answer:
    who = call.person
    said = {
        "id": f"user-{who.number}",
        "displayName": who.shown,
        "mail": who.address,
        "userPrincipalName": who.address,
    }
    return Answer(200, call.chosen(said))
