"""What a row may ask: no condition breaks on an operation that it was not made for; and who gets a permit."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, NOW, permit
from policy_cases import CASES, FACTS, FILE, OWN_WORDS, SHIPPED, A, T, U, item, send, there_may_be, to

from deskhand.agent.model import Run
from deskhand.agent.trust import conditions
from deskhand.agent.trust.enclosures import not_as_read, safe_name
from deskhand.agent.trust.gate import NotPermitted, let_through
from deskhand.agent.trust.ledger import effect_key
from deskhand.agent.trust.policy import Policy, effective, judge, looked_at
from deskhand.agent.trust.write import Write, address_of
from deskhand.config.policy import Row, Setting
from deskhand.connectors.model import ItemRef, Label, Participant
from deskhand.connectors.operations import (
    OPERATIONS,
    Enclosure,
    EventReceive,
    FileCopy,
    FileReplace,
    MailDraft,
)

KINDS = {type(c.operation): c for c in CASES if type(c.operation) in OPERATIONS.values()}
DRAFT = MailDraft(source="memory", to=to(BO), subject="Hi", body="Hello")
RUN = Run(id="r1", request="x", status="running", created=NOW, updated=NOW)


def rule(*when: str, why: str = "w", **numbers: int) -> Row:
    return Row(id="r", operations=("*",), then="ask", why=why, when=when, numbers=numbers)


class TestSound:
    @pytest.mark.parametrize("case", KINDS.values(), ids=lambda c: c.operation.name)
    def test_any_condition_may_be_asked_of_any_operation(self, case: Any) -> None:
        """A pattern of names meets operations that nobody thought of."""
        for op in (case.operation, there_may_be("some.thing")):
            write = Write(op, {}, FACTS)
            held = [plain(write) for plain in conditions.PLAIN.values()]
            for name, about in conditions.ABOUT.items():
                people = name in ("others in", "stranger chosen in")
                held.append(about(write, ("to", "attendees", "nothing") if people else ("ref", "nothing")))
            held += [counted(write, 3) for counted in conditions.COUNTED.values()]
            assert {type(h) for h in held} == {bool}
            assert {type(filler(write)) for filler in conditions.FILLERS.values()} == {str}

    def test_all_of_them_are_used(self) -> None:
        asked = {p.removeprefix("not ").partition(":")[0] for r in SHIPPED.rows for p in r.when}
        assert asked == {*conditions.ABOUT, *conditions.COUNTED, *conditions.PLAIN}

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (rule("tained: ref"), "policy, row 'r': there is no condition 'tained'."),
            (rule("not not tainted: ref"), "policy, row 'r': there is no condition 'not tainted'."),
            (
                rule("only you get it: to"),
                "policy, row 'r': 'only you get it' looks at nothing",
            ),
            (rule("tainted"), "policy, row 'r': 'tainted' needs arguments behind it."),
            (rule("tainted: ,"), "policy, row 'r': 'tainted' needs arguments behind it."),
            (
                rule("moved already"),
                "policy, row 'r': 'moved already' needs one of",
            ),
            (rule("moved already: n"), "policy, row 'r': 'moved already' needs one of the row's numbers"),
            (
                rule("moved already: n, m", n=1, m=2),
                "policy, row 'r': 'moved already' needs one of",
            ),
            (rule(why="{nobody} did"), "policy, row 'r': nobody knows what {nobody} stands for."),
        ],
    )
    def test_a_row_that_nobody_can_answer_is_refused(self, row: Row, message: str) -> None:
        with pytest.raises(ValueError, match=r"^policy, row") as wrong:
            Policy((rule("tainted: ref"), row))
        assert str(wrong.value).startswith(message)

    def test_the_version_names_what_decides(self) -> None:
        """Other words for it make no difference; another condition, outcome, order or number does."""
        first, second = rule("tainted: ref"), Row(id="s", operations=("mail.*",), then="deny", why="w")
        whole = Policy((first, second)).whole
        same = Row(**{**_parts(first), "why": "x", "means": "y", "rests_on": "z"})
        assert Policy((same, second)).whole == whole
        others = [
            Policy((second, first)), Policy((first,)),
            *(
                Policy((Row(**{**_parts(first), **part}), second))
                for part in (
                    {"id": "other"}, {"operations": ("mail.send",)}, {"then": "deny"}, {"when": ()},
                    {"numbers": {"n": 1}},
                )
            ),
        ]  # fmt: skip
        assert len({whole, *(p.whole for p in others)}) == 1 + len(others)
        mail = Policy((first, second))
        assert mail.version("mail.send") == whole != mail.version("file.copy") == Policy((first,)).whole

    def test_the_rules_are_those_of_the_settings(self) -> None:
        made = effective({"mail.draft": Setting("ask")})
        assert judge(DRAFT, {}, FACTS, made).outcome == "ask"
        assert [r.id for r in made.about("mail.draft")] == ["mail.draft"]

    def test_what_was_looked_at(self) -> None:
        found = looked_at(send(), OWN_WORDS | {"body": T}, FACTS, SHIPPED)
        last = [(x.row.id, x.fits) for x in found][-2:]
        assert last == [("mail.send to contacts", False), ("mail.send", True)]
        assert found[-2].held == (("recipients known", True), ("not tells more than they could read", False))
        assert looked_at(DRAFT, {}, FACTS, Policy(())) == []


def _parts(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Row.__dataclass_fields__}


class TestThePermit:
    def test_it_is_for_one_effect(self) -> None:
        given = permit(DRAFT, RUN, "s")
        given.check(effect_key(RUN, "s", DRAFT))
        with pytest.raises(
            NotPermitted, match=r"^This write is not the one that the policy let through; nothing"
        ):
            given.check(effect_key(RUN, "t", DRAFT))

    @pytest.mark.parametrize(
        ("op", "agreed", "outcome", "may"),
        [
            (DRAFT, False, "allow", True),
            (send(), False, "ask", False),
            (send(), True, "ask", True),
            (send(bcc=to("x@example.net")), True, "deny", False),
            (there_may_be("mail.telegraph"), True, "deny", False),
        ],
    )
    def test_who_gets_one(self, op: Any, agreed: bool, outcome: str, may: bool) -> None:
        labels = OWN_WORDS | {"bcc": T}
        verdict, given = let_through(op, labels, FACTS, SHIPPED, key="k", agreed=agreed)
        assert verdict == judge(op, labels, FACTS, SHIPPED)
        assert (verdict.outcome, given is not None) == (outcome, may)
        assert given is None or (given.key, given.verdict) == ("k", verdict)


class TestWrite:
    def test_a_missing_label_is_a_strangers(self) -> None:
        write = Write(send(), {"to": U}, FACTS)
        assert (write.label("to"), write.label("body")) == (U, Label())
        assert [write.tainted(n) for n in ("to", "body")] == [False, True]

    def test_who_is_in_it(self) -> None:
        write = Write(send(to=to("ANN@Example.org", "noor@example.org"), cc=to(BO)), {}, FACTS)
        assert write.addresses("to", "cc", "bcc", "nothing") == {ANN, BO, "noor@example.org"}
        assert write.others("to") == {ANN}
        assert write.recipients == {ANN, BO, "noor@example.org"}

    def test_who_has_a_part(self) -> None:
        assert address_of(None, "from") == ""
        assert address_of(item(FILE), "from") == ""
        assert address_of(item(FILE, Participant("from", BO)), "from") == BO

    def test_a_message_that_is_none(self) -> None:
        ref = ItemRef("s", "event", "e")
        take = EventReceive(source="s", ref=ref, version="", message=FILE, ics="x")
        assert (Write(take, {}, FACTS).said, Write(take, {}, FACTS).caller) == (None, "")
        assert Write(send(), {}, FACTS).look("answers") is None


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "Invoice 12 (2).pdf", "a", "Ünïcödé & Söhne.txt", "x" * 200, "no ending", "run.pdf", "2026.docx",
            "a.b.c.txt", "contract.pdf", "auxiliary.txt", "com.pdf", "a.nul.txt",
        ],
    )  # fmt: skip
    def test_a_file_may_have_it(self, name: str) -> None:
        assert safe_name(name)

    @pytest.mark.parametrize(
        "name",
        [
            "", ".bashrc", "-rf", " a", "a.pdf.exe", "a.EXE", "a.exe.", "a.exe ", "a.exe. .", "a.exe .pdf",
            "a. exe",
            "x.desktop", "page.HTML", "a/b", "a\\b", "a:b", "a\nb", "x" * 201, "a|b", "$(x)", "a;b\"", "a.ſh",
            "sums.xlsb", "notes.one", "query.iqy", "home.inetloc", "vpn.mobileconfig", "a.appinstaller",
            "CON", "nul.txt", "com1.pdf", "LPT¹", "aux .log", "prn.", "nul ", "con . ",
        ],
    )  # fmt: skip
    def test_a_file_may_not_have_it(self, name: str) -> None:
        assert not safe_name(name)

    def test_nothing_hides_in_it(self) -> None:
        hiding = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        shown = [c for c in map(chr, range(0, sys.maxunicode, 7)) if unicodedata.category(c) in hiding]
        shown += ["\u202e", "\u200b", "\u2066", "\ufeff", "\x1b", "\u2028", "\U000e0041"]
        assert not [c for c in shown if safe_name(f"a{c}b.pdf")]


class TestEnclosed:
    REF = ItemRef("docs", "document", "plans/d.pdf")

    def test_at_the_version_that_was_read(self) -> None:
        copy = FileCopy(source="s", called="d.pdf", content=Enclosure(ref=self.REF, version="1"))
        assert not_as_read(copy, lambda ref: item(ref)) == ""
        assert not_as_read(copy, lambda _: None) == "what would be taken along is in no connected source"
        for name, called in (("", "plans/d.pdf"), ("Plan", "Plan")):
            newer = Enclosure(ref=self.REF, version="2", name=name)
            said = not_as_read(copy.model_copy(update={"content": newer}), lambda ref: item(ref))
            assert said == f"{called} changed since it was read; ask again"

    def test_it_asks_for_what_is_named(self) -> None:
        asked: list[ItemRef] = []
        copy = FileCopy(source="s", called="d.pdf", content=Enclosure(ref=self.REF, version="1"))
        not_as_read(copy, lambda ref: asked.append(ref))
        assert asked == [self.REF]
        assert not_as_read(send(), lambda _: None) == ""


def test_a_secret_is_looked_for_in_each_text() -> None:
    labels = OWN_WORDS | {"calendar": A}
    for name in ("subject", "body", "calendar"):
        write = Write(send(**{name: "code 482913"}), labels, FACTS)
        assert conditions.secret(write) == "a one-time code"
    apart = Write(send(subject="code", body="482913 apples"), labels, FACTS)
    assert conditions.secret(apart) == "", "lines are looked at one by one"


def test_what_all_who_get_it_could_read_tells_nobody_more() -> None:
    """Those and nobody else: the same people are enough, and one more is too many."""
    readers = Label("untrusted", ("mail:message:m",), (ANN.upper(), BO))
    for people, tells in (((ANN,), False), ((ANN, BO), False), ((ANN, BO, "eve@example.net"), True)):
        assert conditions.leaks(Write(send(to=to(*people)), OWN_WORDS | {"body": readers}, FACTS)) is tells


def test_an_attachment_that_a_stranger_chose_leaks_whoever_gets_it() -> None:
    letter = send(attachments=(Enclosure(ref=FILE, version="1"),))
    for label, tells in (
        (U, False),
        (Label("untrusted", ("mail:message:m",), (ANN,)), True),
        (Label(), True),
    ):
        assert conditions.leaks(Write(letter, OWN_WORDS | {"attachments": label}, FACTS)) is tells


def test_a_document_is_read_by_others_unless_all_who_can_are_the_owner() -> None:
    write = FileReplace(source="s", ref=FILE, version="1", text="x")
    for readers, shared, others in (
        ((), "", False),
        ((ME.upper(),), "", False),
        ((ME, "noor@example.com"), "", False),
        ((ME, ANN), "", True),
        (None, "", True),
        ((ME,), "by a link", True),
    ):
        there = item(FILE)
        there = replace(there, label=Label("own", (), readers), data={**there.data, "shared": shared})
        facts = replace(FACTS, look_up=lambda _, there=there: there)
        assert conditions.others_read(Write(write, OWN_WORDS, facts)) is others, (readers, shared)
    assert not conditions.others_read(Write(DRAFT, OWN_WORDS, FACTS)), "nobody reads what is nowhere"


def test_the_name_that_a_copy_gets_is_looked_at() -> None:
    source = Enclosure(ref=FILE, version="1")
    for called, unsafe in (("plan.pdf", False), ("plan.desktop", True), (".bashrc", True)):
        write = Write(FileCopy(source="s", called=called, content=source), OWN_WORDS, FACTS)
        assert conditions.unsafe_name(write) is unsafe, called
    assert conditions.unsafe_name(Write(DRAFT, OWN_WORDS, FACTS)), "what has no name is not called safe"


def test_everybody_known_is_known() -> None:
    everybody = send(to=to(*FACTS.contacts, *FACTS.mine))
    assert conditions.recipients_known(Write(everybody, OWN_WORDS, FACTS))
    assert not conditions.recipients_known(Write(send(to=to(ANN, "eve@example.net")), OWN_WORDS, FACTS))
