"""Takes the bytes of a message apart (RFC 5322, 2045-2047, 2231); there are no bytes it raises on.

Header fields and parts are found by searching, on offsets into the one buffer: the standard library's
parser recurses into nested parts, reads 60 MB line by line, and gives up on headers after a broken line.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from deskhand.connectors._clean import clean

_MOST_DEEP = 30
_MOST_PARTS = 1000
_MOST_FIELDS = 20_000
_LONGEST_FIELD = 100_000
_LONGEST_STRUCTURED = 8_000

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.S)
_BLANK = re.compile(rb"\n\r?\n")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?\r\n]*)\?=", re.I)
_SIMPLE_TYPE = re.compile(r"\s*([\w.+-]+/[\w.+-]+)\s*(?:;\s*charset\s*=\s*\"?([\w.:-]+)\"?\s*;?\s*)?$", re.A)
_NOT_TEXT = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
"""Codecs that are quadratic, warn, or bring surrogates back."""
_WIDER = {"ascii": "utf-8", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""What is meant by senders who name the narrower one (WHATWG Encoding, 4.2)."""


@dataclass(slots=True)
class Part:
    """One entity: its header fields (lower-case names, unfolded raw values) and where its body lies."""

    fields: list[tuple[str, str]]
    start: int
    end: int
    mime: str = "text/plain"
    charset: str = ""
    name: str = ""
    disposition: str = ""
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    children: list[Part] = field(default_factory=list["Part"])

    def get(self, name: str) -> str:
        """The first value of a field, as it stands, or ""."""
        return next((v for n, v in self.fields if n == name), "")

    def all(self, name: str) -> list[str]:
        return [v for n, v in self.fields if n == name]


def parse(data: bytes) -> Part:
    """The message as a tree of parts; at most 1,000 of them and 30 deep, deeper ones stay unopened."""
    root = _entity(data, 0, len(data), "text/plain")
    count = 1
    waiting = [(root, 1)]
    while waiting:
        part, depth = waiting.pop()
        boundary = part.parameters.get("boundary", "").encode("utf-8", "surrogateescape")
        if not part.mime.startswith("multipart/") or not boundary or depth > _MOST_DEEP:
            continue
        default = "message/rfc822" if part.mime == "multipart/digest" else "text/plain"
        for start, end in _between(data, boundary, part.start, part.end):
            if count >= _MOST_PARTS:
                return root
            count += 1
            part.children.append(_entity(data, start, end, default))
        waiting += [(child, depth + 1) for child in part.children]
    return root


def header(data: bytes) -> tuple[list[tuple[str, str]], int]:
    """Header fields, and where the body begins. Lines that are no field are passed over."""
    start = data.find(b"\n") + 1 if data.startswith((b"From ", b">From ")) else 0
    return _header(data, start, len(data))


def content(data: bytes, part: Part) -> bytes:
    """The body of a part without its transfer encoding."""
    raw = data[part.start : part.end]
    match part.get("content-transfer-encoding").strip().lower():
        case "base64":
            return _base64(raw)
        case "quoted-printable":
            return binascii.a2b_qp(raw)
        case _:
            return raw


def text(data: bytes, part: Part, *, limit: int) -> str:
    """The letters of a text part, cleaned; at most `limit` of them."""
    # No charset needs more than four bytes for a letter, no transfer encoding more than three for a byte.
    short = Part(part.fields, part.start, min(part.end, part.start + 12 * limit))
    return clean(letters(content(data, short), part.charset))[:limit]


def letters(data: bytes, charset: str) -> str:
    """Decode by the named charset where it fits; else UTF-8, else Windows-1252."""
    codec = _codec(charset)
    if codec not in {"", "utf-8"}:
        try:
            return data.decode(codec, "replace")
        except (LookupError, ValueError):
            pass
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        decoded = data.decode(errors="replace")
        # One bad byte in much good UTF-8 is damage; many mean that it is something else.
        damaged = decoded.count("\ufffd") * 50 < sum(c > "\x7f" for c in decoded[:10_000])
        return decoded if damaged and error.start else data.decode("cp1252", "replace")


def decoded(value: str) -> str:
    """A header value with its encoded words read (RFC 2047), on one line."""
    if "=?" in value:
        value = _words(value)
    return " ".join(clean(value.replace("\x00", "")).split())


def _entity(data: bytes, start: int, end: int, default: str) -> Part:
    fields, body = _header(data, start, end)
    part = Part(fields, body, end, default)
    if kind := part.get("content-type")[:_LONGEST_STRUCTURED]:
        if simple := _SIMPLE_TYPE.match(kind):
            part.mime, part.charset = simple[1].lower(), simple[2] or ""
        else:
            mime, part.parameters = _parameters("content-type", kind)
            part.mime = mime if mime.count("/") == 1 else default
            part.charset = part.parameters.get("charset", "")
    part.name = part.parameters.get("name", "")
    if placed := part.get("content-disposition")[:_LONGEST_STRUCTURED]:
        part.disposition, more = _parameters("content-disposition", placed)
        part.name = more.get("filename", "") or part.name
    return part


