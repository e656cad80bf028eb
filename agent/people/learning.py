"""Who is meant by a bare name: learnt from what the person chose, and from nothing that others wrote.

A choice is made when "which Sam do you mean?" is followed, within the hour, by a request that names one of
those in full. Three times the same, and the name is gone by, which the plan then says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from deskhand.agent.model import Run
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known
from deskhand.agent.records.choices import Choice, Learnt
from deskhand.agent.records.state import Records

WITHIN = timedelta(hours=1)
"""From the question to the request that answers it."""

ASKED = "not understood"
"""The event of a run that ended in a question; a "which?" has {"name", "among": [[address, name], ...]}."""


def asked_about(question: Unclear) -> dict[str, Any]:
    """What the event of a question says besides its message."""
    return {"name": question.name, "among": [list(p) for p in question.among]} if question.name else {}


def learn(records: Records, run: Run) -> Choice | None:
    """Remember a choice that a run of the person's makes, if it makes one."""
    before = records.before(run.id)
    if run.schedule or before is None or before.status != "unclear" or run.created - before.created > WITHIN:
        return None
    asked = next((e.data for e in records.events(before.id) if e.type == ASKED and e.data.get("name")), None)
    if asked is None:
        return None
    said = f" {' '.join(run.request.casefold().split())} "
    whole = [name.casefold() for _, name in asked["among"]]
    named = {
        address
        for address, name in asked["among"]
        if address in said or (name and whole.count(name.casefold()) == 1 and name.casefold() in said)
    }
    if len(named) != 1:
        return None
    choice = Choice(" ".join(asked["name"].lower().split()), named.pop(), run.id, run.created)
    records.chose(choice)
    return choice


def said_of(learnt: Learnt, name: str) -> str:
    """What a plan says that goes by what was learnt."""
    return (
        f"{learnt.word.title()} is {name or learnt.address}, as the last {len(learnt.choices)} times; "
        f"otherwise: deskhand state unset {learnt.word}"
    )


def tell(made: Plan | Unclear, request: str, known: Known) -> Plan | Unclear:
    """The plan, which says where it goes by a name that was learnt."""
    if not known.learnt or isinstance(made, Unclear):
        return made
    from deskhand.agent.planners.words.request import Request

    named = {" ".join(n.words.lower().split()) for n in Request.of(request, known).named}
    said = [known.learnt[word] for word in sorted(named & known.learnt.keys())]
    if not said:
        return made
    return made.model_copy(update={"objective": f"{made.objective.rstrip()} ({'. '.join(said)})"})


def called(records: Records, owner_called: Mapping[str, tuple[str, ...]]) -> dict[str, Learnt]:
    """What is gone by, by name; what the owner set herself goes before it."""
    return {x.word: x for x in records.learnt() if x.used and x.word not in owner_called}
