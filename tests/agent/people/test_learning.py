"""Who is meant by a bare name: set by the person, or learnt from her choices; never decided in silence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from agent_givens import ME, NOW, House

from deskhand.agent.desk.audits import audit_verify
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Run
from deskhand.connectors.model import Label, Participant

OKAFOR, JONES = "sam.okafor@example.org", "sam.jones@example.org"
WISH = 'mail Sam: "The figures are in."'


@pytest.fixture
def two(house: House) -> House:
    """A house that knows two Sams, one written to more than the other."""
    for n, (address, name) in enumerate(
        [(OKAFOR, "Sam Okafor"), (OKAFOR, "Sam Okafor"), (JONES, "Sam Jones")]
    ):
        house.message(
            f"m{n}", at=NOW - timedelta(days=30 + n), folder="Sent", label=Label("user", (), (ME, address)),
            people=(Participant("from", ME), Participant("to", address, name)),
            data={"message_id": f"<m{n}@x>", "sent": True},
        )  # fmt: skip
    house.sync()
    return house


def ask(house: House, text: str, *, minutes: int = 1) -> Run:
    house.moment += timedelta(minutes=minutes)
    return house.app.ask(text, fresh=False)


def choose(house: House, choice: int = 0, *, minutes: int = 1) -> Run:
    """Ask, be asked which, and say one of what was offered."""
    asked = ask(house, WISH)
    assert asked.status == "unclear", asked.answer
    return ask(house, asked.choices[choice], minutes=minutes)


def recipient(run: Run) -> str:
    assert run.plan is not None
    (box,) = run.plan.steps[-1].args["to"]
    return str(box["address"])


class TestLearnt:
    def test_not_the_first_nor_the_second_time(self, two: House) -> None:
        for _ in range(2):
            assert recipient(choose(two)) == OKAFOR
        assert ask(two, WISH).status == "unclear"

    def test_after_three_times_it_is_used_and_said(self, two: House) -> None:
        for _ in range(3):
            choose(two)
        run = ask(two, WISH)
        assert recipient(run) == OKAFOR
        assert run.plan is not None
        assert "Sam is Sam Okafor, as the last 3 times" in run.plan.objective
        assert "deskhand state unset sam" in run.plan.objective

    def test_the_plan_alone_says_it_too(self, two: House) -> None:
        for _ in range(3):
            choose(two)
        assert "as the last 3 times" in two.app.plan(WISH).objective  # type: ignore[union-attr]

    def test_another_choice_in_between_begins_anew(self, two: House) -> None:
        for choice in (0, 0, 1, 0):
            choose(two, choice)
        assert ask(two, WISH).status == "unclear"

    def test_what_the_person_took_back_teaches_nothing(self, two: House) -> None:
        """Three times the wrong Sam, each time taken back in time."""
        for over in (
            lambda run: two.app.decide(run.approvals[0].id, "reject"),
            lambda run: two.app.cancel(run.id),
            lambda run: two.app.decide(run.approvals[0].id, "reject", reason="the other one"),
        ):
            over(choose(two))
        assert two.room.records.learnt() == []
        assert ask(two, WISH).status == "unclear"

    def test_a_no_in_between_neither_counts_nor_begins_anew(self, two: House) -> None:
        for choice in (0, 0, 1, 0):
            run = choose(two, choice)
            if choice:
                two.app.decide(run.approvals[0].id, "reject")
        assert recipient(ask(two, WISH)) == OKAFOR

    def test_a_full_name_says_who_is_meant(self, two: House) -> None:
        for _ in range(3):
            choose(two)
        assert recipient(ask(two, WISH.replace("Sam", "Sam Jones"))) == JONES

    def test_the_answer_may_be_in_own_words(self, two: House) -> None:
        for _ in range(3):
            ask(two, WISH)
            ask(two, "please write to Sam Jones and say hello")
        (learnt,) = two.room.records.learnt()
        assert (learnt.word, learnt.address, len(learnt.choices)) == ("sam", JONES, 3)

    def test_what_comes_much_later_answers_nothing(self, two: House) -> None:
        choose(two, minutes=61)
        assert two.room.records.learnt() == []

    def test_a_request_that_names_both_chooses_none(self, two: House) -> None:
        ask(two, WISH)
        ask(two, f"mail {OKAFOR} and {JONES}: hello")
        assert two.room.records.learnt() == []

    def test_it_is_no_permission(self, two: House) -> None:
        """What was learnt makes nobody a contact: whoever was only seen in mail stays that."""
        two.message("s", sender="sam@evil.example.net", people=(
            Participant("from", "sam@evil.example.net", "Sam Evil"), Participant("to", ME),
        ))  # fmt: skip
        two.sync()
        for _ in range(3):
            choose(two, 2)
        known = two.room.known()
        assert known.called["sam"] == ("sam@evil.example.net",)
        assert "sam@evil.example.net" not in known.contacts

    def test_it_says_from_where_and_can_be_dropped(self, two: House) -> None:
        from deskhand.agent.desk import overview

        runs = [choose(two).id for _ in range(3)]
        (name,) = overview.whole(two.app)["names"]
        assert (name["name"], name["from"], name["used"]) == ("sam", "choices", True)
        assert [c["run"] for c in name["choices"]] == runs
        assert overview.drop(two.app, ["Sam"])["forgotten"] == runs
        assert ask(two, WISH).status == "unclear"

    def test_what_the_person_sets_goes_before_it(self, two: House) -> None:
        from deskhand.agent.desk import overview

        for _ in range(3):
            choose(two)
        overview.put(two.app, ["sam", "Sam Jones"])
        run = ask(two, WISH)
        assert recipient(run) == JONES
        assert run.plan is not None
        assert "last 3 times" not in run.plan.objective


class TestAltered:
    """Somebody with sqlite3 chooses for her."""

    def tamper(self, two: House, statement: str) -> None:
        with closing(sqlite3.connect(two.root / "runs.db")) as db, db:
            assert db.execute(statement).rowcount > 0

    @pytest.mark.parametrize(
        ("choices", "statement"),
        [
            ((0, 0, 0), "UPDATE choices SET address = 'sam.jones@example.org'"),
            (
                (0, 0, 1),
                "UPDATE choices SET address = 'sam.okafor@example.org' WHERE run = 'r6'",
            ),
            ((0, 1, 0, 0), "DELETE FROM choices WHERE address = 'sam.jones@example.org' OR run = 'r2'"),
            (
                (0, 0),
                "INSERT INTO choices SELECT word, run || 'x', 'sam.okafor@example.org', at FROM choices",
            ),
            ((0, 0, 0), "UPDATE choices SET at = 'noon' WHERE run = 'r2'"),
            ((0, 0, 0), "UPDATE choices SET word = x'ff00' WHERE run = 'r2'"),
            ((0, 0, 1, 0), "UPDATE runs SET status = 'rejected' WHERE id = 'r6'"),
        ],
    )
    def test_a_name_is_not_gone_by_and_that_is_said(
        self, two: House, choices: tuple[int, ...], statement: str
    ) -> None:
        from deskhand.agent.desk import overview

        for choice in choices:
            choose(two, choice)
        self.tamper(two, statement)
        assert ask(two, WISH).status == "unclear"
        (name,) = overview.whole(two.app)["names"]
        assert (name["used"], name["altered"]) == (False, True)

    def test_a_no_that_was_made_a_yes_counts_for_nothing(self, two: House) -> None:
        for choice in (1, 1, 1):
            two.app.decide(choose(two, choice).approvals[0].id, "reject")
        self.tamper(two, "UPDATE runs SET status = 'done' WHERE status = 'rejected'")
        assert ask(two, WISH).status == "unclear"

    def test_forgotten_it_is_learnt_anew(self, two: House) -> None:
        from deskhand.agent.desk import overview

        for choice in (0, 0, 1, 0):
            choose(two, choice)
        self.tamper(two, "UPDATE choices SET at = 'noon' WHERE run = 'r2'")
        self.tamper(two, "DELETE FROM choices WHERE run = 'r6'")
        assert set(overview.drop(two.app, ["sam"])["forgotten"]) == {"r2", "r4", "r6", "r8"}
        for _ in range(3):
            choose(two)
        assert recipient(ask(two, WISH)) == OKAFOR
        told = [f["said"] for f in audit_verify(two.app)["faults"]]
        assert len(told) == 2, "what was altered is named ever after"


class TestSet:
    def test_a_nickname_is_gone_by_at_once_and_comments_stay(self, two: House) -> None:
        from deskhand.agent.desk import overview

        two.app.home.config_file.write_text("# mine\n[digest]\nwaiting_days = 5 # days\n", "utf-8")
        assert overview.put(two.app, ["nickname", "the supplier", OKAFOR])["value"] == OKAFOR
        assert recipient(ask(two, 'mail the supplier: "The figures are in."')) == OKAFOR
        text = two.app.home.config_file.read_text("utf-8")
        assert "# mine" in text
        assert "# days" in text
        assert '"the supplier" = "sam.okafor@example.org"' in text

    def test_a_setting_is_read_as_what_it_is(self, two: House) -> None:
        from deskhand.agent.desk import overview

        overview.put(two.app, ["meetings.buffer", "10"])
        overview.put(two.app, ["policy.send_alone", "true"])
        overview.put(two.app, ["meetings.weights.lunch", "200"])
        overview.put(two.app, ["people.ann@example.org.zone", "America/New_York"])
        overview.put(two.app, ["group", "direct reports", f"{OKAFOR}, Sam Jones"])
        settings = two.app.settings
        assert (settings.meetings.buffer, settings.policy.send_alone) == (10, True)
        assert settings.meetings.weights.lunch == 200
        assert settings.people["ann@example.org"].zone == "America/New_York"
        assert settings.groups == {"direct reports": (OKAFOR, JONES)}
        overview.drop(two.app, ["meetings.buffer"])
        assert two.app.settings.meetings.buffer == 0

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["meetings.bufer", "10"], "did you mean 'buffer'"),
            (["meetings.buffer", "ten"], "^meetings.buffer was not set: 'buffer' must be a whole number.$"),
            (["sources.mail.place", "Mail"], "no section that is set so"),
            (["sam", "nobody"], "I know nobody called nobody"),
            (["sam", "Sam"], "may be Sam Okafor"),
            (["me", OKAFOR], "is no name for anybody"),
            (["sam"], "Say what to set"),
        ],
    )
    def test_a_mistake_is_told_and_changes_nothing(self, two: House, words: list[str], said: str) -> None:
        from deskhand.agent.desk import overview
        from deskhand.config.errors import ConfigError

        with pytest.raises((Refusal, ConfigError), match=said):
            overview.put(two.app, words)
        file = two.app.home.config_file
        assert not file.exists() or not file.read_text("utf-8").strip()

    def test_a_mistake_that_stood_there_before_is_told_with_its_line(self, two: House) -> None:
        from deskhand.agent.desk import overview
        from deskhand.config.errors import ConfigError

        two.app.home.config_file.write_text("[meetings]\nlunsh = 3\n")
        with pytest.raises(ConfigError, match=r"^config\.toml, line 2: there is no key 'lunsh'"):
            overview.put(two.app, ["meetings.buffer", "10"])

    def test_what_is_not_set_cannot_be_unset(self, two: House) -> None:
        from deskhand.agent.desk import overview
        from deskhand.config.errors import ConfigError

        overview.put(two.app, ["sam", OKAFOR])
        with pytest.raises(ConfigError, match="did you mean 'sam'"):
            overview.drop(two.app, ["samm"])
