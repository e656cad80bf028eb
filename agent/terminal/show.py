"""How answers look in a terminal: calm, in words, plain where the output is no terminal.

Whatever comes out of a source passes `clean` first: no control sequence, link or hidden character of a
stranger reaches the screen.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from deskhand.agent.render import clean
from deskhand.agent.terminal import amounts

if TYPE_CHECKING:
    from rich.console import Console

Answer = Mapping[str, Any]


class Screen:
    """Where a command prints. Colours and bars only on a terminal; rich is imported only there."""

    def __init__(self, *, json: bool = False, zone: str = "UTC") -> None:
        self.json, self.zone = json, zone
        self.fancy = sys.stdout.isatty() and not json
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """The terminal."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(highlight=False, soft_wrap=False)
        return self._console

    def line(self, text: str = "", style: str = "") -> None:
        """Print text as it is, cleaned; `style` is rich's, on a terminal."""
        text = clean(text)
        if self.fancy:
            from rich.text import Text

            self.console.print(Text(text, style=style))
        else:
            print(text, flush=True)  # `serve` writes for weeks; whoever reads its log reads it now

    def time(self, text: str) -> str:
        """An ISO 8601 time as the person's clock shows it; anything else as it is."""
        try:
            moment = datetime.fromisoformat(text)
        except (TypeError, ValueError):
            return str(text)
        return f"{moment.astimezone(ZoneInfo(self.zone)):%a %d %b %Y %H:%M}"

    def heading(self, text: str) -> None:
        """A line that stands out."""
        self.line(text, "bold")

    @contextmanager
    def progress(self) -> Iterator[Mapping[str, Any]]:
        """Bars for a sync while it lasts; nothing where the output is no terminal."""
        if not self.fancy:
            yield {}
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        )  # fmt: skip
        with Progress(*columns, console=self.console, transient=True) as bars:
            tasks: dict[str, Any] = {}

            def task(name: str, done: int, of: int | None) -> None:
                if name not in tasks:
                    tasks[name] = bars.add_task(name, total=of)
                bars.update(tasks[name], completed=done, total=of)

            yield {
                "progress": lambda p: task(p.source, p.done, p.expected),
                "embedding": lambda done, of: task("understanding", done, of),
            }


def run(screen: Screen, answer: Answer) -> None:
    """A run's answer, and what it waits for."""
    if answer["answer"]:
        screen.line(answer["answer"])
    for choice in answer["choices"]:
        screen.line(f"  - {choice}", "cyan")
    for approval in answer["approvals"]:
        screen.line()
        card(screen, approval)
    if answer["status"] == "waiting":
        ids = " ".join(a["approval"] for a in answer["approvals"])
        screen.line()
        made = Counter(
            f"{e['operation']} in {e['source']}" for e in answer["effects"] if e["state"] == "done"
        )
        done = [what if n == 1 else f"{n} times {what}" for what, n in made.items()]
        so_far = f"Done so far: {', '.join(done)}." if done else "Nothing has happened yet."
        screen.line(f"{so_far} Decide with: deskhand approve {ids}  (or reject, edit)", "yellow")
    elif answer["status"] in ("done", "partial") and any(e["undoable"] for e in answer["effects"]):
        screen.line()
        screen.line(f"Take it back with: deskhand undo {answer['run']}", "dim")


def card(screen: Screen, approval: Answer) -> None:
    """The approval card: what will happen, argument by argument with its origin."""
    rows = []
    for a in approval["shown"]:
        value = screen.time(a["value"]) if a["name"] in ("start", "end", "occurrence") else clean(a["value"])
        if a["name"] == "calendar" and value.startswith("BEGIN:VCALENDAR"):
            method = next((x[7:] for x in value.split() if x.startswith("METHOD:")), "")
            value = f"the same for calendar programs ({method}); all of it with --json"
        rows.append((a["name"], value.replace("\n", "\n    "), a["origin"]))
    undo = {
        "R0": "nothing to undo", "R1": "can be undone", "R2": "can be undone; others will have seen it",
        "R3": "cannot be undone",
    }[approval["undo"]]  # fmt: skip
    lines = [approval["summary"], ""]
    for name, value, origin in rows:
        lines.append(f"{name}: {value}")
        lines.append(f"    {origin}")
    if approval.get("notes"):
        lines += ["", *(clean(n) for n in approval["notes"])]
    whys = [*approval.get("whys", ()), *([""] * len(approval["alternatives"]))]
    for n, other in enumerate(approval["alternatives"], 1):
        told = ", ".join(v if k == "then" else f"{k} {screen.time(v)}" for k, v in other.items())
        if n == 1:
            lines.append("")
        lines.append(f"instead, {n}: {told}" + (f" ({clean(whys[n - 1])})" if whys[n - 1] else ""))
    failure = approval.get("kind") == "failure"
    lines += ["", f"Why you are asked: {approval['reason']}." + ("" if failure else f" Afterwards: {undo}.")]
    lines.append(
        f"If nothing is decided: nothing happens; asked again after {screen.time(approval['expires'])}."
    )
    title = f"{approval['approval']}: what now?" if failure else f"Approve {approval['approval']}?"
    if screen.fancy:
        from rich.panel import Panel
        from rich.text import Text

        screen.console.print(Panel(Text(clean("\n".join(lines))), title=title, border_style="yellow"))
        return
    screen.line(f"-- {title} " + "-" * 50)
    for line in lines:
        screen.line(line)
    screen.line("-" * 68)


