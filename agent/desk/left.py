"""What waits to be carried on: runs that were cut off, and mail whose time to go out has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskhand.agent.desk import shapes
from deskhand.agent.times import say_instant

if TYPE_CHECKING:
    from deskhand.agent.app import App

GO_ON = "deskhand sync, or any other command that does something"
"""What carries it on. A command that only looks does not."""


def left(app: App) -> list[dict[str, Any]]:
    """Runs that are not over, that wait for nobody, and that nobody is at; [] where there are none."""
    if not (app.home.root / "runs.db").exists():
        return []
    return [_left(app, name) for name in app.runs_room.left()]


def _left(app: App, name: str) -> dict[str, Any]:
    now = app.now()
    kept = [e for e in app.runs_room.records.held(name) if e.due is None or e.due <= now]
    if kept:
        what = " and ".join(dict.fromkeys(shapes.what(e) for e in kept))
        since = f" since {say_instant(kept[0].due, app.owner.zone, now)}" if kept[0].due else ""
        said = f"{name} holds {what}, which was to go out{since}. It does with {GO_ON}; take it back with: "
        said += f"deskhand undo {name}"
    else:
        said = f"{name} was cut off. It goes on with {GO_ON}; stop it with: deskhand runs cancel {name}"
    return {"run": name, "request": app.run(name).request, "held": [e.key for e in kept], "said": said}
