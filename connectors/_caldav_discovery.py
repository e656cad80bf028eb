"""Finds the calendar server of a mail address, once, when it is added: as its domain says (RFC 6764).

Where the domain says nothing, nothing is guessed: its web server may be somebody else's, and a password would
go there. Beyond the domain it goes after a yes alone (RFC 6764 8).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from deskhand.connectors._srv import Domain, Silent, domain_of
from deskhand.connectors.errors import Elsewhere, Misconfigured


def server_options(address: str, *, dns: Callable[[str], Domain] = Domain) -> dict[str, str]:
    """Place, user and whose calendar it is, of an account by its mail address.

    Only an encrypted service is looked for (`_caldavs`).
    :raises Elsewhere: it is outside the domain. :raises Misconfigured: it is not found; says what to do.
    """
    domain = domain_of(address)
    there, account = dns(domain), shlex.quote(address)
    try:
        target = there.service("caldavs")
        path = there.path("caldavs") if target is not None and target.host else ""
    except Silent:
        target, path = None, ""
    if target is None or not target.host:
        why = "does not say where its calendars are" if target is None else "says that it has no calendars"
        raise Misconfigured(
            f"{domain} {why} (SRV). Give the address of the server: deskhand add caldav https://SERVER "
            f"-o user={account}, or, at Google: deskhand add gcalendar {account}"
        )
    port = "" if target.port == 443 else f":{target.port}"
    place = f"https://{target.host}{port}{path or '/'}"
    options = {"place": place, "user": address, "me": address}
    if not there.within(target.host):
        raise Elsewhere(
            f"{domain} says that its calendars are at {target.host}{port}, outside its own domain, and only "
            "the DNS says so, which proves nothing.",
            remedy="Nothing was sent there. If you know that it is right, say: deskhand add caldav "
            f"{shlex.quote(place)} -o user={account} -o me={account}",
            options=options,
        )
    return options