def hits(screen: Screen, answer: Answer) -> None:
    """Search results: title, place, passage."""
    for n, hit in enumerate(answer["hits"], 1):
        who = f", {hit['people'][0]}" if hit["people"] else ""
        screen.line(f"{n}. {hit['title'] or '(no title)'}", "bold")
        past = "" if hit["current"] else f", version {hit['version']}"
        screen.line(f"   {hit['kind']}, {screen.time(hit['time'])}{who}{past}", "dim")
        screen.line(f"   {_short(hit['text'], 240)}")
        screen.line(f"   {hit['ref']}", "dim")
    if not answer["hits"]:
        screen.line("Nothing was found.")
    notes(screen, answer["notes"])


def sources(screen: Screen, answer: Answer) -> None:
    """The connected sources and how they stand."""
    if not answer["sources"]:
        screen.line("No source is connected yet. For example: deskhand add maildir ~/Mail")
    for s in answer["sources"]:
        screen.line(f"{s['source']}  ({s['kind']}, {s['place']})", "bold")
        synced = f"synced {screen.time(s['synced'])}" if s["synced"] else "never synced"
        can = ", ".join(s["operations"]) or "nothing (read-only)"
        screen.line(f"  {_count(s['items'], 'item')}, {synced}")
        screen.line(f"  can do: {can}", "dim")
        if s["error"]:
            screen.line(f"  problem: {s['error']}", "red")
        if s["failures"]:
            screen.line(f"  could not be read: {len(s['failures'])}", "yellow")
            _failures(screen, s["failures"])


def synced(screen: Screen, answer: Answer) -> None:
    """What a sync did."""
    if not answer["sources"]:
        screen.line("No source is connected yet. For example: deskhand add maildir ~/Mail")
    for s in answer["sources"]:
        parts = [f"{s[k]} {k}" for k in ("added", "changed", "moved", "removed") if s[k]]
        if s["failed"]:
            parts.append(f"{s['failed']} could not be read")
        elif s["failures"]:  # an earlier pass said so, and it is so still
            parts.append(f"nothing new; {len(s['failures'])} still cannot be read")
        if s["error"]:
            screen.line(f"{s['source']}: {s['error']}", "red")
        if parts or not s["error"]:
            screen.line(f"{s['source']}: {', '.join(parts) or 'nothing new'}")
        _failures(screen, s["failures"])
    if answer["embedded"]:
        screen.line(f"Indexed {_count(answer['embedded'], 'passage')}.", "dim")
    if answer["pending"]:
        screen.line(
            f"{_count(answer['pending'], 'passage')} still to be understood; found by words until then."
        )
    for followed in answer["followed"]:
        run(screen, followed)


def _failures(screen: Screen, failures: Sequence[Answer]) -> None:
    for f in failures[:20]:
        screen.line(f"    {f['ref']}: {f['reason']}")
    if len(failures) > 20:
        screen.line(f"    and {len(failures) - 20} more (deskhand sources --json shows all)")


def runs(screen: Screen, answer: Answer) -> None:
    """Runs, newest first."""
    if not answer["runs"]:
        screen.line('There is no run yet. For example: deskhand ask "what is on my calendar tomorrow"')
    for r in answer["runs"]:
        screen.line(f"{r['run']:<6} {r['status']:<9} {screen.time(r['created'])}  {_short(r['request'], 80)}")


