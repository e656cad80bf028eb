"""Runs at the doors: begun, decided, watched, stopped, taken back. Plain JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from deskhand.agent.desk import effects, permits, shapes
from deskhand.agent.desk.left import left
from deskhand.agent.errors import Refusal

if TYPE_CHECKING:
    from deskhand.agent.app import App
    from deskhand.agent.model import Event

Answer = dict[str, Any]
Tell = Callable[[Mapping[str, Any]], None]
"""Told an event of a run, in its JSON shape."""


def ask(
    app: App, *, text: str, yes: bool = False, approve: Any = None, wait: float | None = None,
    held: bool = True, watch: Tell | None = None,
) -> Answer:  # fmt: skip
    """Ask for something in words; the run, finished or waiting."""
    if text.strip() and not app.connections.aliases and (kept := app.kept()):
        raise Refusal(
            f"Nothing is connected now. What was kept of {', '.join(kept)} is found by deskhand search; to "
            f"connect {kept[0]} again: {app.was(kept[0]).again(kept[0])}"
        )
    if text.strip() and not app.connections.aliases:
        raise Refusal(
            "Nothing is connected yet, so there is nothing to look at. Try: deskhand add maildir ~/Mail"
        )
    run = app.ask(text, approve=True if yes else approve, wait=wait, held=held, watch=telling(watch))
    return shapes.run(run)


def approvals(app: App, *, state: str = "pending") -> Answer:
    """What waits for the person: questions, writes of which nobody knows, runs that were cut off."""
    asked = [shapes.approval(a) for a in app.approvals(state=state)]
    return {"approvals": asked, "unknown": effects.unknown(app), "left": left(app)}


def decide(
    app: App, *, approval: str, verdict: str, changes: Mapping[str, Any] | None = None, reason: str = "",
    always: Mapping[str, Any] | None = None, held: bool = True, watch: Tell | None = None,
) -> Answer:  # fmt: skip
    """Decide a question; the run, and what is always allowed from now on."""
    run = app.decide(
        approval, verdict, changes=changes, reason=reason, always=always, held=held, watch=telling(watch)
    )
    made = shapes.run(run)
    if always is None:
        return made
    granted = (p for p in permits.listed(app)["permissions"] if p["approval"] == approval)
    return made | {"granted": next(granted, None)}


def decide_all(
    app: App, *, decisions: Mapping[str, Mapping[str, Any]], held: bool = True, watch: Tell | None = None
) -> Answer:
    """Decide several questions in one go, or none."""
    return {"runs": [shapes.run(r) for r in app.decide_all(decisions, held=held, watch=telling(watch))]}


def runs(app: App, *, limit: int = 20) -> Answer:
    """The newest runs, and those that were cut off."""
    return {"runs": [shapes.run(r) for r in app.runs(limit=limit)], "left": left(app)}


def run(app: App, *, run: str) -> Answer:
    """One run."""
    return shapes.run(app.run(run))


def wait(app: App, *, run: str, watch: Tell | None = None) -> Answer:
    """One run, once what it holds has gone out or was taken back."""
    return shapes.run(app.wait_held(run, watch=telling(watch)))


def cancel(app: App, *, run: str, watch: Tell | None = None) -> Answer:
    """Stop a run, also while this process is in the middle of it."""
    return shapes.run(app.cancel(run, watch=telling(watch)))


def undo(app: App, *, what: str, yes: bool = False, held: bool = True, watch: Tell | None = None) -> Answer:
    """Take back what a run or an effect did; the run that does it."""
    notes = list[str]()
    run = app.undo(what, approve=yes or None, held=held, watch=telling(watch), tell=notes.append)
    return shapes.run(run) | {"note": " ".join(notes)}


def digest(
    app: App, *, to: str = "terminal", form: str = "text", everything: bool = False,
    watch: Tell | None = None,
) -> Answer:  # fmt: skip
    """What matters now, in the form that is asked for."""
    run = app.digest(to=to, form=form, everything=everything, watch=telling(watch))
    made = shapes.run(run)
    if to == "terminal" and form != "text" and run.brief is not None:
        from deskhand.agent.wording.render import to_html, to_markdown

        made["answer"] = {"markdown": to_markdown, "html": to_html}[form](run.brief, zone=app.owner.zone)
    return made


def streamed(event: Event) -> dict[str, Any]:
    """An event as it is streamed: it says of which run it is."""
    return {"run": event.run, **shapes.event(event)}


def telling(tell: Tell | None) -> Callable[[Event], None] | None:
    """What is told events, of what is told their JSON."""
    return None if tell is None else lambda event: tell(streamed(event))
