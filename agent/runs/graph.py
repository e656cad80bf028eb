"""How a run goes: plan, perform, weigh, effect or gate, report. The only file that imports langgraph.

The state that is checkpointed holds names and ids only; outputs lie in the step table and bodies in the
archive. The gate node holds nothing but the interrupt, since a node that is resumed runs again from its
start, and effects happen only behind it, through the ledger.

    plan -> perform -> weigh -> effect -> perform ...    what may go ahead goes ahead
                             -> gate -> weigh ...        what was asked, or is held, waits here, outside
                                                         any process
                             -> perform ...              a step is tried again, or what was done taken back
                             -> report                   nothing is left
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt
from langsmith import tracing_context

from deskhand.agent.plans.validate import MOST_STEPS
from deskhand.agent.runs.work import Work

_OLDER = """
DELETE FROM {} WHERE thread_id = :run
AND checkpoint_id < (SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :run)
"""


class State(TypedDict, total=False):
    """What a checkpoint holds: plain JSON, a few hundred bytes however long the mails are."""

    run: str
    plan: str
    """Hash of the plan."""
    waiting: list[str]
    """Ids of the approvals asked for."""
    held: list[str]
    """Steps whose write is held until its time."""
    cleared: list[str]
    """Steps whose write may happen."""
    again: bool
    """Steps have become ready by what followed from a failure."""
    over: bool
    """There is nothing to carry out."""


class Graph:
    """Drives runs, one `advance` at a time; between two of them nothing of a run is in memory."""

    def __init__(self, checkpoints: Path) -> None:
        self._connection = sqlite3.connect(checkpoints, check_same_thread=False, timeout=30)
        # A checkpoint that a power cut takes back costs nothing: every node can be run again, and what was
        # done stands in the run's own tables, which are synced.
        self._connection.execute("PRAGMA synchronous=NORMAL").close()
        # Data from a disk must not be able to run: no pickle, and no class but the few that are known.
        serde = JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=None)
        self._saver = SqliteSaver(self._connection, serde=serde)
        self._graph = _compile(self._saver)

    def close(self) -> None:
        self._connection.close()

    def advance(self, work: Work) -> bool:
        """Drive a run until it is done, or waits for a decision or a time; True when it waits.

        Safe to call again at any time: after a crash it goes on behind the last checkpoint.
        """
        run = work.progress.run.id
        config: Any = {"configurable": {"thread_id": run}, "recursion_limit": 24 * MOST_STEPS}
        state = self._graph.get_state(config)
        given: Any = None
        if not state.values:
            given = State(run=run)
        elif not state.tasks:
            # Not `state.next`: it is empty too where a crash fell between what the last node left and the
            # checkpoint behind it, and then there is more to do.
            return False
        elif state.next == ("gate",) and any(task.interrupts for task in state.tasks):
            if work.waits(state.values["waiting"]):
                return True
            given = Command(resume=True)
        try:
            with tracing_context(enabled=False):  # with LANGSMITH_TRACING set, it would go to their servers
                left = self._graph.invoke(given, config, context=work, durability="sync")
                # A crash fell between a question and its interrupt, and it was answered since: only now is
                # there an interrupt that the answer can end.
                if "__interrupt__" in left and not work.waits(left["waiting"]):
                    resumed: Any = Command(resume=True)
                    left = self._graph.invoke(resumed, config, context=work, durability="sync")
        finally:
            work.progress.flush()
        self._compact(run)
        return "__interrupt__" in left

    def forget(self, run: str) -> None:
        """Drop the checkpoints of a finished run; its results and ledger rows stay."""
        self._saver.delete_thread(run)

    def _compact(self, run: str) -> None:
        """Drop all but the newest checkpoint: a run goes on from that; how it came there, its events tell."""
        with self._saver.lock, self._connection as db:
            db.execute(_OLDER.format("checkpoints"), {"run": run}).close()
            db.execute(_OLDER.format("writes"), {"run": run}).close()

    def runs(self) -> list[str]:
        """Runs that there are checkpoints of."""
        self._saver.setup()
        with self._saver.lock:
            rows = self._connection.execute("SELECT DISTINCT thread_id FROM checkpoints ORDER BY thread_id")
            return [run for (run,) in rows.fetchall()]

    def size(self, run: str) -> int:
        """Bytes of the checkpoints of a run."""
        self._saver.setup()
        query = (
            "SELECT (SELECT coalesce(sum(length(checkpoint) + length(metadata)), 0) FROM checkpoints"
            " WHERE thread_id = :run)"
            " + (SELECT coalesce(sum(length(value)), 0) FROM writes WHERE thread_id = :run)"
        )
        with self._saver.lock:
            return int(self._connection.execute(query, {"run": run}).fetchone()[0])


def _plan(state: State, runtime: Runtime[Work]) -> State:
    plan = runtime.context.plan()
    return State(plan=plan.hash if plan else "", over=plan is None)


def _perform(state: State, runtime: Runtime[Work]) -> State:
    runtime.context.perform()
    return State()


def _weigh(state: State, runtime: Runtime[Work]) -> State:
    again = runtime.context.follow_up()
    if again:
        return State(cleared=[], waiting=[], held=[], again=True)
    weighed = runtime.context.weigh()
    # What was left just now may have made others ready, which wait for nothing.
    again = bool(weighed.left) and not weighed.cleared
    return State(cleared=weighed.cleared, waiting=weighed.asked, held=weighed.held, again=again)


def _gate(state: State) -> State:
    interrupt([*state["waiting"], *state.get("held", ())])
    return State()


def _effect(state: State, runtime: Runtime[Work]) -> State:
    runtime.context.effect(state["cleared"])
    return State(cleared=[])


def _report(state: State, runtime: Runtime[Work]) -> State:
    runtime.context.report()
    return State(over=True)


def _after_weighing(state: State) -> str:
    if state.get("again"):
        return "perform"
    if state["cleared"]:
        return "effect"
    return "gate" if state["waiting"] or state.get("held") else "report"


def _compile(saver: SqliteSaver) -> Any:
    graph = StateGraph(State, context_schema=Work)
    graph.add_node("plan", _plan)
    graph.add_node("perform", _perform)
    graph.add_node("weigh", _weigh)
    graph.add_node("gate", _gate)
    graph.add_node("effect", _effect)
    graph.add_node("report", _report)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", lambda s: END if s["over"] else "perform", [END, "perform"])
    graph.add_edge("perform", "weigh")
    graph.add_conditional_edges("weigh", _after_weighing, ["perform", "effect", "gate", "report"])
    graph.add_edge("gate", "weigh")
    graph.add_edge("effect", "perform")
    graph.add_edge("report", END)
    return graph.compile(checkpointer=saver)
