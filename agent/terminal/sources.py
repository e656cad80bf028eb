"""The commands `deskhand init`, `add`, `remove`, `sources` and `sync`: whose home it is and what is in it."""

from __future__ import annotations

import os
import re
from typing import Annotated, Any

import typer

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal import show_leaving as leaving
from deskhand.agent.terminal import show_standing as standing
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import (
    Events,
    Home,
    Json,
    Now,
    do,
    home_of,
    interactive,
    pair,
    reach_desk,
    show_answer,
    store_of,
    system_zone,
    told,
)
from deskhand.agent.terminal.signing import Client, Device, kept, members

_IN_PART = 4
"""Exit code: done in part."""


def init(
    name: Annotated[str | None, typer.Option(help="Your name.")] = None,
    email: Annotated[str | None, typer.Option(help="Your mail address.")] = None,
    zone: Annotated[str | None, typer.Option(help="Your time zone, like Europe/Lisbon.")] = None,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Make the home and say who you are."""
    from deskhand.config.edit import set_person
    from deskhand.config.settings import check_address, load
    from deskhand.config.zones import check_zone

    with told(as_json) as screen:
        option = "--email"
        try:  # before the file, which would be named by a line that is not written
            check_address(email or "")
            option = "--zone"
            check_zone(zone or "UTC")
        except ValueError as error:
            raise Refusal(f"{option}: {error}. Nothing was set.") from None
        place = home_of(home).prepare()
        set_person(
            place.config_file,
            name=name,
            email=email,
            zone=zone or (None if place.config_file.exists() else system_zone()),
        )
        person = load(place.config_file, environ=os.environ).person
        answer = {
            "home": str(place.root),
            "person": {"name": person.name, "email": person.email, "zone": person.zone},
        }
        if not screen.json:
            who = " ".join(x for x in (person.name, f"<{person.email}>" if person.email else "") if x)
            screen.line(f"Your home is {place.root}. You are {who or 'not named yet'}, in {person.zone}.")
            if not person.email:
                screen.line(
                    "Say your address, so that your mail is known: deskhand init --email you@example.org"
                )
            screen.line(
                "Next: deskhand add imap you@example.org (or: maildir ~/Mail, ics ~/calendar.ics, "
                "files ~/Documents)"
            )
        show_answer(screen, answer)


def add(
    kind: Annotated[
        str,
        typer.Argument(
            help="files, ics, caldav, webcal, imap, maildir, mbox, gmail, gcalendar, gdrive, outlook, "
            "onedrive, msgraph_calendar; or google or microsoft, for all of an account."
        ),
    ],
    place: Annotated[str, typer.Argument(help="Where it is: a folder, a file or an address.")],
    alias: Annotated[str, typer.Option("--as", metavar="ALIAS", help="What to call it.")] = "",
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", metavar="NAME=VALUE", help="An option of this kind.")
    ] = None,
    client: Client = "",
    device: Device = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Connect a source."""
    with told(as_json, home) as screen:
        options = dict(pair(o) for o in option or ())
        several = _missing(list(members(kind)), place, home)
        if not several:
            _judge(kind, place, options, home)  # before anybody types a password or signs in
            _signs_in(kind, client, device)
        place = place if several else _led(screen, kind, place, options)
        asked = _signed_in(screen, several or [kind], place, options, client, home, device)
        asked = asked or _asked_for(kind, place, options, home)
    try:
        if several:
            _add_all(several, place, alias, options, home, as_json, now)
        else:
            given = {"kind": kind, "place": place, "alias": alias, "options": options}
            with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
                try:
                    answer = desk.call("add", given)
                except KeyboardInterrupt:
                    raise Refusal(_not_added(kind, place, served=desk.app is None), 130) from None
                show_answer(screen, answer, _connected)
    except typer.Exit as end:
        if asked and end.exit_code not in (0, _IN_PART):
            store_of(home).remove(asked)  # of an account that was not added
        raise


def _not_added(kind: str, place: str, *, served: bool) -> str:
    """What an interrupted `add` leaves."""
    if served:
        return (
            f"Stopped. The Deskhand that serves this home may add {kind} {place} yet: deskhand sources says."
        )
    return f"Stopped: {kind} {place} was not added."


def _connected(screen: Screen, answer: Any) -> None:
    screen.line(f"Connected {answer['kind']} {answer['place']} as {answer['source']}. Next: deskhand sync")


def _judge(kind: str, place: str, options: dict[str, str], home: str) -> None:
    """:raises Refusal: it cannot be added, as far as that is known before it is opened."""
    from deskhand.agent.sources.catalogue import judge
    from deskhand.config.settings import load
    from deskhand.connectors.errors import Misconfigured

    try:
        judge(load(home_of(home).prepare().config_file, environ=os.environ), kind, place, options)
    except Misconfigured as error:
        raise Refusal(str(error)) from None


def _signs_in(kind: str, client: str, device: bool) -> None:
    """:raises Refusal: how to sign in was said, and there is nobody to sign in to."""
    from deskhand.connectors import sign_in

    if (client or device) and sign_in(kind) is None:
        option = "--client" if client else "--device"
        raise Refusal(f"{kind} has no sign-in in a browser, so {option} means nothing here: leave it out.")


def _missing(kinds: list[str], place: str, home: str) -> list[str]:
    """Those kinds of an account that are not connected yet. :raises Refusal: all of them are."""
    from deskhand.config.settings import load

    there = load(home_of(home).prepare().config_file, environ=os.environ).sources.values()
    wanted = [k for k in kinds if not any(s.kind == k and s.place == place for s in there)]
    if kinds and not wanted:
        raise Refusal(f"All of {place} is connected already.")
    return wanted


def _add_all(
    kinds: list[str], place: str, alias: str, options: dict[str, str], home: str, as_json: bool, now: str
) -> None:
    """Connect several sources of an account; one that cannot be keeps nobody from the others."""
    from deskhand.agent.sources.catalogue import usual

    with told(as_json, home) as screen:
        made, failed = [], []
        with reach_desk(home, now, door=True) as desk:
            for kind in kinds:
                named = f"{alias}-{usual(kind)}" if alias else ""
                given = {"kind": kind, "place": place, "alias": named, "options": options}
                try:
                    made.append(desk.call("add", given))
                except Refusal as refusal:
                    failed.append((kind, refusal))
        if not made:
            raise failed[0][1]
        told_of = [{"kind": kind, "error": str(refusal)} for kind, refusal in failed]
        show_answer(screen, {"sources": made, "failed": told_of}, _all_connected)
        if failed:
            raise typer.Exit(_IN_PART)


def _all_connected(screen: Screen, answer: Any) -> None:
    for source in answer["sources"]:
        _connected(screen, source)
    for one in answer["failed"]:
        screen.line(f"Not connected: {one['kind']}. {one['error']}")


def _signed_in(
    screen: Screen, kinds: list[str], place: str, options: dict[str, str], client: str, home: str,
    device: bool,
) -> str:  # fmt: skip
    """Have the person sign in to an account where its kind wants that. The name of a new secret, or ""."""
    from deskhand.connectors import kinds as known
    from deskhand.connectors import sign_in

    served = {k: told for k in kinds if k in known() and (told := sign_in(k, options)) is not None}
    if not served or options.get("token"):
        return ""
    return kept(screen, served, place, options, client, home, device=device)


def _led(screen: Screen, kind: str, place: str, options: dict[str, str]) -> str:
    """Look for the servers of an account, and ask about those that nobody proves, before a password is typed.

    Only where somebody sits at a terminal; else who adds it looks, and refuses. What was found is put into
    `options`; the place it is at. :raises Refusal: they are not found, or not to be gone to.
    """
    from deskhand.connectors import kinds, settled
    from deskhand.connectors.errors import Elsewhere, Misconfigured

    if kind not in kinds() or not interactive(screen):
        return place
    try:
        found = settled(kind, place, options)
    except Elsewhere as error:
        screen.line(error.said)
        if input("Sign in there? [y]es, [n]o: ").strip().lower() not in ("y", "yes"):
            raise Refusal("Nothing was added, and nothing was sent there.") from None
        found = error.options
    except Misconfigured as error:
        raise Refusal(str(error)) from None
    place = found.pop("place", place)
    for name, value in found.items():
        options.setdefault(name, value)
    return place


def _asked_for(kind: str, place: str, options: dict[str, str], home: str) -> str:
    """Ask for the password that a source needs and was not given, where somebody sits at a terminal.

    The name it is kept by as a secret, which `options` refer to then; or "".
    """
    from deskhand.config.vault import ask_at_terminal
    from deskhand.connectors import kinds, secret

    wanted = secret(kind) if kind in kinds() else ()
    if not wanted or any(options.get(name) for name in wanted):
        return ""
    if not (typed := ask_at_terminal(f"The {wanted[0]} of {place} (it is not shown): ")):
        return ""
    store = store_of(home)
    base = re.sub(r"[^A-Z0-9]+", "_", f"{place}_{wanted[0]}".upper()).strip("_")[-50:].lstrip("_0123456789")
    name = next(n for n in (base, *(f"{base}_{i}" for i in range(2, 1000))) if n not in store.names())
    store.put(name, typed)
    options[wanted[0]] = f"secret:{name}"
    return name


def remove(
    alias: Annotated[str, typer.Argument(help="What it is called: deskhand sources.")],
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Only disconnect it: what was read stays and is found.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go with it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Disconnect a source and erase all that was read from it. Nothing at the source is touched."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        there = desk.call("remove", {"alias": alias, "look": True})
        if not dry_run:
            if not (yes or keep_data):
                keep_data = _asked_to_keep(screen, there)
            there = desk.call("remove", {"alias": alias, "keep_data": keep_data})
        show_answer(screen, there, leaving.removed)


def _asked_to_keep(screen: Screen, there: dict[str, Any]) -> bool:
    """Ask whether it is to go: whether its data is to stay. :raises Refusal: nobody sits there, or a no."""
    if not interactive(screen):
        what = leaving.in_short(there)
        raise Refusal(
            f"Nothing was removed: {what} would be erased for good. Say deskhand remove {there['source']} "
            "--yes, or --keep-data to disconnect it only; --dry-run shows what would go."
        )
    leaving.belongings(screen, there)
    extra = ", [k]eep the data and only disconnect" if there["connected"] else ""
    said = input(f"Erase all this for good? [y]es, [n]o{extra}: ").strip().lower()
    if said in ("k", "keep") and there["connected"]:
        return True
    if said not in ("y", "yes"):
        raise Refusal("Nothing was removed.")
    return False


def sources(
    source: Annotated[str, typer.Argument(metavar="[ALIAS]", help="One of them, with all about it.")] = "",
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show the sources: how far they are and what failed.

    What could not be read stands there with the reason, and when a source is asked again.
    """
    do("sources", {"source": source}, home, as_json, now, standing.sources)


def sync(
    source: Annotated[list[str] | None, typer.Argument(help="Which ones; all by default.")] = None,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Bring the archive and the index up to date.

    A source that failed again and again is left alone for a while, unless it is named.
    """
    from deskhand.agent.terminal.live import written

    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        with screen.progress() as bars:
            watch = {**bars, "watch": written} if events else bars
            answer = desk.call("sync", {"sources": source or []}, watch=watch)
        show_answer(screen, answer, standing.synced)
        # What an earlier sync could not read, and nobody mended, has failed again.
        if desk.came_to_nothing or any(s["error"] or s["failures"] for s in answer["sources"]):
            raise typer.Exit(1)
