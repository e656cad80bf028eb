"""Reading an account incrementally, against a real Radicale: a test for each row of its contract."""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest
from contracts import NOW, current, pass_over
from dav_givens import LUNCH, REVIEW, STANDUP, account, create, fill, items, person, simple, whole
from fakes import proxy, radicale
from fakes.proxy import rewritten, says

from deskhand.connectors.archive import Archive
from deskhand.connectors.caldav import CalDav, connect
from deskhand.connectors.errors import (
    Forbidden,
    Misconfigured,
    SourceError,
    Transient,
    Unauthorized,
    Unsupported,
)
from deskhand.connectors.model import Change, Cursor, Item, ItemRef, Removed
from deskhand.connectors.sync import sync

GONE = b'<?xml version="1.0"?><D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>'


def told(changes: list[Change]) -> list[tuple[str, str]]:
    return sorted((type(c).__name__, c.ref.native) for c in changes if not isinstance(c, Cursor))


# sync-collection (RFC 6578)


def test_a_pass_over_what_did_not_change_is_one_request(far: CalDav, way: proxy.Proxy) -> None:
    _, cursor = pass_over(far)
    way.seen.clear()
    assert pass_over(far, cursor) == ([], cursor)
    assert [m for m, _ in way.seen] == ["PROPFIND"]


def test_only_what_changed_is_fetched(far: CalDav, way: proxy.Proxy, ana: radicale.Server) -> None:
    _, cursor = pass_over(far)
    ana.put("work", "b", whole(REVIEW.replace("Room 2", "Room 3")))
    ana.put("work", "n", simple("new"))
    ana.take("work", "c")
    way.seen.clear()
    way.bodies.clear()
    changes, _ = pass_over(far, cursor)
    assert told(changes) == [
        ("Item", "new"),
        ("Item", "review@example.org"),
        ("Removed", "lunch@example.org"),
    ]
    assert [m for m, _ in way.seen] == ["PROPFIND", "REPORT", "REPORT"]
    assert len(re.findall(rb"<D:href>", way.bodies[-1])) == 2


def test_404_inside_the_multistatus_is_removed(cal: CalDav, ana: radicale.Server) -> None:
    _, cursor = pass_over(cal)
    ana.take("work", "a")
    changes, cursor = pass_over(cal, cursor)
    assert told(changes) == [("Removed", "standup@example.org")]
    assert pass_over(cal, cursor) == ([], cursor)


@pytest.mark.parametrize("status", [403, 412, 409])
def test_a_token_the_server_no_longer_knows_is_told_by_the_body(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, status: int
) -> None:
    """Everything is listed anew; what has the ETag that is known is not fetched, what is gone is removed."""
    _, cursor = pass_over(far)
    ana.take("work", "c")
    ana.put("work", "n", simple("new"))
    way.faults.append(("REPORT", says(status, GONE, Content_Type="application/xml")))
    way.seen.clear()
    changes, after = pass_over(far, cursor)
    assert told(changes) == [("Item", "new"), ("Removed", "lunch@example.org")]
    assert [m for m, _ in way.seen] == ["PROPFIND", "REPORT", "REPORT", "REPORT"]
    assert b"<D:sync-token></D:sync-token>" in way.bodies[-2]
    assert pass_over(far, after) == ([], after)


def test_a_real_token_that_expired(cal: CalDav, ana: radicale.Server) -> None:
    """Radicale itself says that it does not know it."""
    _, cursor = pass_over(cal)
    kept = json.loads(cursor.value)
    for known in kept.values():
        known[0] = "http://radicale.org/ns/sync/" + "0" * 64
    ana.take("work", "c")
    changes, _ = pass_over(cal, Cursor(json.dumps(kept)))
    assert told(changes) == [("Removed", "lunch@example.org")]


def test_507_is_cut_off_and_goes_on_with_the_token(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server
) -> None:
    """RFC 6578 3.6. What was not told yet is not removed, and what was is not asked for again."""
    _, cursor = pass_over(far)
    ana.put("work", "n", simple("new"))
    ana.take("work", "c")
    part = f"""<?xml version="1.0"?><multistatus xmlns="DAV:">
      <response><href>/{ana.user}/work/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>
      <response><href>/{ana.user}/work/c.ics</href><status>HTTP/1.1 404 Not Found</status></response>
      <sync-token>{json.loads(cursor.value)[f"/{ana.user}/work/"][0]}</sync-token></multistatus>"""
    other = part.replace("/c.ics", "/none.ics").replace("http://radicale", "data:,radicale")
    way.faults += [("REPORT", says(207, part.encode()))]
    with pytest.raises(Transient, match="come to no end"):
        pass_over(far, cursor)  # the same token again: it turns in circles
    way.faults += [("REPORT", says(207, other.encode())), ("REPORT", says(207, part.encode()))]
    changes, _ = pass_over(far, cursor)
    assert told(changes) == [("Item", "new"), ("Removed", "lunch@example.org")]


