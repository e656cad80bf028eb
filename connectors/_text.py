"""Text out of files: what kind of file it is, how its letters are encoded, what it is called.

Text and Markdown are decoded here; everything that needs a parser goes through `_reader`.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from html import unescape
from mimetypes import MimeTypes

from deskhand.connectors._reader import Reader, Text, Unreadable

__all__ = ["Reader", "Text", "Unreadable", "extract", "is_text", "may_have_text", "mime_of", "text_of"]

NOTHING_TO_READ = "no readable text"

_OFFICE = "application/vnd.openxmlformats-officedocument."
_MORE_TYPES = {
    ".md": "text/markdown", ".markdown": "text/markdown", ".rst": "text/x-rst", ".org": "text/x-org",
    ".adoc": "text/asciidoc", ".log": "text/plain", ".yaml": "application/yaml", ".yml": "application/yaml",
    ".toml": "application/toml", ".ini": "text/plain", ".cfg": "text/plain", ".jsonl": "application/json",
    ".ics": "text/calendar", ".vcf": "text/vcard", ".srt": "text/plain", ".vtt": "text/vtt",
    ".tex": "text/x-tex", ".sql": "text/x-sql", ".ts": "text/plain", ".tsv": "text/tab-separated-values",
    ".docx": _OFFICE + "wordprocessingml.document", ".xlsx": _OFFICE + "spreadsheetml.sheet",
    ".pptx": _OFFICE + "presentationml.presentation", ".eml": "message/rfc822", ".rtf": "application/rtf",
    ".docm": "application/vnd.ms-word.document.macroenabled.12",
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".epub": "application/epub+zip", ".msg": "application/vnd.ms-outlook",
}  # fmt: skip

_PARSED = frozenset(
    {
        "application/pdf", "text/html", "application/xhtml+xml", "message/rfc822", "application/rtf",
        "text/rtf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
        *(_MORE_TYPES[s] for s in (".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm")),
        *(_MORE_TYPES[s] for s in (".odt", ".ods", ".epub", ".msg")),
    }
)  # fmt: skip
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = re.compile(
    r"text/(?!rtf)|application/(json|ld\+json|xml|yaml|x-yaml|toml|sql|x-sh|x-tex|x-latex|javascript|x-python)$"
)
_NUL = re.compile(rb"\0")
_BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a]")
_UNKNOWN = frozenset({"", "application/octet-stream"})

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w.:-]{2,40})""", re.I
)
_CODE_PAGES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "iso8859_2",
    "cp932", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
"""What documents are really written in; the other eighty would only win by accident."""
_TITLE = re.compile(rb"<title[^<>]{0,100}>([^<]{1,300})", re.I)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def text_of(data: bytes, *, name: str, mime: str = "") -> str:
    """The text of a file; empty where files of its kind have none (images, archives).

    For many files make one `Reader` and use `extract`: this starts a process whenever it needs one.

    :raises Unreadable: a format that has text, but these bytes are broken.
    """
    with Reader() as reader:
        return extract(data, name=name, mime=mime, reader=reader).text


def extract(data: bytes, *, name: str, reader: Reader, mime: str = "") -> Text:
    """Text, title and, where there is no text, a note why. `name` and `mime` say what it claims to be.

    :raises Unreadable: a format that has text, but these bytes are broken.
    """
    mime = mime_of(name, mime)
    if mime in _PARSED:
        if not data.strip(b"\0\t\n\r "):
            return Text(note="the file is empty")
        if mime in _MARKUP:
            data = decode(data, markup=True).encode()
        read = reader.read(data, mime)
        title = read.title
        if mime in _MARKUP:
            found = _TITLE.search(data[:20_000])
            title = unescape(title or (found[1].decode(errors="replace") if found else ""))
        text, note = (read.text, read.note) if read.text.strip() else ("", NOTHING_TO_READ)
        return Text.of(text, title, note)
    if not (_looks_like_text(data, _BINARY) if mime in _UNKNOWN else _TEXT.match(mime)):
        return Text(note=NOTHING_TO_READ)
    if not _looks_like_text(data, _NUL):
        return Text(note=NOTHING_TO_READ)
    text = decode(data)
    return Text.of(text, heading(text) if mime == "text/markdown" else "")


def mime_of(name: str, claimed: str = "") -> str:
    """The MIME type by file name, unless a useful one is claimed; lower case, without parameters."""
    claimed = claimed.partition(";")[0].strip().lower()
    if claimed not in _UNKNOWN:
        return claimed
    suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if suffix in _MORE_TYPES:
        return _MORE_TYPES[suffix]
    guessed, packed = _types().guess_type("x" + suffix)
    return f"application/{packed}" if packed else (guessed or "application/octet-stream").lower()


def is_text(name: str) -> bool:
    """Whether a file of this name holds what one can type: text that may be written as it is."""
    mime = mime_of(name)
    return bool(_TEXT.match(mime)) or mime in _MARKUP or "." not in name


def may_have_text(name: str, mime: str = "") -> bool:
    """Whether a file of this kind is worth opening: of pictures, archives and the like nothing is read."""
    mime = mime_of(name, mime)
    return mime in _PARSED or mime in _UNKNOWN or bool(_TEXT.match(mime))


def decode(data: bytes, *, markup: bool = False) -> str:
    """Letters out of bytes: byte-order mark, UTF-8, what the markup declares, a guess, Windows-1252."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data.decode(name, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    if markup and (declared := _CHARSET.search(data[:2048])):
        try:
            return data.decode(declared[1].decode(), "replace")
        except (LookupError, ValueError, UnicodeError):
            pass
    return data.decode(_guess(data), "replace")


def heading(text: str) -> str:
    """The first Markdown heading outside of code (CommonMark 4.2), or the front matter's title."""
    fence = ""
    lines = text[:20_000].split("\n")
    for n, line in enumerate(lines):
        if opened := _FENCE.match(line):
            if not fence:
                fence = opened[1]
            elif opened[1].startswith(fence):
                fence = ""
        elif fence:
            continue
        elif found := _HEADING.match(line):
            return found[1]
        elif n and lines[0].strip() == "---" and (title := re.match(r"title:\s*(.+)", line)):
            return title[1].strip().strip("\"'")
    return ""


def _looks_like_text(data: bytes, never: re.Pattern[bytes]) -> bool:
    """Binary files have control bytes early; text has them only in UTF-16 and UTF-32, behind a mark."""
    return never.search(data[:8192]) is None or any(data.startswith(bom) for bom, _ in _BOMS)


def _guess(data: bytes) -> str:
    sample = data[:65536]
    # On a handful of letters a statistical guess is worse than the most common code page.
    if sum(b > 127 for b in sample) >= 16:
        try:
            from charset_normalizer import from_bytes
        except ImportError:
            return "cp1252"
        if best := from_bytes(sample, cp_isolation=_CODE_PAGES).best():
            return best.encoding
    return "cp1252"


@lru_cache(maxsize=1)
def _types() -> MimeTypes:
    return MimeTypes(())  # Python's own table, whatever /etc/mime.types says on this machine
