"""Whatever label a value has, it is the same value to the gate after a restart and after an upgrade."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, get_args

import pytest
from agent_givens import ANN, BO, ME, House, box, mail, step
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deskhand.agent.desk import audits
from deskhand.agent.desk.rulings import explain
from deskhand.agent.errors import Refusal
from deskhand.agent.labels import labels_from, plain
from deskhand.connectors.model import Label, Trust

DUMPS = Path(__file__).parents[2] / "data" / "upgrade"
WORDS = st.lists(st.sampled_from(["memory:message:m", "ä@example.org", ""]), max_size=2).map(tuple)
LABEL = st.builds(
    Label, st.sampled_from(get_args(Trust)), WORDS,
    st.none() | st.sets(st.sampled_from([ME, ANN, BO])).map(lambda r: tuple(sorted(r))), WORDS,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["to", "body", "messages[0].title", ""]), LABEL))
def test_a_label_comes_back_as_it_was(labels: dict[str, Label]) -> None:
    assert labels_from(json.loads(json.dumps(plain(labels)))) == labels


@pytest.fixture(scope="module")
def parked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a mail with what a step found waits behind another one."""
    root = tmp_path_factory.mktemp("parked") / "home"
    with House(root) as house:
        house.know(ANN)
        run = house.do(
            step("found", "threads.waiting"),
            mail("mail", to=[box(ANN)], subject={"ref": "found", "path": "title"}),
        )
        assert run.status == "waiting", run.answer
    return root


@settings(
    max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(label=LABEL)
def test_a_restart_changes_no_decision(parked: Path, label: Label) -> None:
    """What a step left under any label is judged by the next process as by this one."""
    said: list[dict[str, Any]] = []
    with House(parked) as house:
        change(parked, "DELETE FROM approvals")  # what was asked before has its own labels
        change(parked, "UPDATE steps SET labels = ?", json.dumps(plain({"": label})))
        said.append(explain(house.app, run="r1", step="mail"))
        house.reopen()
        said.append(explain(house.app, run="r1", step="mail"))
    assert said[0] == said[1]
    (subject,) = [a for a in said[1]["arguments"] if a["name"] == "subject"]
    assert (subject["trust"], subject["readers"]) == (
        label.trust, None if label.readers is None else list(label.readers)
    )  # fmt: skip


def change(root: Path, sql: str, *values: Any) -> None:
    db = sqlite3.connect(root / "runs.db")
    with db:
        db.execute(sql, values)
    db.close()


def test_a_question_with_a_better_label_is_not_the_one_that_was_asked(tmp_path: Path) -> None:
    """The answer signs the labels as well: whoever betters one in the records gets no yes for it."""
    with House(tmp_path / "home") as house:
        house.know(ANN)
        house.message("m", title="The winch is broken")
        house.sync()
        subject = {"ref": "read", "path": "messages[0].title"}
        house.do(step("read", "message.list", about="winch"), mail(to=[box(ANN)], subject=subject))
        (card,) = house.app.approvals()
        assert card.origins["subject"]["trust"] == "untrusted"
        body = card.model_dump(mode="json")
        body["origins"]["subject"] |= {"trust": "user", "readers": None}
        change(house.root, "UPDATE approvals SET body = ?", json.dumps(body))
        assert not audits.audit_verify(house.app)["whole"]
        with pytest.raises(Refusal, match="not what was asked"):
            house.app.decide(card.id)
        assert house.performed() == []


def test_an_upgrade_keeps_those_of_what_waits(tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir(mode=0o700)
    for name in ("runs", "checkpoints"):
        db = sqlite3.connect(root / f"{name}.db")
        db.executescript((DUMPS / f"0.1.0-{name}.sql").read_text("utf-8"))
        db.close()
    with House(root) as house:
        house.know(BO)
        (old,) = house.app.approvals()
        with pytest.raises(Refusal, match="asked again as a2"):
            house.app.decide(old.id)
        (new,) = house.app.approvals()
        before, after = labels_from(old.origins), labels_from(new.origins)
        assert {n: after[n] for n in before} == before
        assert before["body"].trust == "user"
