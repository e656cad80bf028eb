"""Standing permissions: what is weighed, and that what differs in anything bound is asked about as ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, NOW, STRANGER
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.model import Permission
from deskhand.agent.trust.permissions import GRANTABLE, Asked, bound, derived, free, sentence, unfit
from deskhand.agent.trust.policy import Facts, effective, judge
from deskhand.connectors.model import ItemRef, Label
from deskhand.connectors.operations import OPERATIONS, Enclosure, EventCreate, Mailbox, MailSend, Operation

CARLA = "carla@example.org"
KNOWN = frozenset({ME, ANN, BO, CARLA})
START = NOW + timedelta(days=1)


def booking(**args: Any) -> EventCreate:
    made = {
        "source": "calendar", "title": "Review", "start": START, "end": START + timedelta(hours=1),
        "zone": "Europe/Lisbon", "attendees": (Mailbox(address=ANN), Mailbox(address=BO)),
    }  # fmt: skip
    return EventCreate.model_validate(made | args)


def letter(**args: Any) -> MailSend:
    made = {"source": "mail", "to": (Mailbox(address=ANN),), "subject": "Hours", "body": "Eight."}
    return MailSend.model_validate(made | args)


def ask(op: Operation, **changed: Any) -> Asked:
    labels = dict.fromkeys(type(op).model_fields, Label("user", (), None)) | changed.pop("labels", {})
    made = Asked(
        op, labels, op.name, "v1", "r1", "", "book it", known=KNOWN, mine=frozenset({ME}),
        by_model=False,
    )  # fmt: skip
    return replace(made, **changed)


def granted(asked: Asked, **how: Any) -> Permission:
    return derived(asked, id_="p1", approval="a1", now=NOW, **how)


def why(permission: Permission, asked: Asked, *, used: int = 0, now: datetime = NOW) -> str:
    return unfit(permission, asked, used_today=used, now=now)


RULES = effective({})

BOTH = pytest.mark.parametrize("op", [booking(), letter()], ids=lambda o: o.name)


class TestWhatIsCovered:
    @BOTH
    def test_the_like_of_what_it_was_granted_on(self, op: Operation) -> None:
        assert why(granted(ask(op)), ask(op)) == ""

    def test_other_words_and_another_time(self) -> None:
        later = booking(
            title="Other", start=START + timedelta(days=7), end=START + timedelta(days=7, hours=2)
        )
        assert why(granted(ask(booking())), ask(later)) == ""
        assert why(granted(ask(letter())), ask(letter(subject="Other", body="Nine."))) == ""

    def test_fewer_people_but_not_nobody(self) -> None:
        permission = granted(ask(booking()))
        assert why(permission, ask(booking(attendees=(Mailbox(address=ANN.upper()),)))) == ""
        assert "somebody else" in why(permission, ask(booking(attendees=())))

    def test_a_group_as_it_was(self) -> None:
        team = frozenset({ANN, BO, CARLA, ME})
        permission = granted(ask(booking()), group="team", members=team)
        assert permission.people == tuple(sorted({ANN, BO, CARLA}))
        assert why(permission, ask(booking(attendees=(Mailbox(address=CARLA),)))) == ""
        assert "your group team, as it was then" in sentence(permission)

    def test_for_as_long_and_as_often_as_it_says(self) -> None:
        permission = granted(ask(booking()), until=NOW + timedelta(days=2), per_day=2)
        last = NOW + timedelta(days=2, microseconds=-1)
        assert why(permission, ask(booking()), used=1, now=last) == ""
        assert "over" in why(permission, ask(booking()), now=NOW + timedelta(days=2))
        assert "as often as it may be" in why(permission, ask(booking()), used=2)
        assert "revoked" in why(permission.model_copy(update={"revoked": NOW}), ask(booking()))

    @BOTH
    @pytest.mark.parametrize(
        "other", [{"rule": "another row"}, {"policy": "v2"}], ids=lambda o: next(iter(o))
    )
    def test_not_where_it_is_asked_about_for_another_reason(
        self, op: Operation, other: dict[str, str]
    ) -> None:
        assert "another reason" in why(granted(ask(op)), ask(op, **other))

    def test_ninety_days_where_nothing_is_said(self) -> None:
        assert granted(ask(booking())).until == NOW + timedelta(days=90)


DIFFERENT: Mapping[str, tuple[Operation, Operation]] = {
    "somebody else": (booking(), booking(attendees=(Mailbox(address=ANN), Mailbox(address=CARLA)))),
    "a room": (booking(), booking(rooms=(Mailbox(address="loft@example.org"),))),
    "another calendar": (booking(), booking(calendar="work")),
    "another source": (booking(), booking(source="other")),
    "again and again": (booking(), booking(rrule="FREQ=WEEKLY")),
    "another rule": (booking(rrule="FREQ=WEEKLY"), booking(rrule="FREQ=DAILY")),
    "tentative": (booking(), booking(status="tentative")),
    "all day": (booking(), booking(all_day=True)),
    "another zone": (booking(), booking(zone="Asia/Tokyo")),
    "in copy": (letter(), letter(cc=(Mailbox(address=BO),))),
    "hidden": (letter(), letter(bcc=(Mailbox(address=ANN),))),
    "a reply": (letter(), letter(answers="mail:message:1")),
    "a mail passed on": (letter(), letter(forwards="mail:message:1")),
    "an invitation": (letter(), letter(calendar="BEGIN:VCALENDAR")),
    "an attachment": (letter(), letter(attachments=("mail:attachment:1",))),
    "another operation": (letter(), booking(attendees=(Mailbox(address=ANN),))),
}


class TestNarrow:
    @pytest.mark.parametrize("name", DIFFERENT)
    def test_what_differs_is_asked(self, name: str) -> None:
        was, now = DIFFERENT[name]
        assert why(granted(ask(was)), ask(now)) != ""

    @pytest.mark.parametrize(
        "changed",
        [
            {"rule": "event.create clash"},
            {"rule": "event.create attendees"},
            {"policy": "next"},
            {"schedule": "digest"},
            {"run": "answer-1"},
            {"by_model": True},
        ],
        ids=lambda c: next(iter(c)),
    )
    def test_how_it_came_about_is_bound(self, changed: dict[str, Any]) -> None:
        assert why(granted(ask(booking())), ask(booking(), **changed)) != ""

    def test_of_a_schedule_only_that_schedule_with_those_words(self) -> None:
        mine = {"schedule": "friday", "request": "book the review"}
        permission = granted(ask(booking(), **mine))
        assert why(permission, ask(booking(), **mine)) == ""
        for other in ({"schedule": ""}, {"schedule": "monday"}, {"request": "book something else"}):
            assert why(permission, ask(booking(), **(mine | other))) != ""
        assert "schedule “friday” as it is worded now" in sentence(permission)

    @pytest.mark.parametrize("name", ["title", "start", "attendees", "location", "zone"])
    def test_nothing_that_a_stranger_wrote(self, name: str) -> None:
        foreign = {name: Label("untrusted", ("mail:message:1",), ())}
        asked = ask(booking(location="Loft"), labels=foreign)
        assert why(granted(ask(booking(location="Loft"))), asked) != ""
        with pytest.raises(ValueError, match=f"somebody else wrote its {name}"):
            granted(asked)

    @pytest.mark.parametrize("name", ["subject", "body"])
    def test_no_words_of_a_source_in_a_mail(self, name: str) -> None:
        own = {name: Label("metadata", ("calendar:event:1",), None)}
        assert why(granted(ask(letter())), ask(letter(), labels=own)) == f"its {name} comes from a source"

    def test_a_missing_label_is_a_strangers(self) -> None:
        asked = ask(booking())
        bare = replace(asked, labels={n: x for n, x in asked.labels.items() if n != "title"})
        assert why(granted(asked), bare) != ""

    def test_what_cannot_be_taken_back_reaches_nobody_unknown(self) -> None:
        stranger = letter(to=(Mailbox(address=STRANGER),))
        with pytest.raises(ValueError, match="do not know yet"):
            granted(ask(stranger))
        with pytest.raises(ValueError, match="never wrote to mallory"):
            granted(ask(letter()), group="all", members=frozenset({ANN, STRANGER}))
        assert why(granted(ask(letter())), ask(letter(), known=frozenset({ME}))) != ""

    @pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - {"event.create", "mail.send"}))
    def test_no_other_operation_can_be_allowed_for_always(self, name: str) -> None:
        op = OPERATIONS[name].model_construct(source="s")
        with pytest.raises(ValueError, match="is asked each time"):
            granted(ask(op))

    @pytest.mark.parametrize(
        "op",
        [
            letter(attachments=("mail:attachment:1",)),
            letter(
                attachments=(
                    Enclosure(ref=ItemRef.parse("documents:document:a.md"), version="1", name="a.md"),
                )
            ),
            letter(answers="mail:message:1"),
            letter(forwards="mail:message:1"),
            letter(bcc=(Mailbox(address=BO),)),
            booking(status="tentative", hold_until=NOW + timedelta(days=1)),
        ],
        ids=lambda o: o.name,
    )
    def test_some_cards_cannot(self, op: Operation) -> None:
        with pytest.raises(ValueError, match="a1 cannot be allowed for always: it has"):
            granted(ask(op))

    @pytest.mark.parametrize("days", [0, -1, 367])
    def test_it_is_dated(self, days: int) -> None:
        with pytest.raises(ValueError, match="ends within a year, and not in the past"):
            granted(ask(booking()), until=NOW + timedelta(days=days))

    @pytest.mark.parametrize("often", [0, 51])
    def test_it_is_counted(self, often: int) -> None:
        with pytest.raises(ValueError, match="1 to 50 times a day"):
            granted(ask(booking()), per_day=often)

    def test_who_is_not_of_the_group_is_told(self) -> None:
        with pytest.raises(ValueError, match=f"{BO} does not belong to team"):
            granted(ask(booking()), group="team", members=frozenset({ANN}))

    @BOTH
    def test_every_argument_is_either_free_or_bound(self, op: Operation) -> None:
        """An argument that an operation gets one day is bound, until somebody says otherwise."""
        assert free(op.name) | bound(op.name) == set(type(op).model_fields)
        assert not (free(op.name) & bound(op.name))
        # One that came later is bound where it is given: a permission that does not know it covers nothing.
        assert set(granted(ask(op)).equal) == bound(op.name) - op.later


def test_what_may_be_granted_is_what_a_row_asks_about() -> None:
    rows = {row.id: row for row in RULES.rows}
    for id_, operation in GRANTABLE.items():
        assert rows[id_].then == "ask"
        assert rows[id_].operations == (operation,)


ADDRESSES = st.sampled_from([ANN, BO, CARLA, STRANGER])
BOXES = st.lists(ADDRESSES, min_size=1, max_size=3, unique=True).map(
    lambda found: tuple(Mailbox(address=a) for a in found)
)
BOOKINGS = st.builds(
    booking,
    title=st.text(max_size=8), source=st.sampled_from(["calendar", "other"]), attendees=BOXES,
    rooms=st.sampled_from([(), (Mailbox(address=CARLA),)]), calendar=st.sampled_from(["", "work"]),
    rrule=st.sampled_from(["", "FREQ=WEEKLY", "FREQ=DAILY"]), all_day=st.booleans(),
    status=st.sampled_from(["confirmed", "tentative"]), zone=st.sampled_from(["Europe/Lisbon", "UTC"]),
)  # fmt: skip
TRUSTS = st.sampled_from(["user", "assistant", "metadata", "contact", "untrusted"])
ASKED = st.builds(
    lambda op, of, trust, schedule, request: ask(
        op, labels={of: Label(trust, (), None)}, schedule=schedule, request=request
    ),
    BOOKINGS, st.sampled_from(sorted(EventCreate.model_fields)), TRUSTS, st.sampled_from(["", "friday"]),
    st.sampled_from(["one", "two"]),
)  # fmt: skip


@given(ASKED, ASKED)
def test_it_never_allows_what_differs_from_the_grant_in_anything_bound(was: Asked, now: Asked) -> None:
    try:
        permission = granted(was)
    except ValueError:
        return
    if why(permission, now):
        return
    before, after = was.op.arguments(), now.op.arguments()
    assert {n: after[n] for n in bound("event.create")} == {n: before[n] for n in bound("event.create")}
    assert after["source"] == before["source"]
    reached = {m["address"] for n in ("attendees", "rooms") for m in after[n]}
    assert reached <= {m["address"] for n in ("attendees", "rooms") for m in before[n]}
    assert now.schedule == was.schedule
    assert not was.schedule or now.request == was.request
    written = {n for n in after if getattr(now.op, n) and now.labels[n].trust == "untrusted"}
    assert not written


@given(ASKED)
def test_what_the_policy_denies_or_allows_is_no_matter_of_permissions(asked: Asked) -> None:
    """Only a rule that asks can be answered by one; there is none for any other."""
    facts = Facts(mine=frozenset({ME}), contacts=KNOWN)
    verdict = judge(asked.op, asked.labels, facts, RULES)
    try:
        granted(replace(asked, rule=verdict.rule))
    except ValueError:
        return
    assert verdict.outcome == "ask"