def _header(data: bytes, start: int, end: int) -> tuple[list[tuple[str, str]], int]:
    if data.startswith((b"\n", b"\r\n"), start):
        return [], data.index(b"\n", start) + 1
    blank = _BLANK.search(data, start, end)
    stop, body = (blank.start(), blank.end()) if blank else (end, end)
    first_line = data[start : min(stop, start + 1000)].partition(b"\n")[0]
    if not _FIELD.match(first_line):
        return [], start
    fields: list[tuple[str, str]] = []
    name, folded = "", bytearray()
    for line in data[start:stop].split(b"\n"):
        if line[:1] in {b" ", b"\t"}:
            if len(folded) < _LONGEST_FIELD:
                folded += b" " + line.strip()
            continue
        if not (found := _FIELD.match(line)):
            continue
        if name:
            fields.append((name, _raw(folded)))
        if len(fields) >= _MOST_FIELDS:
            return fields, body
        name = found[1].decode("ascii").lower()
        folded = bytearray(found[2].strip())
    if name:
        fields.append((name, _raw(folded)))
    return fields, body


def _raw(value: bytearray) -> str:
    """Header values are ASCII, or the UTF-8 or Latin-1 of a program that did not care (RFC 6532)."""
    short = bytes(value[:_LONGEST_FIELD])
    return short.decode("ascii") if short.isascii() else letters(short, "")


def _between(data: bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts lie between delimiter lines (RFC 2046 5.1.1); the last may lack its end."""
    mark = b"--" + boundary
    begin: int | None = None
    at = data.find(mark, start, end)
    while at >= 0:
        after = at + len(mark)
        rest, newline, _ = data[after : min(end, after + 100)].partition(b"\n")
        line_end = after + len(rest) if newline else end
        rest = rest.strip()
        if (at == start or data[at - 1 : at] == b"\n") and rest in {b"", b"--"}:
            if begin is not None:
                stop = at - 1 if at > begin else begin
                yield begin, max(begin, stop - 1 if data[stop - 1 : stop] == b"\r" else stop)
            if rest == b"--":
                return
            begin = min(line_end + 1, end)
        at = data.find(mark, after, end)
    if begin is not None and begin < end:
        yield begin, end


def _parameters(name: str, value: str) -> tuple[str, dict[str, str]]:
    """The value before the first `;`, lower case, and its parameters (RFC 2231 included)."""
    message = Message()
    message[name] = value.replace("\n", " ").replace("\r", " ")
    found: dict[str, str] = {}
    try:
        pairs = message.get_params([], header=name)
    except (ValueError, LookupError, TypeError):  # numbered continuations that are no numbers
        pairs = []
    for key, given in pairs[1:]:
        if isinstance(given, tuple):
            charset, _, encoded = given
            plain = letters(encoded.encode("latin-1", "replace"), charset or "")
        else:
            plain = given
        found.setdefault(key.lower(), decoded(plain))
    return value.partition(";")[0].strip().lower(), found


def _base64(raw: bytes) -> bytes:
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:  # cut off, or with junk between
        letters_only = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        whole = letters_only[: len(letters_only) - (len(letters_only) % 4 == 1)]
        return binascii.a2b_base64(whole + b"==")


def _codec(charset: str) -> str:
    charset = charset.partition("*")[0]
    if not charset or not re.fullmatch(r"[A-Za-z0-9._:-]{1,40}", charset):
        return ""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError, ImportError):
        return ""
    return "" if name in _NOT_TEXT else _WIDER.get(name, name)


def _words(value: str) -> str:
    """Read encoded words; neighbours of one charset are joined before decoding, for letters cut in two."""
    pieces: list[str] = []
    held, held_charset = b"", ""
    last = 0
    for word in _WORD.finditer(value):
        between = value[last : word.start()]
        charset = word[1].partition("*")[0].lower()
        encoded = word[3].encode("utf-8", "replace")
        if word[2].lower() == "b":
            data = _base64(encoded)
        else:
            data = binascii.a2b_qp(encoded.replace(b" ", b"_"), header=True)
        if held and charset == held_charset and not between.strip():
            held += data
        else:
            if held:
                pieces.append(letters(held, held_charset))
            if between.strip() or not last:
                pieces.append(between)
            held, held_charset = data, charset
        last = word.end()
    if held:
        pieces.append(letters(held, held_charset))
    return "".join([*pieces, value[last:]])