def whole(screen: Screen, answer: Answer) -> None:
    """One run, all of it; or one item with its versions."""
    if "item" in answer:
        item(screen, answer)
        return
    screen.heading(f"{answer['run']}: {answer['request']}")
    screen.line(
        f"{answer['status']}, {screen.time(answer['created'])} to {screen.time(answer['updated'])}",
        "dim",
    )
    if answer.get("spent"):
        screen.line(f"Spent: {amounts.line(answer['spent'])}", "dim")
    if answer["plan"]:
        screen.line()
        screen.heading(f"Plan: {answer['plan']['objective']}")
        for step in answer["plan"]["steps"]:
            screen.line(f"  {step['id']}: {step['op']}  ({step['purpose']})")
    if answer["decisions"]:
        screen.line()
        screen.heading("Decisions")
        for a in answer["decisions"]:
            by = f" by {a['decision']['by']}" if a["decision"] else ""
            screen.line(f"  {a['approval']} {a['state']}{by}: {a['summary']}")
    if answer["effects"]:
        screen.line()
        screen.heading("Effects")
        for e in answer["effects"]:
            where = e["receipt"]["ref"] if e["receipt"] else e["error"]
            screen.line(f"  {e['effect'][:10]} {e['operation']} {e['state']}: {where}")
    screen.line()
    screen.heading("What happened")
    for e in answer["events"]:
        if e["type"] == "begun":
            continue  # how it ended is told
        screen.line(f"  {screen.time(e['at'])}  {e['type']} {_detail(e['data'])}".rstrip())
        for said in (*e["data"].get("faults", ()), *_beside(e["data"])):
            screen.line(f"      {_short(said, 200)}", "dim")
    screen.line()
    run(screen, answer)


def _detail(data: Answer) -> str:
    """What an event was about: a step, an approval, or the model that was tried and how that ended."""
    if "by" in data and "why" in data:
        return f"{data['step']} by {data['by'] or 'extract'}"
    if "model" not in data:
        return str(data.get("step") or data.get("approval") or "")
    counted = [str(n) if n is not None else "?" for n in data.get("tokens", ())]
    tokens = f", {counted[0]} tokens in, {counted[1]} out" if counted else ""
    step = f"{data['step']}: " if data.get("step") else ""
    return f"{step}{data['model']} ({data['manner']}): {data['outcome']}, {data['ms']} ms{tokens}"


def _beside(data: Answer) -> Iterator[str]:
    if isinstance(said := data.get("said"), str):
        yield said
    if data.get("why"):
        yield str(data["why"])
    if data.get("ignored"):
        yield f"Not the model's to say, and left out: {', '.join(data['ignored'])}"


def item(screen: Screen, answer: Answer) -> None:
    """An item and its versions."""
    screen.heading(answer["title"] or "(no title)")
    until = f" to {screen.time(answer['end'])}" if answer["end"] else ""
    screen.line(f"{answer['kind']}, {screen.time(answer['time'])}{until}, {answer['item']}", "dim")
    for person in answer["people"]:
        screen.line(f"  {person}", "dim")
    screen.line()
    screen.line(answer["text"])
    if len(answer["versions"]) > 1:
        screen.line()
        screen.heading("Versions")
        for v in answer["versions"]:
            who = ", ".join(x for x in (v["author"], v["note"].partition("\n")[0]) if x)
            told = [screen.time(v["time"]), v["version"], who, "(current)" if v["current"] else ""]
            screen.line("  " + "  ".join(t for t in told if t))


def schedules(screen: Screen, answer: Answer) -> None:
    """Schedules with their next times."""
    if not answer["schedules"]:
        screen.line('There is none yet. Try: deskhand schedule add "every weekday at 8:00 send me a digest"')
    for s in answer["schedules"]:
        when = "paused" if s["paused"] else "next " + ", ".join(screen.time(t) for t in s["next"])
        without = f"; except {s['except']}" if s["except"] else ""
        screen.line(f"{s['schedule']}: {s['request']}  ({when}{without})")


def history(screen: Screen, answer: Answer) -> None:
    """What became of a schedule's times."""
    if not answer["slots"]:
        screen.line("None of its times has come yet.")
    for s in answer["slots"]:
        screen.line(f"{s['slot']}  {s['outcome']}  {s['run'] or s['why']}".rstrip())


def doctor(screen: Screen, answer: Answer) -> None:
    """What is wrong, if anything."""
    if answer["rebuilt"] is not None:
        screen.line(f"The index was made anew: {_count(answer['rebuilt'], 'passage')}.")
    for name in answer["set_aside"]:
        screen.line(f"{name} was damaged; it is kept as {name}.damaged and made anew.")
    if counts := answer["counts"]:
        held = f"{_count(counts['items'], 'item')}, {_count(counts['versions'], 'version')}"
        screen.line(f"{answer['home']}: {held}.")
        if counts["pending"]:
            waiting = _count(counts["pending"], "passage")
            screen.line(f"{waiting} found by words only until the next deskhand sync.")
    for problem in answer["problems"]:
        screen.line(f"  {problem}", "yellow")
    if answer["problems"]:
        if answer["counts"]:
            screen.line("Mend the index with: deskhand doctor --rebuild")
    else:
        screen.line("All is well.", "green")


def notes(screen: Screen, said: Iterable[str]) -> None:
    """Remarks under an answer."""
    for note in said:
        screen.line(f"Note: {note}", "yellow")


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
