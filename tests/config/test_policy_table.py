"""The policy as data: a damaged table is refused in words, and a person sets no more than a row allows."""

from __future__ import annotations

import pytest

from deskhand.config.change import path_of
from deskhand.config.errors import ConfigError
from deskhand.config.policy import Row, Setting, fault, mildest, rows_in, settled, shipped
from deskhand.config.settings import check

ROWS = shipped()
BY_ID = {r.id: r for r in ROWS}


def row(**parts: str) -> str:
    """A row in TOML: the least that one needs, with these parts instead."""
    given = {"id": '"x"', "operations": '["mail.send"]', "then": '"ask"', "why": '"w"', "from": '"f"'} | parts
    return "[[row]]\n" + "\n".join(f"{name} = {value}" for name, value in given.items() if value) + "\n"


class TestReading:
    def test_a_row_for_each_operation(self) -> None:
        text = row(id='"{operation} many"', operations='["mail.trash", "mail.move"]')
        assert [(r.id, r.operations) for r in rows_in(text)] == [
            ("mail.trash many", ("mail.trash",)), ("mail.move many", ("mail.move",)),
        ]  # fmt: skip
        (both,) = rows_in(row(operations='["mail.trash", "mail.*"]'))
        assert both.operations == ("mail.trash", "mail.*")
        assert [both.about(o) for o in ("mail.trash", "mail.send", "file.trash", "xmail.trash")] == [
            True, True, False, False,
        ]  # fmt: skip

    def test_every_part_is_read(self) -> None:
        text = row(
            when='["a", "b: c"]', means='"m"', loosen='"allow"', loosened='"l"', numbers="{ n = 2 }",
            most="{ n = 3 }",
        )  # fmt: skip
        assert rows_in(text) == (
            Row(
                id="x", operations=("mail.send",), then="ask", why="w", when=("a", "b: c"), numbers={"n": 2},
                means="m", rests_on="f", loosen="allow", loosened="l", most={"n": 3}, shipped=None,
            ),
        )  # fmt: skip
        (least,) = rows_in(row())
        assert (least.when, least.means, least.loosen, least.loosened) == ((), "", "ask", "")
        assert (least.numbers, least.most) == ({}, {})

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[[row]", r"^policy.toml cannot be read \(.+\); install Deskhand anew.$"),
            (row(why=""), "^policy.toml, row 'x': 'why' is missing; write it.$"),
            (row(why='""'), "^policy.toml, row 'x': 'why' is missing; write it.$"),
            (row(id="", why=""), "^policy.toml, row 1: 'id' is missing; write it.$"),
            (row() + row(id=""), "^policy.toml, row 2: 'id' is missing"),
            (row(wen="[]"), r"^policy.toml, row 'x': there is no 'wen' \(did you mean 'when'\?\).$"),
            (row(operations='"mail.send"'), "^policy.toml, row 'x': 'operations' must be a list.$"),
            (row(when='"a"'), "^policy.toml, row 'x': 'when' must be a list.$"),
            (row(numbers="3"), "^policy.toml, row 'x': 'numbers' must be a table.$"),
            (row(most="3"), "^policy.toml, row 'x': 'most' must be a table.$"),
            (row(why="3"), "^policy.toml, row 'x': 'why' must be text.$"),
            (row(then='"maybe"'), "^policy.toml, row 'x': 'then' must be allow, ask or deny, not 'maybe'.$"),
            (row(loosen='"no"'), "^policy.toml, row 'x': 'loosen' must be allow, ask or deny, not 'no'.$"),
            (row(numbers="{ n = 1.5 }"), "^policy.toml, row 'x': 'n' must be a whole number, 0 or more.$"),
            (row(numbers="{ n = -1 }"), "'n' must be a whole number"),
            (row(numbers="{ n = true }"), "'n' must be a whole number"),
            (row(numbers="{ n = 1 }", most='{ n = "2" }'), "'n' must be a whole number"),
            (row(most="{ n = 1 }"), "^policy.toml, row 'x': 'most' has 'n', but 'numbers' has none or a h"),
            (row(numbers="{ n = 2 }", most="{ n = 1 }"), "'most' has 'n', but"),
            (row() + row(), "^policy.toml: two rows are called 'x'; call one of them otherwise.$"),
            (
                row(numbers="{ n = 1 }") + row(id='"y"', then='"deny"'),
                "^policy.toml, row 'x': what its number lets through meets 'y' behind it, which is stricter; "
                "put that one in front.$",
            ),
        ],
    )
    def test_what_is_wrong_is_said(self, text: str, message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            rows_in(text)

    def test_a_number_may_be_zero_or_as_high_as_it_is(self) -> None:
        (made,) = rows_in(row(numbers="{ n = 0 }", most="{ n = 0 }"))
        assert (made.numbers, made.most) == ({"n": 0}, {"n": 0})

    def test_a_table_may_be_empty(self) -> None:
        assert rows_in("") == ()
        assert settled((), {}) == ()

    def test_what_is_not_about_the_same_may_stand_behind(self) -> None:
        other = row(id='"y"', operations='["mail.trash"]', then='"deny"')
        milder = row(id='"z"', then='"allow"')
        assert len(rows_in(row(numbers="{ n = 1 }") + other + milder)) == 3
        assert len(rows_in(row(id='"y"', then='"deny"') + row(numbers="{ n = 1 }"))) == 2

    def test_the_table_that_comes_with_it_is_sound(self) -> None:
        assert {r.then for r in ROWS} == {"allow", "ask", "deny"}
        assert all(r.rests_on for r in ROWS)
        # What says no for good, and what asks because a stranger chose, is never made milder.
        milder = {r.id for r in ROWS if mildest(r) != r.then}
        assert milder == {"mail.send to contacts", "event.respond told"}


class TestSetting:
    def test_stricter_is_always_right(self) -> None:
        made = {r.id: r for r in settled(ROWS, {"mail.draft": Setting("ask"), "mail.move": Setting("deny")})}
        assert (made["mail.draft"].then, made["mail.draft"].why) == ("ask", "your settings say to ask")
        assert (made["mail.move"].then, made["mail.move"].why) == ("deny", "your settings say never")
        assert made["mail.draft"].shipped == BY_ID["mail.draft"]

    def test_the_reason_keeps_what_it_was(self) -> None:
        made = {r.id: r for r in settled(ROWS, {"mail.send recipients": Setting("deny")})}
        why = "a recipient was not chosen by you; your settings say never"
        assert made["mail.send recipients"].why == why

    def test_what_a_row_lets_be_milder(self) -> None:
        made = {r.id: r for r in settled(ROWS, {"mail.send to contacts": Setting("allow")})}
        changed = made["mail.send to contacts"]
        assert (changed.then, changed.why) == ("allow", "you switched on sending to contacts")
        assert [r.id for r in made.values() if r.shipped is not None] == ["mail.send to contacts"]
        plain = rows_in(row(loosen='"allow"'))
        assert settled(plain, {"x": Setting("allow")})[0].why == "your settings let it go ahead"

    def test_numbers(self) -> None:
        made = {r.id: r for r in settled(ROWS, {"mail.trash many": Setting(None, {"at_once": 5})})}
        changed = made["mail.trash many"]
        assert (changed.then, changed.numbers, changed.why) == (
            "ask", {"at_once": 5}, "more than {at_once} in one go",
        )  # fmt: skip
        assert changed.shipped is not None

    def test_what_is_set_as_it_comes_is_not_set(self) -> None:
        as_it_comes = {"mail.trash many": Setting("ask", {"at_once": 20}), "mail.send": Setting()}
        assert settled(ROWS, as_it_comes) == ROWS
        assert settled(ROWS, {}) == ROWS

    def test_what_stands_in_front_of_a_stricter_row_is_as_strict(self) -> None:
        made = {r.id: r for r in settled(ROWS, {"mail.trash": Setting("deny")})}
        assert [made[f"mail.trash{x}"].then for x in (" id", " many", "")] == ["deny"] * 3
        assert made["mail.trash id"].shipped == BY_ID["mail.trash id"]
        assert [made[f"mail.move{x}"].then for x in (" id", " many", "")] == ["ask", "ask", "allow"]

    def test_what_is_milder_as_it_comes_stays_in_front(self) -> None:
        made = {r.id: r for r in settled(ROWS, {"mail.send": Setting("deny")})}
        assert (made["mail.send to yourself"].then, made["mail.send"].then) == ("allow", "deny")
        assert made["mail.send recipients"].then == "deny"
        one = {"mail.send": Setting("deny"), "mail.send to contacts": Setting("allow")}
        assert {r.id: r for r in settled(ROWS, one)}["mail.send to contacts"].then == "allow"

    def test_what_stands_behind_a_stricter_row_stays(self) -> None:
        made = {r.id: r for r in settled(ROWS, {"mail.trash id": Setting("deny")})}
        assert (made["mail.trash many"].then, made["mail.trash"].then) == ("ask", "allow")

    @pytest.mark.parametrize(
        ("id_", "setting", "message"),
        [
            ("mail.trsh", Setting("deny"), "the policy has no row 'mail.trsh' (did you mean 'mail.trash'?)"),
            ("mail.send bcc", Setting("ask"), "'mail.send bcc' may be set to 'deny', not to 'ask':"),
            ("mail.send", Setting("allow"), "'mail.send' may be set to 'ask' or 'deny', not to 'allow':"),
            ("mail.send", Setting(None, {"n": 1}), "'mail.send' has no number 'n'; it counts nothing."),
            (
                "mail.trash many", Setting(None, {"at_onc": 1}),
                "'mail.trash many' has no number 'at_onc' (did you mean 'at_once'?); it has: at_once.",
            ),
            (
                "mail.trash many", Setting(None, {"at_once": 101}),
                "'at_once' of 'mail.trash many' may be 100 at the most, not 101.",
            ),
        ],
    )  # fmt: skip
    def test_nothing_milder_than_a_row_allows(self, id_: str, setting: Setting, message: str) -> None:
        assert fault(ROWS, id_, setting).startswith(message)
        with pytest.raises(ConfigError) as wrong:
            settled(ROWS, {"mail.draft": Setting("ask"), id_: setting})
        assert str(wrong.value).startswith(message)

    def test_as_high_as_may_be(self) -> None:
        assert fault(ROWS, "mail.trash many", Setting("ask", {"at_once": 100})) == ""
        (fixed,) = rows_in(row(numbers="{ n = 2 }"))
        assert fault([fixed], "x", Setting(None, {"n": 2})) == ""
        assert fault([fixed], "x", Setting(None, {"n": 3})) == "'n' of 'x' may be 2 at the most, not 3."


class TestInConfigToml:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('"mail.trsh"]\nthen = "deny"', "c, line 3: the policy has no row 'mail.trsh'"),
            ('"mail.send bcc"]\nthen = "ask"', "c, line 3: 'mail.send bcc' may be set to 'deny'"),
            ('"mail.trash many"]\nat_once = 101', "c, line 3: 'at_once' of 'mail.trash many' may be 100"),
            ('"mail.trash many"]\nnew_recipients = 1', "c, line 3: 'mail.trash many' has no number"),
            ('"mail.trash many"]\nat_once = -1', "c, line 3: 'at_once' should be greater than or equal to 0"),
            (
                '"mail.trash many"]\nat_onc = 1',
                r"c, line 3: there is no key 'at_onc' in \[policy",
            ),
            ('"mail.trash"]\nthen = "maybe"', "c, line 3: 'then' should be 'allow', 'ask' or 'deny'"),
            ('"mail.trash"]\nthen = 3', "c, line 3: 'then' should be 'allow', 'ask' or 'deny'"),
        ],
    )
    def test_a_mistake_is_told_with_its_place(self, text: str, message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            check(f"\n[policy.rows.{text}\n", name="c", environ={})

    def test_what_was_set(self) -> None:
        text = '[policy.rows."mail.trash many"]\nat_once = 5\n[policy.rows."mail.draft"]\nthen = "ask"\n'
        assert check(text, name="c", environ={}).policy.settings() == {
            "mail.trash many": Setting(None, {"at_once": 5}), "mail.draft": Setting("ask"),
        }  # fmt: skip

    def test_send_alone_is_short_for_its_row(self) -> None:
        alone = "[policy]\nsend_alone = true\n"
        assert check(alone, name="c", environ={}).policy.settings() == {
            "mail.send to contacts": Setting("allow")
        }
        row_ = '[policy.rows."mail.send to contacts"]\nthen = "deny"\n'
        own = check(alone + row_, name="c", environ={}).policy.settings()
        assert own == {"mail.send to contacts": Setting("deny")}
        assert check("", name="c", environ={}).policy.settings() == {}

    def test_the_environment_sets_rows_too(self) -> None:
        environ = {"DESKHAND_POLICY__ROWS": '{"mail.trash many": {"at_once": 7}}'}
        made = check("", name="c", environ=environ).policy.settings()
        assert made == {"mail.trash many": Setting(None, {"at_once": 7})}
        with pytest.raises(ConfigError, match="DESKHAND_POLICY__ROWS__X__THEN: the policy has no row 'x'"):
            check("", name="c", environ={"DESKHAND_POLICY__ROWS": '{"x": {"then": "ask"}}'})

    def test_its_place_as_a_person_types_it(self) -> None:
        assert path_of("policy.rows.mail.trash many.at_once") == (
            "policy",
            "rows",
            "mail.trash many",
            "at_once",
        )
        assert path_of("policy.send_alone") == ("policy", "send_alone")
        with pytest.raises(ConfigError, match="names no setting"):
            path_of("policy.rows.then")
