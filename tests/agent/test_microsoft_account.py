"""An account at Microsoft in a home: its sign-in is another one each time, and kept where it was kept."""

from __future__ import annotations

import json
from pathlib import Path

from agent_givens import ENVIRONMENT
from contracts import NOW
from graph_givens import Microsoft, mail, token
from outlook_givens import filled

from deskhand.agent.app import App
from deskhand.agent.desk import overview
from deskhand.agent.sources import standing
from deskhand.config.paths import Home
from deskhand.config.vault import Secrets


def kept(home: Path) -> list[str]:
    """The refresh token that lies in the home's store."""
    held = json.loads(Secrets(ENVIRONMENT, home).store.get("MICROSOFT"))["cache"]["RefreshToken"]
    return [one["secret"] for one in held.values()]


def test_what_the_mailbox_says_of_its_person_is_gone_by_where_she_set_nothing(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home").prepare().root
    Secrets(ENVIRONMENT, home).store.put("MICROSOFT", token(microsoft), to="file")
    environ = {n: v for n, v in ENVIRONMENT.items() if n != "DESKHAND_PERSON__ZONE"}
    microsoft.ana.settings["automaticRepliesSetting"] |= {
        "status": "scheduled",
        "scheduledStartDateTime": {"dateTime": "2026-11-20T00:00:00.0000000", "timeZone": "UTC"},
        "scheduledEndDateTime": {"dateTime": "2026-11-30T08:00:00.0000000", "timeZone": "UTC"},
    }
    with App.open(home, now=NOW, environ=environ) as app:
        app.add("outlook", "ana@example.org", options={"token": "secret:MICROSOFT"})
        assert app.owner.zone == "UTC"
        app.sync(embed=0)
        assert (app.owner.zone, app.owner.locale) == ("Europe/Paris", "fr_FR")
        assert app.owner.hours == (((510, 1020),),) * 5 + ((), ())
        suggested = overview.whole(app)["suggested"]
        assert {(s["source"], s["used"]) for s in suggested} == {("mail", True)}
        assert {s["name"]: s["value"] for s in suggested} == {
            "zone": "Europe/Paris", "hours": "Mon-Fri 08:30-17:00", "locale": "fr_FR",
        }  # fmt: skip
        (source,) = standing.sources(app)
        assert source["away"] == "Automatic replies are on until Mon 30 Nov, 09:00."
        for wish, told in (("what is on today", True), ("digest", True), ("what is on 2 December", False)):
            assert ("replies are on until Mon 30 Nov" in " ".join(app.ask(wish).answer.split())) == told, wish
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:  # she says where she is herself
        assert app.owner.zone == "Europe/Lisbon"
        assert [s["used"] for s in overview.whole(app)["suggested"]] == [False, True, True]


def test_a_mailbox_whose_clock_nobody_knows_says_so(microsoft: Microsoft, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").prepare().root
    Secrets(ENVIRONMENT, home).store.put("MICROSOFT", token(microsoft), to="file")
    microsoft.ana.settings["timeZone"] = "Customized Time Zone"
    microsoft.ana.settings["workingHours"]["timeZone"] = {"name": "Customized Time Zone"}
    environ = {n: v for n, v in ENVIRONMENT.items() if n != "DESKHAND_PERSON__ZONE"}
    with App.open(home, now=NOW, environ=environ) as app:
        app.add("outlook", "ana@example.org", options={"token": "secret:MICROSOFT"})
        app.sync(embed=0)
        (source,) = standing.sources(app)
        assert source["clock"].startswith("Its time zone (Customized Time Zone) has no name elsewhere")
        assert {s["name"] for s in overview.whole(app)["suggested"]} == {"locale"}
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:  # she said it herself
        assert [s["clock"] for s in standing.sources(app)] == [""]


def test_without_leave_for_the_settings_mail_is_read_all_the_same(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    """So a sign-in from before they were asked for goes on working."""
    filled(microsoft)
    home = Home(tmp_path / "home").prepare().root
    narrow = token(microsoft, allowed=("Mail.Read", "User.Read"))
    Secrets(ENVIRONMENT, home).store.put("MICROSOFT", narrow, to="file")
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        app.add("outlook", "ana@example.org", options={"token": "secret:MICROSOFT"})
        assert [(p.error, p.tally.added) for p in app.sync(embed=0).passes] == [("", 4)]
        assert overview.whole(app)["suggested"] == []


def test_mail_is_read_answered_and_read_again(microsoft: Microsoft, tmp_path: Path) -> None:
    """The fake takes a refresh token once: whoever came with an old one would be sent away."""
    filled(microsoft)
    home = Home(tmp_path / "home").prepare().root
    Secrets(ENVIRONMENT, home).store.put("MICROSOFT", token(microsoft), to="file")
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        options = {"token": "secret:MICROSOFT", "write": "yes"}
        assert app.add("outlook", "ana@example.org", options=options) == "mail"
        assert [(p.error, p.tally.added) for p in app.sync(embed=0).passes] == [("", 4)]
    microsoft.world.arrives("ana", mail("Boat", "The boat is at six."))
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        assert [(p.error, p.tally.added) for p in app.sync(embed=0).passes] == [("", 1)]
        asked = app.ask("reply to the last mail from bo@example.org: thanks, that works")
        assert asked.status == "waiting", asked
        for approval in app.approvals():
            app.decide(approval.id)
    ((who, to, data),) = microsoft.world.posted
    assert (who, to) == ("ana", ["bo@example.org"])
    assert b"thanks, that works" in data.lower()
    assert b"In-Reply-To: <boat@example.org>" in data
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        assert app.ask("forward the mail about Notes to cy@example.org: have a look").status == "waiting"
        (approval,) = app.approvals()
        (shown,) = (a.value for a in approval.shown if a.name == "forwards")
        assert "“Notes”" in shown
        app.decide(approval.id)
    assert microsoft.world.posted[1][1] == ["cy@example.org"]
    assert b"have a look" in microsoft.world.posted[1][2].lower()
    marks = {m.message_id: m.shown for m in microsoft.ana.mail.values() if m.shown}
    assert marks == {"<boat@example.org>": "answered", "<notes@example.org>": "forwarded"}
    assert kept(home) == list(microsoft.world.refresh_tokens)