def test_a_server_without_it_is_compared_by_etags(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    """Its ctag tells that nothing changed; else one listing, and what has another ETag."""
    way.always["PROPFIND"] = rewritten(
        lambda data: (
            re.sub(rb"<sync-token>[^<]*</sync-token>|<sync-token ?/>", b"", data)
            .replace(b"<sync-collection />", b"")
            .replace(b"<sync-collection/>", b"")
        )
    )
    far = account(way, tmp_path / "s", user=ana.user)
    assert not any(c.syncs or c.token for c in far._account.calendars)
    _, cursor = pass_over(far)
    way.seen.clear()
    assert pass_over(far, cursor) == ([], cursor)
    assert [m for m, _ in way.seen] == ["PROPFIND"]
    ana.put("work", "b", whole(REVIEW.replace("Room 2", "Room 3")))
    ana.take("work", "c")
    way.seen.clear()
    changes, _ = pass_over(far, cursor)
    assert told(changes) == [("Item", "review@example.org"), ("Removed", "lunch@example.org")]
    assert [m for m, _ in way.seen] == ["PROPFIND", "PROPFIND", "REPORT"]


def test_weak_etags_are_the_same_states(far: CalDav, way: proxy.Proxy, ana: radicale.Server) -> None:
    """A proxy that packs answers writes W/ before them; nothing is fetched again for that."""
    weak = rewritten(lambda data: data.replace(b"<getetag>", b"<getetag>W/"))
    _, cursor = pass_over(far)
    way.always |= {"REPORT": weak}
    forgotten = {n: ["", "", seen] for n, (_, _, seen) in json.loads(cursor.value).items()}
    way.seen.clear()
    changes, _ = pass_over(far, Cursor(json.dumps(forgotten)))
    assert changes == []
    assert way.count("REPORT") == 1


def test_a_server_that_does_no_reports_is_read_one_by_one(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    """ETags by PROPFIND, events by GET, and an event of ours where its name must be."""
    way.always["REPORT"] = says(501)
    assert set(items(far)) == {"standup@example.org", "review@example.org", "lunch@example.org"}
    made = far.perform(create(), key="k", now=NOW)
    fresh = account(way, tmp_path / "fresh", user=ana.user)
    assert fresh.read(made.ref) is not None
    found = fresh.find(create(), key="k")
    assert found is not None
    assert found.version == made.version


# pages


def many(ana: radicale.Server, count: int) -> None:
    ana.make("many")
    for n in range(count):
        ana.put("many", f"e{n:03}", simple(f"u{n:03}", day=n % 28 + 1))


def test_a_first_pass_comes_in_pages_and_goes_on_after_the_last(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server
) -> None:
    many(ana, 250)
    everything = list(far.changes(None))
    cursors = [c for c in everything if isinstance(c, Cursor)]
    assert [c.done for c in cursors] == [100, 200, 253]
    assert {c.expected for c in cursors} == {253}
    way.seen.clear()
    rest, last = pass_over(far, cursors[1])
    assert len(rest) == 53
    assert last.value == cursors[-1].value
    assert [m for m, _ in way.seen].count("REPORT") == 2 + 2, "two listings, what is left of two calendars"


def test_one_page_twice_is_one_page(far: CalDav, way: proxy.Proxy, ana: radicale.Server) -> None:
    """A server, or what stands before it, that says everything double."""

    def double(data: bytes) -> bytes:
        inner = data.partition(b"<response>")
        body = inner[1] + inner[2].rpartition(b"</response>")[0] + b"</response>"
        return data.replace(body, body + body)

    way.always["REPORT"] = rewritten(double)
    changes, cursor = pass_over(far)
    assert len(changes) == 3
    assert pass_over(far, cursor) == ([], cursor)


# several calendars


def test_one_uid_in_two_calendars_is_two_items(cal: CalDav, ana: radicale.Server) -> None:
    ana.make("zoo", title="Animals")
    ana.put("zoo", "x", whole(LUNCH.replace("Lunch", "Feeding")))
    _, cursor = pass_over(cal)
    assert {n: i.title for n, i in items(cal).items() if "lunch" in n} == {
        "lunch@example.org": "Lunch",
        "lunch@example.org@zoo": "Feeding",
    }
    second = cal.read(ItemRef("cal", "event", "lunch@example.org@zoo"))
    assert second is not None
    assert (second.title, second.folder) == ("Feeding", "Animals")
    ana.take("work", "c")
    changes, _ = pass_over(cal, cursor)
    assert told(changes) == [("Item", "lunch@example.org"), ("Removed", "lunch@example.org@zoo")]


def test_a_new_process_finds_the_second_of_two(cal: CalDav, ana: radicale.Server, tmp_path: Path) -> None:
    ana.make("zoo")
    ana.put("zoo", "x", whole(LUNCH.replace("Lunch", "Feeding")))
    for native, title in (("lunch@example.org", "Lunch"), ("lunch@example.org@zoo", "Feeding")):
        fresh = account(ana, tmp_path / native)
        pass_over(fresh)
        found = account(ana, tmp_path / native).read(ItemRef("cal", "event", native))
        assert found is not None
        assert found.title == title


def test_a_calendar_taken_away_takes_its_events_and_one_renamed_keeps_them(
    cal: CalDav, ana: radicale.Server
) -> None:
    ana.make("zoo")
    ana.put("zoo", "x", simple("feeding"))
    _, cursor = pass_over(cal)
    ana.rename("work", "Office")
    changes, cursor = pass_over(cal, cursor)
    assert changes == []
    read = cal.read(ItemRef("cal", "event", "review@example.org"))
    assert read is not None
    assert read.folder == "Office"
    ana.take("zoo")
    changes, _ = pass_over(cal, cursor)
    assert told(changes) == [("Removed", "feeding")]


def test_calendars_are_chosen_by_name_or_address_and_stay_so(ana: radicale.Server, tmp_path: Path) -> None:
    ana.make("zoo", title="Animals")
    ana.put("zoo", "x", simple("feeding"))
    for n, wanted in enumerate((["Animals"], ["zoo"], [f"{ana.url}{ana.user}/zoo/"])):
        chosen = account(ana, tmp_path / str(n), wanted=wanted)
        assert set(items(chosen)) == {"feeding"}
    _, cursor = pass_over(chosen := account(ana, tmp_path / "0", wanted=["Animals"]))
    ana.rename("zoo", "Beasts")
    assert pass_over(chosen, cursor)[0] == []
    with pytest.raises(Misconfigured, match=r"called 'Animals'.*there are: Beasts, Work"):
        account(ana, tmp_path / "new", wanted=["Animals"])


def test_tasks_and_collections_are_no_events(cal: CalDav, ana: radicale.Server) -> None:
    ana.put("work", "t", whole("BEGIN:VTODO\nUID:todo\nDTSTAMP:20260101T000000Z\nSUMMARY:Pens\nEND:VTODO\n"))
    changes, cursor = pass_over(cal)
    assert len(changes) == 3
    assert pass_over(cal, cursor) == ([], cursor)


def test_what_cannot_be_read_is_a_failure_of_its_own(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server
) -> None:
    _, cursor = pass_over(far)
    ana.put("work", "b", whole(REVIEW.replace("Room 2", "Room 3")))
    ana.put("work", "c", whole(LUNCH.replace("Lunch", "Dinner")))
    broken = rewritten(
        lambda data: data.replace(b"SUMMARY:Dinner", b"").replace(
            b"DTSTART;VALUE=DATE:", b"DTSTART:some day "
        )
    )
    way.faults += [("REPORT", proxy.passed), ("REPORT", broken)]
    changes, _ = pass_over(far, cursor)
    assert told(changes) == [("Failed", "lunch@example.org"), ("Item", "review@example.org")]


# finding the account


@pytest.mark.parametrize("path", ["", "{user}/", "{user}/work/"])
def test_any_address_of_the_account_will_do(ana: radicale.Server, tmp_path: Path, path: str) -> None:
    cal = account(ana, tmp_path / "s", path=path.format(user=ana.user))
    assert set(items(cal)) == {"standup@example.org", "review@example.org", "lunch@example.org"}


def test_one_calendars_address_is_that_calendar(ana: radicale.Server, tmp_path: Path) -> None:
    ana.make("zoo")
    ana.put("zoo", "x", simple("feeding"))
    cal = account(ana, tmp_path / "s", path=f"{ana.user}/zoo/")
    _, cursor = pass_over(cal)
    assert set(items(cal)) == {"feeding"}
    assert pass_over(cal, cursor) == ([], cursor)


def test_a_server_that_sends_us_on_is_followed_with_the_same_question(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    """By the well-known address (RFC 6764 5), whatever the number of the redirect."""
    way.faults.append(("PROPFIND", says(302, Location=f"/{ana.user}/")))
    cal = account(way, tmp_path / "s", user=ana.user)
    assert [m for m, _ in way.seen[:2]] == ["PROPFIND", "PROPFIND"]
    assert way.seen[0][1] == "/.well-known/caldav"
    assert way.seen[1][1] == f"/{ana.user}/"
    assert len(items(cal)) == 3


def test_an_address_beside_the_account_leads_to_it_by_the_well_known_one(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    """The address of a web page, say: then the host's own is asked (RFC 6764 5)."""
    way.faults.append(("PROPFIND", says(405, b"<html>Welcome</html>")))
    cal = account(way, tmp_path / "s", user=ana.user, path="apps/welcome")
    assert way.seen[1][1] == "/.well-known/caldav"
    assert len(items(cal)) == 3


def test_calendars_on_another_host_are_not_gone_to(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    """The password goes where the person said, and nowhere that a server says."""
    elsewhere = re.compile(rb"(home-set>\s*<href>)/")
    way.always["PROPFIND"] = rewritten(lambda d: elsewhere.sub(rb"\1https://p9.example.net/", d))
    with pytest.raises(Misconfigured, match=r"the calendars are at p9\.example\.net, and a password is only"):
        account(way, tmp_path / "s", user=ana.user)
    way.always["PROPFIND"] = says(301, Location="https://p9.example.net/")
    with pytest.raises(Forbidden, match=r"p9\.example\.net \(port 443\) is not among the hosts"):
        account(way, tmp_path / "s", user=ana.user)


def test_a_path_that_looks_like_a_host_is_a_path(far: CalDav, way: proxy.Proxy, ana: radicale.Server) -> None:
    """What the server calls things leads nowhere else."""
    path, there = (f"{a}/b.ics".encode() for a in (f"/{ana.user}/work", f"{way.url}/elsewhere.example.net"))
    way.always["REPORT"] = rewritten(lambda d: d.replace(path, there))
    changes, _ = pass_over(far)
    assert {c.ref.native for c in changes if isinstance(c, Item)} >= {"lunch@example.org"}
    assert all(not p.startswith("http") for _, p in way.seen)


def test_a_try_before_it_is_added_signs_in(far: CalDav, way: proxy.Proxy) -> None:
    far.check()
    assert [m for m, _ in way.seen] == ["PROPFIND"]
    way.always["*"] = says(401)
    with pytest.raises(Unauthorized):
        far.check()


def test_it_opens_without_the_network_once_it_was_there(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    account(way, tmp_path / "s", user=ana.user).close()
    way.seen.clear()
    again = account(way, tmp_path / "s", user=ana.user)
    assert again.operations
    assert way.seen == []
    way.always["*"] = says(503)
    with pytest.raises(Transient, match="answered 503"):
        pass_over(again)


def test_what_is_no_calendar_server_is_said(way: proxy.Proxy, tmp_path: Path) -> None:
    way.always["*"] = says(200, b"<html>Welcome</html>")
    with pytest.raises(SourceError, match="does not answer as a calendar server"):
        account(way, tmp_path / "s", user="ana")
    with pytest.raises(Misconfigured, match="begins with https://"):
        connect(source="cal", state=tmp_path / "t", place="/home/noor/calendar")
    with pytest.raises(Misconfigured, match="with encryption or not at all"):
        connect(source="cal", state=tmp_path / "t", place="http://cal.example.org/", user="a", password="b")
    with pytest.raises(Misconfigured, match="no user"):
        connect(source="cal", state=tmp_path / "t", place="https://cal.example.org/", password="b")


def test_signing_in(tmp_path: Path) -> None:
    """A real htpasswd: the right password, a wrong one, none, and one that is changed later."""
    (tmp_path / "server").mkdir()
    with radicale.server(tmp_path / "server", users={"noor": "right"}) as server:
        noor = radicale.Server(server.port, "noor", "right")
        fill(noor)
        cal = account(noor, tmp_path / "s", password="right")
        _, cursor = pass_over(cal)
        assert cursor.done == 3
        with pytest.raises(Unauthorized, match="refused the user name or password"):
            account(noor, tmp_path / "t", password="wrong")
        with pytest.raises(SourceError):
            account(noor, tmp_path / "u", user=" ", password="")
        (tmp_path / "server" / "users").write_text("noor:other\n")
        with pytest.raises(Unauthorized):
            pass_over(cal, cursor)


def test_a_calendar_that_may_only_be_read_is_only_read(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    ana.make("zoo", title="Animals")
    write = re.compile(rb"<privilege>\s*<(?:write|write-content|all|write-properties)\s*/>\s*</privilege>")
    way.always["PROPFIND"] = rewritten(lambda d: write.sub(b"", d))
    cal = account(way, tmp_path / "s", user=ana.user)
    assert cal.operations == ()
    found = items(cal)
    assert {i.label.trust for i in found.values()} == {"untrusted"}, "somebody else writes in it"
    assert len(found) == 3
    with pytest.raises(Unsupported, match="only read"):
        cal.perform(create(), key="k", now=create().start)


def test_what_lies_in_a_calendar_that_somebody_shares_is_a_strangers(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    """Whose a calendar is, the server says (DAV:owner, RFC 3744 5.1)."""
    mine = {i.label.trust for i in items(account(way, tmp_path / "own", user=ana.user)).values()}
    assert "user" in mine
    owner = re.compile(rb"(<owner>\s*<href>)[^<]*")
    way.always["PROPFIND"] = rewritten(lambda d: owner.sub(rb"\1/bo/", d))
    shared = account(way, tmp_path / "shared", user=ana.user)
    assert {i.label.trust for i in items(shared).values()} == {"untrusted"}


def test_a_pass_killed_in_the_middle_goes_on_at_the_last_page(
    ana: radicale.Server, way: proxy.Proxy, tmp_path: Path
) -> None:
    """kill -9 in a first sync: what its pages stored is not fetched again, and nothing is missing."""
    many(ana, 250)
    start = get_context("fork").Process(target=_killed, args=(way.url, ana.user, tmp_path))
    start.start()
    start.join(60)
    assert start.exitcode == -signal.SIGKILL
    with closing(Archive.open(tmp_path / "a.db")) as archive:
        assert archive.counts()["items"] == 100
        far = account(way, tmp_path / "s", user=ana.user)
        way.bodies.clear()
        assert sync(far, archive, now=lambda: NOW).error == ""
        fetched = sum(len(re.findall(rb"<D:href>", b)) for b in way.bodies if b"multiget" in b)
        assert fetched == 153
        assert archive.counts()["items"] == 253


def _killed(url: str, user: str, folder: Path) -> None:
    class At:
        url: str

    at = At()
    at.url = url
    archive = Archive.open(folder / "a.db")
    archive.register("cal", "caldav")
    cal = account(at, folder / "s", user=user)  # type: ignore[arg-type]
    sync(cal, archive, now=lambda: NOW, stored=lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_a_stranger_to_the_server_changes_nothing(cal: CalDav, dav_server: radicale.Server) -> None:
    """Another account's events are not ours."""
    other = dav_server.of(person())
    fill(other)
    other.put("work", "z", simple("theirs"))
    assert "theirs" not in items(cal)
    assert current(pass_over(cal)[0])


def test_series_and_whole_days_come_as_from_a_file(cal: CalDav) -> None:
    have = items(cal)
    assert have["standup@example.org"].data["recurring"]
    assert have["lunch@example.org"].data["all_day"]
    assert have["review@example.org"].folder == "Work"
    assert STANDUP.count("BEGIN:VEVENT") == have["standup@example.org"].data["ics"].count("BEGIN:VEVENT")


def test_only_a_complete_answer_removes(far: CalDav, way: proxy.Proxy, ana: radicale.Server) -> None:
    _, cursor = pass_over(far)
    ana.put("work", "n", simple("new"))
    way.always["REPORT"] = says(500)
    with pytest.raises(Transient):
        pass_over(far, cursor)
    way.always.clear()
    way.faults.append(("REPORT", rewritten(lambda d: d[: len(d) // 2])))
    changes, _ = pass_over(far, cursor)
    assert told(changes) == [("Item", "new")]
    assert not any(isinstance(c, Removed) for c in changes)


@pytest.mark.parametrize("syncs", [True, False], ids=["sync-collection", "ETags"])
@pytest.mark.parametrize("status", [b"500 Broken", b"503 Later", b"403 Not now"])
def test_an_event_of_which_a_listing_cannot_tell_is_not_gone(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, syncs: bool, status: bytes
) -> None:
    """It is asked for by itself then, and that is what counts."""
    _, cursor = pass_over(far)
    ana.put("work", "b", whole(REVIEW.replace("Room 2", "Room 3")))
    ana.take("work", "c")
    one = re.compile(rb"(<href>[^<]*/b\.ics</href>).*?(?=</response>)", re.S)
    cut = rewritten(lambda d: one.sub(rb"\1<status>HTTP/1.1 " + status + rb"</status>", d))
    forgotten = {n: ["", "", seen] for n, (_, _, seen) in json.loads(cursor.value).items()}
    since = Cursor(json.dumps(forgotten))
    if syncs:
        way.faults += [("REPORT", cut)]
    else:
        way.faults += [("PROPFIND", proxy.passed), ("PROPFIND", cut), ("REPORT", says(403))]
    changes, after = pass_over(far, since)
    assert told(changes) == [("Item", "review@example.org"), ("Removed", "lunch@example.org")]
    assert pass_over(far, after)[0] == []


EMPTY = b'<multistatus xmlns="DAV:"/>'


@pytest.mark.parametrize("which", ["home", "calendar"])
@pytest.mark.parametrize("answer", ["nothing", "cut off"])
def test_a_listing_that_is_not_whole_removes_nothing(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, which: str, answer: str
) -> None:
    """A server that tells nothing, or says that it does not tell all (507), has said nothing of the rest."""
    _, cursor = pass_over(far)
    ana.take("work", "c")
    path = f"/{ana.user}/" + ("work/" if which == "calendar" else "")
    whole_thing = f"<response><href>{path}</href><status>HTTP/1.1 507 No</status></response>".encode()
    said = EMPTY if answer == "nothing" else EMPTY.replace(b"/>", b">" + whole_thing + b"</multistatus>")
    forgotten = {n: ["", "", seen] for n, (_, _, seen) in json.loads(cursor.value).items()}
    way.faults += [("PROPFIND", proxy.passed)] * (which == "calendar")
    way.faults += [("PROPFIND", says(207, said)), ("REPORT", says(403))]
    with pytest.raises(Transient, match="did not tell all"):
        pass_over(far, Cursor(json.dumps(forgotten)))
    way.faults.clear()
    assert told(pass_over(far, cursor)[0]) == [("Removed", "lunch@example.org")]


def test_a_calendar_of_which_nothing_can_be_told_is_not_gone(far: CalDav, way: proxy.Proxy) -> None:
    _, cursor = pass_over(far)
    kind = re.compile(rb"(<href>[^<]*/work/</href>).*?(?=</response>)", re.S)
    broken = b"<propstat><prop><resourcetype/></prop><status>HTTP/1.1 500 Broken</status></propstat>"
    for instead in (b"<status>HTTP/1.1 503 Later</status>", broken):
        way.faults += [("PROPFIND", rewritten(lambda d, i=instead: kind.sub(rb"\1" + i, d)))]
        with pytest.raises(Transient, match="did not tell all"):
            pass_over(far, cursor)
    assert pass_over(far, cursor) == ([], cursor)


def test_what_came_and_went_around_a_pass_that_was_cut_off_does_not_stay(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the token from before, a server need tell nothing of what was made and taken away since."""
    monkeypatch.setattr("deskhand.connectors.caldav._PAGE", 1)
    _, cursor = pass_over(far)
    for name in ("m", "n", "o"):
        ana.put("work", name, simple(name))
    half: Cursor | None = None
    for change in far.changes(cursor):
        if isinstance(change, Cursor):
            half = change
            break
    assert half is not None
    assert half.value != cursor.value
    fetched = {c for known in json.loads(half.value).values() for c in known[2]} & {"m.ics", "n.ics", "o.ics"}
    for name in ("m", "n", "o"):
        ana.take("work", name)
    silent = re.compile(rb"<response>\s*<href>[^<]*/[mno]\.ics</href>.*?</response>", re.S)
    way.faults += [("REPORT", rewritten(lambda d: silent.sub(b"", d)))]
    changes, after = pass_over(far, half)
    assert [k for k, _ in told(changes)] == ["Removed"] * len(fetched)
    assert fetched
    assert pass_over(far, after)[0] == []
