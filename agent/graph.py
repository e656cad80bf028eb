"""How a run goes: plan, perform, weigh, gate, judge, effect, report. The only file that imports langgraph.

The state that is checkpointed holds names and ids only; outputs lie in the step table and bodies in the
archive. The gate node holds nothing but the interrupt, since a node that is resumed runs again from its
start, and effects happen only behind it, through the ledger.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from deskhand.agent.work import Work


class State(TypedDict, total=False):
    """What a checkpoint holds: plain JSON, a few hundred bytes however long the mails are."""

    run: str
    plan: str
    """Hash of the plan."""
    waiting: list[str]
    """Ids of the approvals asked for."""
    cleared: list[str]
    """Steps whose write may happen."""
    over: bool
    """Nothing more can be done."""


class Graph:
    """Drives runs, one `advance` at a time; between two of them nothing of a run is in memory."""

    def __init__(self, checkpoints: Path, *, work: Callable[[str], Work]) -> None:
        """:param work: gives the work of a run: what its plan is made from and carried out with."""
        self._work = work
        self._connection = sqlite3.connect(checkpoints, check_same_thread=False, timeout=30)
        # No pickle: a checkpoint is data, and data from a disk must not be able to run.
        saver = SqliteSaver(self._connection, serde=JsonPlusSerializer(pickle_fallback=False))
        self._graph = self._compile(saver)

    def close(self) -> None:
        self._connection.close()

    def advance(self, run: str) -> bool:
        """Drive a run until it is done or waits for a decision; True when it waits.

        Safe to call again at any time: after a crash it goes on behind the last checkpoint.
        """
        config: Any = {"configurable": {"thread_id": run}, "recursion_limit": 500}
        state = self._graph.get_state(config)
        given: Any = None
        if not state.values:
            given = State(run=run)
        elif not state.next:
            return False
        elif any(task.interrupts for task in state.tasks):
            if self._work(run).undecided(state.values["waiting"]):
                return True
            given = Command(resume=True)
        self._graph.invoke(given, config, durability="sync")
        return bool(self._graph.get_state(config).next)

    def forget(self, run: str) -> None:
        """Drop the checkpoints of a finished run; its results and ledger rows stay."""
        self._graph.checkpointer.delete_thread(run)

    def _compile(self, saver: SqliteSaver) -> Any:
        graph = StateGraph(State)
        graph.add_node("plan", self._plan)
        graph.add_node("perform", self._perform)
        graph.add_node("weigh", self._weigh)
        graph.add_node("gate", self._gate)
        graph.add_node("judge", self._judge)
        graph.add_node("effect", self._effect)
        graph.add_node("report", self._report)
        graph.add_edge(START, "plan")
        graph.add_conditional_edges(
            "plan", lambda s: "report" if s["over"] else "perform", ["report", "perform"]
        )
        graph.add_edge("perform", "weigh")
        graph.add_conditional_edges("weigh", _after_weighing, ["gate", "effect", "report"])
        graph.add_edge("gate", "judge")
        graph.add_conditional_edges("judge", _after_judging, ["gate", "effect", "perform"])
        graph.add_edge("effect", "perform")
        graph.add_edge("report", END)
        return graph.compile(checkpointer=saver)

    def _plan(self, state: State) -> State:
        plan = self._work(state["run"]).plan()
        return State(plan=plan.hash if plan else "", over=plan is None)

    def _perform(self, state: State) -> State:
        self._work(state["run"]).perform()
        return State()

    def _weigh(self, state: State) -> State:
        cleared, asked = self._work(state["run"]).weigh()
        return State(cleared=cleared, waiting=asked)

    def _gate(self, state: State) -> State:
        interrupt(state["waiting"])
        return State()

    def _judge(self, state: State) -> State:
        cleared, asked_again = self._work(state["run"]).judge(state["waiting"])
        return State(cleared=sorted({*state["cleared"], *cleared}), waiting=asked_again)

    def _effect(self, state: State) -> State:
        self._work(state["run"]).effect(state["cleared"])
        return State(cleared=[])

    def _report(self, state: State) -> State:
        self._work(state["run"]).report()
        return State(over=True)


def _after_weighing(state: State) -> str:
    if state["waiting"]:
        return "gate"
    return "effect" if state["cleared"] else "report"


def _after_judging(state: State) -> str:
    if state["waiting"]:
        return "gate"
    return "effect" if state["cleared"] else "perform"
