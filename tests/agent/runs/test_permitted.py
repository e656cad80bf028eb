"""Standing permissions in runs: granted with a yes, used, counted once, void as soon as they do not hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, NOW, STRANGER, House, box, event, mail, plan, step
from crashing import connect, copied, killed, ready

from deskhand.agent.errors import Refusal
from deskhand.agent.model import Run
from deskhand.connectors.errors import Transient


def booking(hour: int = 10, **args: Any) -> Any:
    return event(hour=hour, **({"attendees": [box(ANN)]} | args))


@pytest.fixture
def allowed(house: House) -> House:
    """A house where meetings with Ann are always allowed."""
    house.know(ANN, BO)
    house.do(booking(hour=8))
    assert house.app.decide("a1", always=True).status == "done"
    house.memory.performed.clear()
    return house


def events(house: House, run: Run, type_: str) -> list[dict[str, Any]]:
    return [e.data for e in house.room.records.events(run.id) if e.type == type_]


class TestUsed:
    def test_the_like_of_it_is_done_unasked_and_told(self, allowed: House) -> None:
        run = allowed.do(booking(hour=11, title="Next"))
        assert (run.status, run.approvals, allowed.performed()) == ("done", (), ["event.create"])
        assert "(allowed by your permission p1)" in run.answer
        (told,) = events(allowed, run, "permitted")
        assert (told["permission"], told["effect"]) == ("p1", run.effects[0].key)
        assert "nobody is asked to but ann@example.org" in told["said"]
        (uses,) = allowed.room.records.uses().values()
        assert (uses.count, uses.run, uses.last) == (1, run.id, NOW)

    @pytest.mark.parametrize(
        "other",
        [
            booking(11, attendees=[box(ANN), box(BO)]),
            booking(11, attendees=[box(STRANGER)]),
            booking(11, rrule="FREQ=WEEKLY"),
            booking(11).model_copy(update={"origins": {"title": "untrusted"}}),
            booking(11).model_copy(update={"origins": {"attendees": "untrusted"}}),
            mail(to=ANN),
        ],
        ids=["more people", "another", "repeating", "foreign title", "foreign attendee", "a mail"],
    )
    def test_anything_else_is_asked(self, allowed: House, other: Any) -> None:
        run = allowed.do(other)
        assert (run.status, allowed.performed()) == ("waiting", [])

    def test_it_does_not_lift_a_refusal(self, allowed: House) -> None:
        many = [box(f"p{n}@example.net") for n in range(30)]
        run = allowed.do(booking(11, attendees=many))
        assert (run.status, allowed.performed()) == ("failed", [])

    def test_where_something_takes_the_time_it_is_asked_or_left(self, allowed: House) -> None:
        allowed.meeting("there", start=NOW + timedelta(days=1, hours=3))
        allowed.sync()
        run = allowed.do(booking(11))
        assert run.status != "done"
        assert allowed.performed() == []

    def test_a_clock_that_was_put_back_gives_nothing(self, allowed: House) -> None:
        """Neither before it was granted, nor a day anew: what was used later counts."""
        allowed.moment -= timedelta(days=1)
        assert allowed.do(booking(11)).status == "waiting"
        allowed.moment += timedelta(days=2)
        for hour in range(11, 16):
            assert allowed.do(booking(hour)).status == "done"
        allowed.moment -= timedelta(days=1)
        assert allowed.do(booking(16)).status == "waiting"

    def test_as_often_a_day_as_it_says(self, house: House) -> None:
        house.know(ANN)
        house.do(booking(7))
        house.app.decide("a1", always={"per_day": 2})
        house.memory.performed.clear()
        several = [booking(n).model_copy(update={"id": f"e{n}"}) for n in (9, 11, 13)]
        run = house.do(*several)
        assert (run.status, house.performed()) == ("waiting", ["event.create"] * 2)
        assert [a.step for a in run.approvals] == ["e13"]
        house.moment += timedelta(days=1)
        day = {
            "start": (NOW + timedelta(days=3)).isoformat(),
            "end": (NOW + timedelta(days=3, hours=1)).isoformat(),
        }
        assert house.do(booking(**day)).status == "done"

    def test_of_a_schedule_only_in_its_runs(self, house: House) -> None:
        house.know(ANN)
        plans = {n: event(hour=8 + n, attendees=[box(ANN)]) for n in range(3)}
        house.plans["weekly"] = plan(plans[0], request="weekly")
        begun = house.room.ask("weekly", schedule="friday")
        house.room.wait(begun)
        house.app.decide("a1", always=True)
        (permission,) = house.app.permissions()
        assert (permission.schedule, permission.words) == ("friday", "weekly")
        house.plans["weekly"] = plan(plans[1], request="weekly")
        again = house.room.wait(house.room.ask("weekly", schedule="friday"))
        assert (again.status, again.approvals) == ("done", ())
        assert house.do(plans[2]).status == "waiting", "asked by the person, it is another thing"

    def test_what_follows_from_a_mail_is_asked(self, allowed: House) -> None:
        made = plan(booking(11))
        run, _ = allowed.room.records.new_run("x", now=NOW, id_="answer-1", plan=made)
        allowed.room.submit(run)
        assert allowed.room.wait(run).status == "waiting"


class TestVoid:
    def test_revoked(self, allowed: House) -> None:
        allowed.app.revoke("p1")
        assert allowed.do(booking(11)).status == "waiting"
        with pytest.raises(Refusal, match="p1 is revoked already"):
            allowed.app.revoke("p1")
        with pytest.raises(Refusal, match="p9 is none of your permissions"):
            allowed.app.revoke("p9")

    def test_revoked_after_it_failed_for_certain(
        self, allowed: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing was begun, so nothing has to be seen to its end: to try again is asked about."""
        perform = allowed.memory.perform

        def out_of_reach(*_: Any, **__: Any) -> Any:
            raise Transient("The calendar is out of reach.")

        monkeypatch.setattr(allowed.memory, "perform", out_of_reach)
        monkeypatch.setattr("deskhand.agent.runs.attempts.pause", lambda *_: 0.0)
        run = allowed.do(booking(11).model_copy(update={"on_failure": "ask"}))
        (failure,) = run.approvals
        assert (failure.kind, run.effects[0].state) == ("failure", "failed")
        monkeypatch.setattr(allowed.memory, "perform", perform)
        allowed.app.revoke("p1")
        again = allowed.app.decide(failure.id, "edit", changes={"then": "try again"})
        assert (again.status, allowed.performed()) == ("waiting", [])
        assert [a.kind for a in again.approvals if a.state == "pending"] == ["write"]

    def test_over(self, allowed: House) -> None:
        allowed.moment += timedelta(days=90)
        at = {
            "start": (NOW + timedelta(days=95)).isoformat(),
            "end": (NOW + timedelta(days=95, hours=1)).isoformat(),
        }
        assert allowed.do(booking(**at)).status == "waiting"

    def test_under_other_rules_about_it(self, allowed: House) -> None:
        def rows(text: str) -> None:
            (allowed.root / "config.toml").write_text(text)
            allowed.app.reload()

        rows('[policy.rows."file.trash"]\nthen = "ask"\n')
        assert allowed.do(booking(11)).status == "done", "rules about something else are no matter"
        rows('[policy.rows."event.create budget"]\nnew_attendees = 3\n')
        assert allowed.do(booking(13)).status == "waiting"

    @pytest.mark.parametrize("how", ["revoked", "over"])
    def test_between_the_weighing_and_the_ledger(
        self, allowed: House, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        """It held when it was weighed, and holds no more the moment before the call: it is asked."""
        from deskhand.agent.runs.deeds import Deeds

        real = Deeds._has_room

        def late(self: Deeds, *args: Any) -> bool:
            if how == "revoked" and not any(p.revoked for p in allowed.app.permissions()):
                allowed.app.revoke("p1")
            elif how == "over":
                allowed.moment = NOW + timedelta(days=90)
            return real(self, *args)

        monkeypatch.setattr(Deeds, "_has_room", late)
        at = {
            "start": (NOW + timedelta(days=95)).isoformat(),
            "end": (NOW + timedelta(days=95, hours=1)).isoformat(),
        }
        run = allowed.do(booking(**at))
        assert (run.status, allowed.performed()) == ("waiting", [])
        assert allowed.room.records.uses() == {}


class TestHeldBack:
    """Mail that a permission covers is held like any other; it is looked at again when it is due."""

    def letters(self, house: House) -> Run:
        house.know(ANN)
        house.do(mail(to=ANN))
        house.app.decide("a1", always=True, held=False)
        house.moment += timedelta(minutes=1)
        house.app.resume()
        house.room.wait("r1", held=False)
        house.memory.performed.clear()
        house.plans["test"] = plan(mail(to=ANN, subject="Next"))
        return house.app.ask("test", fresh=False, held=False)

    @pytest.mark.parametrize("revoked", [False, True])
    def test_it_goes_out_when_it_is_due_or_is_asked_about(self, tmp_path: Path, revoked: bool) -> None:
        with House(tmp_path / "home", environ={"DESKHAND_SENDING__HOLD": "30s"}) as house:
            run = self.letters(house)
            assert (run.status, run.approvals, house.performed()) == ("held", (), [])
            if revoked:
                house.app.revoke("p1")
            house.moment += timedelta(seconds=31)
            house.room.submit(run.id)
            ended = house.room.wait(run.id, held=False)
            if revoked:
                assert (ended.status, house.performed()) == ("waiting", []), ended.answer
            else:
                assert (ended.status, house.performed()) == ("done", ["mail.send"]), ended.answer
                assert "(allowed by your permission p1)" in ended.answer
                assert house.room.records.uses()["p1"].count == 1

    @pytest.fixture
    def one_a_day(self, tmp_path: Path) -> Iterator[House]:
        """One mail a day to Ann is allowed, and none was sent today; mail is held."""
        with House(tmp_path / "home", environ={"DESKHAND_SENDING__HOLD": "30s"}) as house:
            house.know(ANN)
            self.ask(house, mail(to=ANN))
            house.app.decide("a1", always={"per_day": 1}, held=False)
            house.moment += timedelta(minutes=1)
            self.later(house, "r1")
            house.moment += timedelta(days=1)
            house.memory.performed.clear()
            yield house

    def ask(self, house: House, *steps: Any) -> Run:
        house.plans["test"] = plan(*steps)
        return house.app.ask("test", fresh=False, held=False)

    def later(self, house: House, run: str) -> Run:
        house.moment += timedelta(seconds=31)
        house.room.submit(run)
        return house.room.wait(run, held=False)

    def test_what_is_held_counts_for_the_day(self, one_a_day: House) -> None:
        first = self.ask(one_a_day, mail(to=ANN, subject="One"))
        second = self.ask(one_a_day, mail(to=ANN, subject="Two"))
        assert (first.status, second.status) == ("held", "waiting")
        assert self.later(one_a_day, first.id).status == "done"
        assert one_a_day.room.records.uses()["p1"].count == 1
        assert len(events(one_a_day, first, "permitted")) == 1
        assert one_a_day.performed() == ["mail.send"]
        third = self.ask(one_a_day, mail(to=ANN, subject="Three"))
        assert third.status == "waiting"

    def test_two_of_one_run_at_once_are_one_and_a_question(self, one_a_day: House) -> None:
        run = self.ask(one_a_day, mail("a", ANN, subject="One"), mail("b", ANN, subject="Two"))
        assert [e.state for e in run.effects] == ["held"]
        assert [a.state for a in run.approvals] == ["pending"]

    @pytest.mark.parametrize("how", ["undo", "cancel"])
    def test_what_was_taken_back_while_it_was_held_does_not_count(self, one_a_day: House, how: str) -> None:
        first = self.ask(one_a_day, mail(to=ANN, subject="One"))
        (one_a_day.app.undo if how == "undo" else one_a_day.app.cancel)(first.id)
        assert one_a_day.room.records.uses() == {}
        assert self.ask(one_a_day, mail(to=ANN, subject="Two")).status == "held"

    def test_it_counts_for_the_day_on_which_it_goes_out(self, one_a_day: House) -> None:
        first = self.ask(one_a_day, mail(to=ANN, subject="One"))
        one_a_day.moment += timedelta(hours=23)
        assert self.later(one_a_day, first.id).status == "done"
        assert self.ask(one_a_day, mail(to=ANN, subject="Two")).status == "waiting"


class TestGranting:
    def test_what_may_not_be_granted_leaves_the_question_as_it_was(self, house: House) -> None:
        house.do(mail(to=STRANGER))
        with pytest.raises(Refusal, match="a1 cannot be allowed for always: it cannot be taken back"):
            house.app.decide("a1", always=True)
        assert house.app.approvals()[0].state == "pending"
        assert (house.performed(), house.app.permissions()) == ([], [])

    def test_a_no_grants_nothing(self, house: House) -> None:
        house.do(booking())
        with pytest.raises(Refusal, match="granted with a yes"):
            house.app.decide("a1", "reject", always=True)
        assert house.app.permissions() == []

    def test_a_question_about_a_failure_is_asked_each_time(self, house: House) -> None:
        there = step("there", "file.create", source="memory", path="a.md", text="one")
        house.do(there)
        house.do(there.model_copy(update={"on_failure": "ask"}))
        (asked,) = house.app.approvals()
        assert asked.kind == "failure"
        with pytest.raises(Refusal, match="asked each time"):
            house.app.decide(asked.id, always=True)

    def test_a_question_of_an_earlier_deskhand_can_be_answered_but_for_once(self, house: House) -> None:
        """It did not keep by which rule it asked, so nobody knows what would be allowed for always."""
        house.know(ANN)
        house.do(booking())
        (asked,) = house.app.approvals()
        house.room.records.put_approval(asked.model_copy(update={"rule": ""}))
        with pytest.raises(
            Refusal, match=r"a1 was asked by an earlier Deskhand.*deskhand approve a1, and add"
        ):
            house.app.decide("a1", always=True)
        assert (house.performed(), house.app.permissions()) == ([], [])
        assert house.app.decide("a1").status == "done"
        house.do(booking(hour=12))
        assert house.app.decide("a2", always=True).status == "done"
        assert len(house.app.permissions()) == 1

    def test_a_card_with_a_clash_is_for_once(self, house: House) -> None:
        house.know(ANN)
        house.meeting("there", start=NOW + timedelta(days=8, hours=2))
        house.sync()
        run = house.do(booking(10, rrule="FREQ=WEEKLY;COUNT=3", attendees=[]))
        with pytest.raises(Refusal, match="asked each time"):
            house.app.decide(run.approvals[0].id, always=True)

    def test_for_a_group_of_the_settings(self, tmp_path: Path) -> None:
        root = tmp_path / "home"
        root.mkdir(mode=0o700)
        (root / "config.toml").write_text(f'[groups]\nteam = ["{ANN}", "{BO}", "{ME}"]\n')
        with House(root) as house:
            house.know(ANN, BO)
            house.do(booking(8))
            with pytest.raises(Refusal, match=r"no group 'crew'.*There are: team"):
                house.app.decide("a1", always={"to": "crew"})
            house.app.decide("a1", always={"to": "team", "until": "2027-01-31"})
            (permission,) = house.app.permissions()
            assert permission.people == (ANN, BO)
            assert permission.until.isoformat() == "2027-02-01T00:00:00+00:00"
            assert house.do(booking(11, attendees=[box(BO)])).status == "done"
            assert house.do(booking(13, attendees=[box(STRANGER)])).status == "waiting"

    def test_it_survives_a_restart(self, allowed: House) -> None:
        allowed.reopen()
        assert allowed.do(booking(11)).status == "done"


@pytest.mark.crash
@pytest.mark.parametrize(
    "point", ["before the ledger row", "after the row, before the call", "after the source accepted"]
)
@pytest.mark.parametrize("revoked", [False, True])
def test_cut_off_it_is_counted_once(tmp_path: Path, point: str, revoked: bool) -> None:
    """Killed around the call: one event at the source, one use; what was begun is seen to its end."""
    root = copied(ready(tmp_path / "made"), tmp_path / "root")
    with connect(root) as app:
        app.ask("event", fresh=False)
        app.decide("a1", always=True)
        (event_,) = (root / "calendar").rglob("*.ics")
        before = event_.read_text("utf-8").count("BEGIN:VEVENT")
    assert killed(root, "event, again", point)
    with connect(root) as app:
        if revoked:
            app.revoke("p1")
        for run in app.resume():
            app.runs_room.wait(run)
        run = app.runs()[0]
        begun = point != "before the ledger row"
        if revoked and not begun:
            assert run.status == "waiting"
            assert app.runs_room.records.uses() == {}
            return
        assert run.status == "done", run.answer
        assert app.runs_room.records.uses()["p1"].count == 1
        texts = "".join(p.read_text("utf-8") for p in (root / "calendar").rglob("*.ics"))
        assert texts.count("BEGIN:VEVENT") == before + 1
