"""A demo that walks through requests: shows each, says yes where it is asked, and notes what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deskhand.agent.app import App
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.cards import card
from deskhand.agent.terminal.output import Screen


class Walking:
    """What every walk does."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.steps: list[dict[str, Any]] = []
        """What was done, for `--json`."""

    def ask(self, app: App, title: str, request: str) -> None:
        """Ask, and say yes to what is asked. :raises Refusal: it did not go as it should."""
        self.title(title)
        self.say(f"> {request}", "bold cyan")
        self.say()

        def approve(approval: dict[str, Any]) -> dict[str, Any]:
            card(self.screen, approval) if not self.screen.json else None
            self.say(
                "Your answer, in this demo: yes. (A mail to others would be held for 30 seconds, and", "bold"
            )
            self.say("deskhand undo would take it back; the demo does not wait.)", "bold")
            self.say()
            return {"verdict": "approve", "by": "the demo"}

        self.tell(app.ask(request, approve=approve))

    def tell(self, run: Any) -> None:
        """Show what a run came to. :raises Refusal: it did not go as it should."""
        self.say(run.answer)
        for effect in run.effects:
            if effect.receipt is not None:
                self.say(f"  read back from {effect.source}: {effect.receipt['ref']}", "dim")
        self.steps.append(
            {"step": run.request, "run": run.id, "status": run.status, "effects": len(run.effects)}
        )
        if run.status != "done":
            raise Refusal(f"The demo did not go as it should: “{run.request}” ended {run.status}.", 1)

    def title(self, text: str) -> None:
        """Show what is to come."""
        self.say()
        if self.screen.fancy:
            from rich.rule import Rule

            self.screen.console.print(Rule(f"[bold]{text}", align="left"))
        else:
            self.say(f"== {text}")
        self.say()

    def say(self, text: str = "", style: str = "") -> None:
        """Show a line."""
        if not self.screen.json:
            self.screen.line(text, style)

    def when(self, moment: datetime) -> str:
        """A moment as it is shown."""
        return self.screen.time(moment.isoformat())
