"""Messages that are larger than Graph takes in one request: their files go by upload sessions.

The draft is made without its largest files, each of them is brought in parts, and what is sent is the whole.
https://learn.microsoft.com/en-us/graph/outlook-large-attachments
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.parser import BytesParser

from deskhand.connectors._graph import Graph
from deskhand.connectors._graph_storage import Storage
from deskhand.connectors._tries import Lost
from deskhand.connectors.errors import Transient, Unsupported

AT_ONCE = 2_900_000
"""Bytes of a message that go in one request: Graph takes 4 MB of it in base64."""
LARGEST = 150_000_000
"""Bytes of a file, the most that an upload session takes."""
PART = 10 * 320 * 1024
"""Bytes of a file that are sent at a time; it must be less than 4 MB."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message."""

    name: str
    mime: str
    data: bytes = field(repr=False)


def parted(message: bytes) -> tuple[bytes, list[File], list[str]]:
    """A message as `compose` writes it, without its largest files where it is too large with them; those; and
    the names of the files that stay in it, where it is parted.

    :raises Unsupported: a file is larger than Outlook takes.
    """
    bounded = re.search(rb'boundary="([^"]+)"', message.partition(b"\r\n\r\n")[0])
    if len(message) <= AT_ONCE or bounded is None:
        return message, [], []
    line = b"\r\n--" + bounded[1]
    head, *parts = message.split(line)
    *parts, end = parts
    sizes = {n: len(part) for n, part in enumerate(parts) if n and b"\r\nContent-Disposition: attach" in part}
    away = set[int]()
    while len(message) - sum(sizes[n] for n in away) > AT_ONCE and len(away) < len(sizes):
        away.add(max(sizes.keys() - away, key=sizes.__getitem__))
    kept = [part for n, part in enumerate(parts) if n not in away]
    along = [_name(parts[n]) for n in sizes if n not in away]
    return line.join([head, *kept, end]), [_file(parts[n]) for n in sorted(away)], along


def named(message: bytes) -> list[str]:
    """The names of the files of a message as `compose` writes it."""
    parts = BytesParser().parsebytes(message).walk()
    return [p.get_filename() or "file" for p in parts if p.get_content_disposition() == "attachment"]


def _name(part: bytes) -> str:
    return BytesParser().parsebytes(part.removeprefix(b"\r\n"), headersonly=True).get_filename() or "file"


def _file(part: bytes) -> File:
    read = BytesParser().parsebytes(part.removeprefix(b"\r\n"))
    data = read.get_payload(decode=True)
    name = read.get_filename() or "file"
    made = File(name, read.get_content_type(), data if isinstance(data, bytes) else b"")
    if len(made.data) > LARGEST:
        raise Unsupported(
            f"{name} has {len(made.data) / 1e6:.0f} MB; Outlook takes files of up to {LARGEST / 1e6:.0f} MB."
        )
    return made


class Large:
    """Brings the files of a draft."""

    def __init__(self, graph: Graph, *, sign_in: str) -> None:
        self._graph = graph
        self._storage = Storage(graph, sign_in=sign_in, part=PART, told=False)

    def bring(self, draft: str, files: Sequence[File], along: Sequence[str] = ()) -> None:
        """Have all files at a draft; those that an earlier attempt brought are not brought again.

        :param along: the names of those that went with the message: a file to be brought may have such a one.
        :raises Transient: one is not there; another attempt does no harm.
        """
        there = self._there(draft) - Counter(along)
        for one in files:
            if there[one.name] > 0:
                there[one.name] -= 1
                continue
            before = self._there(draft)[one.name]
            about = {
                "attachmentType": "file", "name": one.name, "size": len(one.data), "contentType": one.mime,
            }  # fmt: skip
            path = f"/me/messages/{draft}/attachments/createUploadSession"
            try:
                self._storage.upload(path, one.data, {"AttachmentItem": about})
            except Lost as lost:
                if self._there(draft)[one.name] <= before:
                    raise Transient(
                        f"{lost} The draft lacks its file {one.name} still; nothing was sent."
                    ) from None
        missing = len(files) + len(along) - self._there(draft).total()
        if missing > 0:
            raise Transient(f"The draft lacks {missing} of its files still; nothing was sent.")

    def only(self, draft: str, names: Sequence[str]) -> None:
        """Have no files at a draft but its own: of a message that it was made of, Graph may have taken some
        along, and nobody has agreed to those.

        :raises Transient: others are there; nothing was sent.
        """
        left, over = Counter(names), list[str]()
        for id_, name in (rows := self._files(draft)):
            left[name] -= 1
            if left[name] < 0:
                over.append(id_)
        if len(rows) - len(over) == len(names):
            for id_ in over:
                self._graph.write("DELETE", f"/me/messages/{draft}/attachments/{id_}")
        elif len(rows) != len(names):
            raise Transient("The draft has other files than it should have; nothing was sent.")

    def _there(self, draft: str) -> Counter[str]:
        """The files that a draft has, by name."""
        return Counter(name for _, name in self._files(draft))

    def _files(self, draft: str) -> list[tuple[str, str]]:
        """The files that a draft has: ids and names."""
        pages = self._graph.pages(f"/me/messages/{draft}/attachments", {"$select": "name"})
        rows = [row for page in pages for row in page.get("value") or ()]
        return [(str(row.get("id") or ""), str(row.get("name") or "")) for row in rows]
