"""An approval signs bytes: what it binds, when it stops counting, and what the card shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, NOW, STRANGER, House, box, event, mail, step

from deskhand.agent.errors import Refusal
from deskhand.agent.model import Approval, Decision, Run
from deskhand.agent.plans.language import Ref
from deskhand.agent.trust.approvals import Refused, Stale, card, decide, outdated, payload, sign
from deskhand.agent.trust.policy import Facts, Policy, Verdict, effective
from deskhand.agent.wording.unseen import visible
from deskhand.config.policy import Setting
from deskhand.connectors.model import Label
from deskhand.connectors.operations import Mailbox, MailSend

FACTS = Facts(mine=frozenset({ME}), contacts=frozenset({ANN}))
RULES = effective({})
YES, NO = Decision(verdict="approve"), Decision(verdict="reject", reason="later")


def asked(labels: dict[str, Label] | None = None, **args: Any) -> Approval:
    op = MailSend(**({"source": "s", "to": (Mailbox(address=BO),), "subject": "Hi", "body": "Hello"} | args))
    given = {n: Label("user", (), None) for n in op.arguments()} | (labels or {})
    return card(
        op, given, Verdict("ask", "mail.send", "mail cannot be taken back", RULES.version("mail.send")),
        id_="a1", run="r1", step="s1", zone="UTC", now=NOW, expires=NOW + timedelta(days=7),
    )  # fmt: skip


def said(
    approval: Approval, decision: Decision, later: timedelta = timedelta(), rules: Policy = RULES
) -> Approval:
    return decide(approval, decision, facts=FACTS, policy=rules, zone="UTC", now=NOW + later)


def edit(**changes: Any) -> Decision:
    return Decision(verdict="edit", changes=changes)


class TestSigning:
    def test_a_yes_covers_exactly_what_was_shown(self) -> None:
        op = payload(said(asked(), YES), run="r1", step="s1")
        assert op.arguments() == asked().arguments

    @pytest.mark.parametrize(
        "changed",
        [
            {"run": "r2"},
            {"step": "s2"},
            {"operation": "mail.draft"},
            {"arguments": asked().arguments | {"body": "Send money"}},
            {"origins": {}},
            {"expires": NOW + timedelta(days=8)},
            {"policy": "other"},
        ],
        ids=lambda c: next(iter(c)),
    )
    def test_every_part_is_bound(self, changed: dict[str, Any]) -> None:
        of = said(asked(), YES).model_copy(update=changed)
        with pytest.raises(Refused, match="does not cover"):
            payload(of, run=of.run, step=of.step)
        with pytest.raises(Stale, match="not what was asked"):
            said(asked().model_copy(update=changed), YES)

    def test_another_policy_is_another_question(self) -> None:
        pending = asked()
        stricter = effective({"mail.send recipients": Setting("deny")})
        with pytest.raises(Stale, match="The rules changed since a1 was asked"):
            said(pending, YES, rules=stricter)
        with pytest.raises(Stale):
            said(pending, edit(body="Mine"), rules=stricter)
        assert outdated(said(pending, YES), stricter)
        assert not outdated(said(pending, YES), RULES)
        assert said(pending, NO, rules=stricter).state == "rejected", "a no can always be said"

    def test_what_others_may_do_changes_no_question(self) -> None:
        other = effective({"file.trash": Setting("deny")})
        assert said(asked(), YES, rules=other).state == "approved"
        assert not outdated(asked().model_copy(update={"kind": "failure", "policy": "2"}), other)

    @pytest.mark.parametrize("state", ["pending", "rejected", "expired", "withdrawn"])
    def test_only_a_yes_is_a_yes(self, state: str) -> None:
        with pytest.raises(Refused):
            payload(asked().model_copy(update={"state": state}), run="r1", step="s1")

    @pytest.mark.parametrize(("run", "step"), [("r2", "s1"), ("r1", "s2")])
    def test_a_yes_is_for_its_own_step_of_its_own_run(self, run: str, step: str) -> None:
        with pytest.raises(Refused, match=f"a1 was asked for r1, s1; it does not cover {run}, {step}"):
            payload(said(asked(), YES), run=run, step=step)

    @pytest.mark.parametrize("state", ["approved", "rejected", "expired", "used", "withdrawn"])
    def test_a_question_is_answered_once(self, state: str) -> None:
        with pytest.raises(Refused, match=f"a1 is {state} already; nothing was done"):
            said(asked().model_copy(update={"state": state}), YES)

    def test_a_question_expires(self) -> None:
        assert said(asked(), YES, timedelta(days=7, microseconds=-1)).state == "approved"
        with pytest.raises(Stale, match="a1 expired on 29 Nov 2026"):
            said(asked(), YES, timedelta(days=7))

    def test_the_hash_says_nothing_about_the_answer(self) -> None:
        assert sign(said(asked(), YES)) == sign(asked()) == asked().hash


class TestEditing:
    def test_the_edit_is_signed_and_counts_as_the_persons_word(self) -> None:
        approval = said(asked({"body": Label("untrusted", ("m",), ())}), edit(body="My own"))
        assert payload(approval, run="r1", step="s1").arguments()["body"] == "My own"
        assert approval.hash == sign(approval) != asked().hash
        assert {a.name: a.origin for a in approval.shown}["body"] == "you wrote"
        assert approval.summary == asked().summary

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({}, "at least one changed argument"),
            ({"colour": "red"}, "no argument 'colour' to edit; it has: to, cc"),
            ({"source": "other"}, "source cannot be edited, only: "),
            ({"answers": "m:message:1"}, "answers cannot be edited"),
            ({"subject": 7}, "subject: it must be text"),
            ({"to": "bo"}, "to: 'bo' is no mail address"),
            ({"to": [{"address": "no address"}]}, "to: 'no address' is no mail address"),
            ({"to": []}, "^[A-Z].*needs at least one recipient"),
        ],
    )
    def test_types_are_kept_and_what_it_is_about_stays(self, changes: dict[str, Any], message: str) -> None:
        with pytest.raises(Refused, match=message):
            said(asked(), Decision(verdict="edit", changes=changes))

    def test_the_policy_judges_the_edit(self) -> None:
        foreign = {"body": Label("untrusted", ("m",), ())}
        approval = asked(foreign, body="Your code is 482913", to=(Mailbox(address=ME),))
        with pytest.raises(Refused, match=r"The policy refuses that \(mail.send secrets\)"):
            said(approval, edit(to=[box(STRANGER)]))
        assert said(approval, edit(body="No code", to=[box(STRANGER)])).state == "approved"


class TestCard:
    def test_value_and_origin_stand_side_by_side(self) -> None:
        foreign = Label("untrusted", ("mail:message:7",), (ME,))
        shown = {a.name: a for a in asked({"body": foreign}).shown}
        assert (shown["body"].value, shown["body"].origin) == (
            "Hello",
            "from a mail (mail:message:7)",
        )
        assert shown["to"].value == BO
        assert shown["body"].trust == "untrusted"
        assert "cc" not in shown, "what is empty is not shown"

    def test_a_missing_origin_is_shown_as_somebody_elses(self) -> None:
        op = MailSend(source="s", to=(Mailbox(address=BO),))
        made = card(
            op, {}, Verdict("ask", "r", "w"), id_="a1", run="r", step="s", zone="UTC", now=NOW, expires=NOW
        )
        assert {a.origin for a in made.shown} == {"written by somebody else"}

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("plain, ünïcode, 日本 🙂", "plain, ünïcode, 日本 🙂"),
            ("a\u202egnp.exe", "a⟦U+202E⟧gnp.exe"),
            ("zero\u200bwidth\ufeff", "zero⟦U+200B⟧width⟦U+FEFF⟧"),
            ("tag\U000e0041", "tag⟦hidden text⟧"),
            ("esc\x1b[31mred\x00", "esc⟦U+001B⟧[31mred⟦U+0000⟧"),
            ("ann@ex\u0430mple.org", "ann@ex\u0430mple.org ⟦xn--exmple-4nf.org⟧"),
            ("ann@example.org", "ann@example.org"),
            ("two\nlines\tand tab", "two\nlines\tand tab"),
        ],
    )
    def test_nothing_hides(self, text: str, shown: str) -> None:
        assert visible(text) == shown

    def test_the_question_is_one_line(self) -> None:
        assert "\n" not in asked(subject="Hi\r\nBcc: all\u2028x").summary


class TestInARun:
    def pending(self, house: House) -> tuple[Run, Approval]:
        run = house.do(mail())
        return run, run.approvals[0]

    def meddle(self, house: House, change: Callable[[dict[str, Any]], None], state: str = "") -> None:
        with sqlite3.connect(house.root / "runs.db") as db:
            body = json.loads(db.execute("SELECT body FROM approvals").fetchone()[0])
            change(body)
            db.execute("UPDATE approvals SET body = ?, state = ?", (json.dumps(body), body["state"]))
        db.close()

    def test_survives_a_restart(self, house: House) -> None:
        run, approval = self.pending(house)
        house.reopen()
        assert house.app.approvals() == [approval]
        house.moment += timedelta(days=6)
        done = house.app.decide(approval.id)
        assert (done.id, done.status, house.performed()) == (run.id, "done", ["mail.send"])
        assert done.approvals[0].state == "used"

    def test_an_expired_one_is_asked_again(self, house: House) -> None:
        _, approval = self.pending(house)
        house.moment += timedelta(days=7)
        with pytest.raises(Refusal, match="a1 expired on 29 Nov 2026; it is asked again as a2"):
            house.app.decide(approval.id)
        assert house.performed() == []
        (fresh,) = house.app.approvals()
        assert (fresh.id, fresh.arguments, fresh.expires) == (
            "a2",
            approval.arguments,
            house.moment + timedelta(days=7),
        )
        assert house.app.decide("a2").status == "done"
        assert house.performed() == ["mail.send"]

    def test_one_that_was_tampered_with_is_refused_and_asked_again_as_planned(self, house: House) -> None:
        self.pending(house)
        self.meddle(house, lambda body: body["arguments"].update(to=[box(STRANGER)]))
        with pytest.raises(Refusal, match=r"a1 is not what was asked .* asked again as a2"):
            house.app.decide("a1")
        assert house.performed() == []
        assert house.app.approvals()[0].arguments["to"] == [box(BO)]

    def test_a_yes_that_was_tampered_with_is_asked_anew(self, house: House) -> None:
        run, _ = self.pending(house)

        def forged(body: dict[str, Any]) -> None:
            body["arguments"]["to"] = [box(STRANGER)]
            body |= {"state": "approved", "decision": YES.model_dump()}

        self.meddle(house, forged)
        assert house.app.resume() == [run.id]
        assert (house.room.wait(run.id).status, house.performed()) == ("waiting", [])
        assert [a.id for a in house.app.approvals()] == ["a2"]

    def test_a_yes_does_not_outlive_its_question(self, house: House) -> None:
        """Approved, then the machine was off for weeks: it is asked again, not sent out of the blue."""
        run, approval = self.pending(house)
        approved = said_yes(approval)
        assert house.room.records.turn_approval(approved, was="pending")
        house.moment += timedelta(days=30)
        house.reopen()
        house.app.resume()
        assert house.room.wait(run.id).status == "waiting"
        assert house.performed() == []
        assert [a.id for a in house.app.approvals()] == ["a2"]

    def test_a_decision_that_was_taken_while_nobody_ran_is_carried_out(self, house: House) -> None:
        run, approval = self.pending(house)
        house.room.records.turn_approval(said_yes(approval), was="pending")
        house.reopen()
        assert house.app.resume() == [run.id]
        assert house.room.wait(run.id).status == "done"
        assert house.app.resume() == []

    def test_of_two_decisions_one_counts(self, house: House) -> None:
        _, approval = self.pending(house)
        no = approval.model_copy(update={"state": "rejected", "decision": NO})
        assert house.room.records.turn_approval(no, was="pending")
        assert not house.room.records.turn_approval(said_yes(approval), was="pending")

    def test_what_changed_since_it_was_asked_is_told_and_left_alone(self, house: House) -> None:
        meeting = house.meeting("m", ANN)
        house.sync()
        cancel = step("x", "event.cancel", source="memory", ref=str(meeting.ref), version=meeting.version)
        run = house.do(cancel)
        assert run.approvals[0].summary == "Cancel “Review”, Mon 23 Nov, 10:00–11:00, in memory"
        house.memory.put(meeting)
        done = house.app.decide(run.approvals[0].id)
        assert done.status == "failed"
        assert "changed since it was read" in done.answer
        assert house.performed() == []
        assert [e.state for e in done.effects] == ["failed"]

    def test_a_change_to_a_meeting_of_others_is_said_to_be_seen_by_them(self, house: House) -> None:
        """By who is in it, whatever the arguments name; also after an edit."""
        meeting = house.meeting("m", ANN)
        house.sync()
        ref, version = str(meeting.ref), meeting.version
        run = house.do(step("x", "event.update", source="memory", ref=ref, version=version, title="Plans"))
        assert run.approvals[0].undo == "R2"
        assert "others will have seen it" in run.approvals[0].afterwards
        done = house.app.decide(run.approvals[0].id, "edit", changes={"title": "Plan"})
        assert done.approvals[0].undo == "R2"
        assert "others will have seen it" in done.approvals[0].afterwards

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"start": "soon"}, "start: 'soon' is no time; write it like 2026-11-24T10:00"),
            ({"end": "2026-11-23T09:00:00+00:00"}, "An event must end after it starts"),
        ],
    )
    def test_an_edit_that_cannot_be_leaves_the_question(
        self, house: House, changes: dict[str, Any], told: str
    ) -> None:
        house.meeting("review", BO)
        house.sync()
        run = house.app.ask("move the review to Tuesday at 10:00", fresh=False)
        (asked,) = house.app.approvals()
        with pytest.raises(Refusal, match=told):
            house.app.decide(asked.id, "edit", changes=changes)
        assert [a.id for a in house.app.approvals()] == [asked.id]
        assert house.app.run(run.id).status == "waiting"

    def test_an_edit_keeps_types_and_is_judged_in_the_run(self, house: House) -> None:
        run, approval = self.pending(house)
        with pytest.raises(Refusal, match="no argument 'colour'"):
            house.app.decide(approval.id, "edit", changes={"colour": "red"})
        with pytest.raises(Refusal, match="subject: it must be text"):
            house.app.decide(approval.id, "edit", changes={"subject": 7})
        assert house.app.run(run.id).status == "waiting"
        done = house.app.decide(approval.id, "edit", changes={"to": [box(ANN)], "subject": "New"}, seen=True)
        assert done.status == "done"
        (sent,) = house.memory.performed
        assert (sent.arguments()["to"], sent.arguments()["subject"]) == ([box(ANN)], "New")
        assert done.effects[0].arguments == sent.arguments()

    def test_alternatives_are_edits_that_fit(self, house: House) -> None:
        slots = step("slots", "slots.find", people=[ANN], minutes=30, start="2026-11-23T09:00:00+00:00",
                     end="2026-11-23T18:00:00+00:00")  # fmt: skip
        at = {n: {"ref": "slots", "path": f"slots[0].{n}"} for n in ("start", "end")}
        book = event(attendees=[box(ANN)], **at)
        run = house.do(slots, book.model_copy(update={"offers": Ref(ref="slots", path="offers")}))
        (approval,) = run.approvals
        assert len(approval.alternatives) == 2
        done = house.app.decide(approval.id, "edit", changes=approval.alternatives[0])
        assert done.status == "done"
        assert done.effects[0].arguments["start"] == house.memory.performed[0].arguments()["start"]
        assert done.effects[0].arguments["start"] != approval.arguments["start"]


def said_yes(approval: Approval) -> Approval:
    return approval.model_copy(update={"state": "approved", "decision": YES})


class TestWhatIsShownIsWhatIsSent:
    """A mail cannot carry control characters, nor half of a character: the card has none of them either."""

    @pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\x7f", "\x0b"])
    def test_what_no_mail_can_carry_is_neither_signed_nor_shown(self, house: House, hidden: str) -> None:
        run = house.do(mail(subject="Hel\x00lo", body=f"One{hidden}two"))
        (asked,) = run.approvals
        assert asked.arguments["subject"] == "Hello"
        assert "⟦U+" not in " ".join(a.value for a in asked.shown)
        house.app.decide(asked.id)
        (op,) = house.memory.performed
        assert op.arguments()["body"] == asked.arguments["body"]
        assert hidden not in asked.arguments["body"]

    def test_nor_by_an_edit_of_the_card(self, house: House) -> None:
        (asked,) = house.do(mail()).approvals
        house.app.decide(asked.id, "edit", changes={"subject": "Hi\x00 there"})
        (op,) = house.memory.performed
        assert op.arguments()["subject"] == "Hi there"

    @pytest.mark.parametrize("half", ["\ud83d"])
    def test_half_of_a_character_is_none(self, half: str) -> None:
        op = MailSend(source="s", to=(Mailbox(address=BO, name=f"B{half}o"),), subject=f"H{half}i")
        assert (op.subject, op.to[0].name) == ("Hi", "Bo")
