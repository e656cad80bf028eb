"""A real CalDAV server (Radicale) on a free port, for as long as a test needs it."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from xml.etree import ElementTree

from fakes.program import running

from deskhand.agent.sample.servers import free_ports

_DAV = "{urn:ietf:params:xml:ns:caldav}calendar-data"
_MADE = """<?xml version="1.0"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>{name}</D:prop></D:set></D:mkcol>"""
_NAMED = """<?xml version="1.0"?>
<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>{name}</D:displayname></D:prop></D:set>
</D:propertyupdate>"""
_QUERY = """<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>
<C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data></D:prop><C:filter>
<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="{start}" end="{end}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""


_RUN = """
import sys
from dateutil.tz import gettz
from radicale.__main__ import run
from vobject.icalendar import registerTzid
for zone in filter(None, sys.argv.pop(1).split(",")):
    registerTzid(zone, gettz(zone))
run()
"""
"""Radicale, told what the zones are. It expands with vobject, which by itself asks pytz; and with a zone of
pytz every occurrence gets the offset of the first, whatever the clocks do."""


@dataclass(frozen=True)
class Server:
    """Where it listens, and what a calendar program asks of it."""

    port: int
    user: str = "ana"
    password: str = ""

    def of(self, user: str) -> Server:
        """The same server for another person."""
        return replace(self, user=user)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def make(self, calendar: str, *, title: str = "") -> None:
        name = f"<D:displayname>{title}</D:displayname>" if title else ""
        self.ask("MKCOL", f"{calendar}/", _MADE.format(name=name))

    def rename(self, calendar: str, title: str) -> None:
        self.ask("PROPPATCH", f"{calendar}/", _NAMED.format(name=title))

    def put(self, calendar: str, name: str, ics: str) -> None:
        self.ask("PUT", f"{calendar}/{name}.ics", ics, kind="text/calendar; charset=utf-8")

    def get(self, calendar: str, name: str) -> bytes:
        return self.ask("GET", f"{calendar}/{name}.ics")

    def take(self, calendar: str, name: str = "") -> None:
        """Take an event away, or the whole calendar."""
        self.ask("DELETE", f"{calendar}/{name}.ics" if name else f"{calendar}/")

    def expanded(self, calendar: str, start: datetime, end: datetime) -> list[str]:
        """Of each event a VCALENDAR of its occurrences between two UTC times (RFC 4791 9.6.5)."""
        asked = _QUERY.format(start=f"{start:%Y%m%dT%H%M%SZ}", end=f"{end:%Y%m%dT%H%M%SZ}")
        answer = self.ask("REPORT", f"{calendar}/", asked)
        return [found.text or "" for found in ElementTree.fromstring(answer).iter(_DAV)]  # noqa: S314

    def ask(self, method: str, path: str, body: str = "", *, kind: str = "application/xml") -> bytes:
        """One request about something of this person's. Whatever is no success fails the test."""
        signed = b64encode(f"{self.user}:{self.password}".encode()).decode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method,
                f"/{self.user}/{path}",
                body.encode(),
                {"Content-Type": kind, "Depth": "1", "Authorization": f"Basic {signed}"},
            )
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        assert 200 <= response.status < 300, (method, path, response.status, data)
        return data


@contextmanager
def server(folder: Path, zones: Iterable[str] = (), *, users: Mapping[str, str] = {}) -> Iterator[Server]:
    """A Radicale that keeps everything in a folder and lets everybody in, or only `users` with a password.

    :param zones: IANA names of the time zones of what it will hold.
    """
    (port,) = free_ports(1)  # it takes no port 0 itself
    signing = ["--auth-type", "none"]
    if users:
        passwords = folder / "users"
        passwords.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
        signing = [
            "--auth-type", "htpasswd", "--auth-htpasswd-filename", str(passwords),
            "--auth-htpasswd-encryption", "plain", "--auth-delay", "0",
        ]  # fmt: skip
    command = [
        sys.executable, "-c", _RUN, ",".join(zones), "--config", "", "--hosts", f"127.0.0.1:{port}",
        *signing, "--storage-filesystem-folder", str(folder / "storage"), "--logging-level", "info",
    ]  # fmt: skip
    with running(command, ready="server ready"):
        yield Server(port)
