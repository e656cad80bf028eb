"""The XML of WebDAV and CalDAV: what is asked, and what a multistatus says (RFC 4918 13, RFC 4791, RFC 6578).

What a server sends is a stranger's: no DTD and no entities, and its size is bounded where it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

D, C, CS = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class Response:
    """What a multistatus says of one resource."""

    name: str
    """Its path, quoted in the one form in which two of them can be compared."""
    base: str
    """The address that it was said at."""
    href: str
    """As it was said there."""
    status: int
    """Of the resource as a whole; 200 where only its properties have one."""
    props: Mapping[str, Element] = field(default_factory=dict[str, Element])
    """Those it has, by their name in Clark's notation."""

    @property
    def url(self) -> str:
        """Its whole address."""
        return urljoin(self.base, self.href)

    def text(self, name: str) -> str:
        """The text of a property; empty where it has none."""
        found = self.props.get(name)
        return "".join(found.itertext()).strip() if found is not None else ""

    def hrefs(self, name: str) -> list[str]:
        """The addresses that a property holds."""
        found = self.props.get(name)
        if found is None:
            return []
        return [urljoin(self.url, (h.text or "").strip()) for h in found.iter(f"{D}href") if h.text]

    def has(self, name: str, inner: str) -> bool:
        """Whether a property has an element in it."""
        found = self.props.get(name)
        return found is not None and found.find(f".//{inner}") is not None


@dataclass(frozen=True, slots=True)
class Multistatus:
    """What an answer about several resources says."""

    responses: tuple[Response, ...]
    token: str = ""
    """From where the next sync-collection goes on."""
    able: str = ""
    """What the server says beside it that it can do: the DAV header (RFC 4918 10.1), lower case."""


def name_of(url: str) -> str:
    """The path of an address, quoted in one form, whatever form its server likes today."""
    path = urlsplit(url).path
    # A slash inside a name is none between names.
    return path if "%2f" in path.lower() else quote(unquote(path), safe="/@:!$&'()*+,;=~")


def parsed(data: bytes) -> Element:
    """The XML of an answer. :raises ValueError: it is none, or has a DTD."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise ValueError(f"it is no whole XML ({error})") from None
    except DefusedXmlException:
        raise ValueError("its XML has definitions of its own, which are not read") from None
    except (LookupError, ValueError):
        raise ValueError("its XML is written in letters that nobody knows") from None
    return root


def multistatus(data: bytes, *, base: str, able: str = "") -> Multistatus:
    """What an answer says, a resource each. :raises ValueError: it is no multistatus."""
    root = parsed(data)
    if root.tag != f"{D}multistatus":
        raise ValueError("it is no answer about several things")
    found: dict[str, Response] = {}  # one that comes twice counts once
    for response in root.findall(f"{D}response"):
        status = _status(response.findtext(f"{D}status"))
        props: dict[str, Element] = {}
        for propstat in response.findall(f"{D}propstat"):
            if 200 <= _status(propstat.findtext(f"{D}status")) < 300:
                for prop in propstat.findall(f"{D}prop"):
                    props |= {p.tag: p for p in prop}
        for href in response.findall(f"{D}href"):
            said = (href.text or "").strip()
            plain = said.startswith("/") and not said.startswith("//")
            name = name_of(said if plain else urljoin(base, said))  # joining thousands takes its time
            found[name] = Response(name, base, said, status, props)
    token = (root.findtext(f"{D}sync-token") or "").strip()
    return Multistatus(tuple(found.values()), token, able.lower())


def error_of(data: bytes) -> str:
    """The precondition that an error names (RFC 4918 16), without its namespace; empty: it names none."""
    try:
        return _condition(parsed(data)) if data.lstrip()[:1] == b"<" else ""
    except ValueError:
        return ""


def _condition(error: Element | None) -> str:
    if error is None or error.tag != f"{D}error":
        return ""
    return next((child.tag.rpartition("}")[2][:60] for child in error), "")


def _status(line: str | None) -> int:
    parts = (line or "HTTP/1.1 200").split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isascii() and parts[1].isdigit() else 500


# what is asked


def propfind(*names: str) -> bytes:
    """Ask for properties: `D:displayname`."""
    return f"{_HEAD}<D:propfind {_SPACES}><D:prop>{_tags(names)}</D:prop></D:propfind>".encode()


def sync_collection(token: str) -> bytes:
    """What changed since a token; everything, where there is none yet (RFC 6578 3.2)."""
    return (
        f"{_HEAD}<D:sync-collection {_SPACES}><D:sync-token>{escape(token)}</D:sync-token>"
        "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
    ).encode()


def multiget(hrefs: Iterable[str]) -> bytes:
    """These resources with their calendars (RFC 4791 7.9)."""
    named = "".join(f"<D:href>{escape(h)}</D:href>" for h in hrefs)
    return (
        f"{_HEAD}<C:calendar-multiget {_SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{named}"
        "</C:calendar-multiget>"
    ).encode()


def by_uid(uid: str) -> bytes:
    """The resources of a UID (RFC 4791 7.8.6); servers find more than that, so look at each."""
    return _query(
        '<C:prop-filter name="UID"><C:text-match collation="i;octet">'
        f"{escape(uid)}</C:text-match></C:prop-filter>"
    )


def between(start: datetime, end: datetime) -> bytes:
    """The events that have an occurrence in a window."""
    return _query(_window(start, end))


def free_busy(start: datetime, end: datetime) -> bytes:
    """When the owner of a calendar is taken (RFC 4791 7.10)."""
    return f"{_HEAD}<C:free-busy-query {_SPACES}>{_window(start, end)}</C:free-busy-query>".encode()


def _query(inner: str) -> bytes:
    return (
        f"{_HEAD}<C:calendar-query {_SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>"
        f'<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inner}</C:comp-filter>'
        "</C:comp-filter></C:filter></C:calendar-query>"
    ).encode()


def _window(start: datetime, end: datetime) -> str:
    low, high = (f"{m.astimezone(UTC):%Y%m%dT%H%M%SZ}" for m in (start, end))
    return f'<C:time-range start="{low}" end="{high}"/>'


def _tags(names: Iterable[str]) -> str:
    return "".join(f"<{n}/>" for n in names)
