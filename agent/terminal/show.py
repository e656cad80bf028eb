"""How answers look in a terminal: calm, in words, plain where the output is no terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from deskhand.agent.terminal import amounts
from deskhand.agent.terminal.cards import card
from deskhand.agent.terminal.output import TITLE, Screen, count, short
from deskhand.agent.terminal.show_effects import effect

Answer = Mapping[str, Any]


def run(screen: Screen, answer: Answer) -> None:
    """A run's answer, and what it waits for."""
    if answer["answer"]:
        screen.line(answer["answer"])
    for choice in answer["choices"]:
        screen.line(f"  - {choice}", "cyan")
    if answer["approvals"]:
        screen.line()
        questions(screen, answer["approvals"])
    if answer["status"] == "waiting":
        ids = [a["approval"] for a in answer["approvals"]]
        screen.line()
        made = Counter(
            f"{e['operation']} in {e['source']}" for e in answer["effects"] if e["state"] == "done"
        )
        done = [what if n == 1 else f"{n} times {what}" for what, n in made.items()]
        so_far = f"Done so far: {', '.join(done)}." if done else "Nothing has happened yet."
        how = f"deskhand approve {' '.join(ids)}  (or reject, edit)"
        if len(ids) > 1:
            how = f"deskhand approve {answer['run']}, or one by one, as {ids[0]}  (or reject, edit)"
        screen.line(f"{so_far} Decide with: {how}", "yellow")
    elif answer["status"] == "held":
        screen.line()
        screen.line(
            f"Take it back with: deskhand undo {answer['run']}  (it goes out after its time, with the next "
            "command that does something, or while deskhand serve runs)",
            "yellow",
        )
    elif answer["status"] in ("done", "partial") and any(e["undoable"] for e in answer["effects"]):
        screen.line()
        screen.line(f"Take it back with: deskhand undo {answer['run']}", "dim")


def questions(screen: Screen, asked: Sequence[Answer]) -> None:
    """What waits for a decision: what a run asks stands together, under one head."""
    runs = dict.fromkeys(a["run"] for a in asked)
    for n, name in enumerate(runs):
        mine = [a for a in asked if a["run"] == name]
        if n:
            screen.line()
        if len(mine) > 1:
            screen.heading(f"{len(mine)} questions of {name}:")
            for a in mine:
                screen.line(f"  {a['approval']}: {a['summary']}")
            screen.line(f"All of them: deskhand approve {name}. Each can be decided by itself.", "dim")
            screen.line()
        for a in mine:
            card(screen, a)


def hits(screen: Screen, answer: Answer) -> None:
    """Search results: title, place, passage."""
    for n, hit in enumerate(answer["hits"], 1):
        who = f", {hit['people'][0]}" if hit["people"] else ""
        where = short(hit["ref"], 1_000)
        screen.line(f"{n}. {short(hit['title'], TITLE) or '(no title)'}", "bold")
        past = "" if hit["current"] else f", version {hit['version']}"
        screen.line(f"   {hit['kind']}, {screen.time(hit['time'])}{short(who, TITLE)}{past}", "dim")
        screen.line(f"   {short(hit['text'], 240)}")
        screen.line(f"   {where}", "dim")
        for copy in hit["copies"]:
            screen.line(f"   also {short(copy, 1_000)}", "dim")
    if not answer["hits"]:
        screen.line("Nothing was found.")
    notes(screen, answer["notes"])


def runs(screen: Screen, answer: Answer) -> None:
    """Runs, newest first."""
    if not answer["runs"]:
        screen.line('There is no run yet. For example: deskhand ask "what is on my calendar tomorrow"')
    for r in answer["runs"]:
        asked = f"{screen.time(r['created'])}  {short(r['request'], 80)}"
        screen.row(f"{r['run']:<6} {r['status']:<9} {asked}", hang=7)
    left(screen, answer)


def left(screen: Screen, answer: Answer) -> None:
    """What waits to be carried on."""
    for one in answer["left"]:
        screen.line(one["said"], "yellow")


def whole(screen: Screen, answer: Answer) -> None:
    """One run, all of it; or one item with its versions."""
    if "item" in answer:
        item(screen, answer)
        return
    if "state_words" in answer:
        effect(screen, answer)
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
            screen.line(f"      {short(said, 200)}", "dim")
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
    screen.heading(short(answer["title"], TITLE) or "(no title)")
    until = f" to {screen.time(answer['end'])}" if answer["end"] else ""
    screen.line(f"{answer['kind']}, {screen.time(answer['time'])}{until}, {answer['item']}", "dim")
    for person in answer["people"]:
        screen.line(f"  {short(person, TITLE)}", "dim")
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
        if s["waits"]:
            screen.line(f"  It {s['waits']}", "yellow")


def history(screen: Screen, answer: Answer) -> None:
    """What became of a schedule's times."""
    if not answer["slots"]:
        screen.line("None of its times has come yet.")
    for s in answer["slots"]:
        screen.line(f"{s['slot']}  {s['outcome']}  {s['run'] or s['why']}".rstrip())


def doctor(screen: Screen, answer: Answer) -> None:
    """What is wrong, if anything."""
    if answer["rebuilt"] is not None:
        screen.line(f"The index was made anew: {count(answer['rebuilt'], 'passage')}.")
    for name in answer["set_aside"]:
        screen.line(f"{name} was damaged; it is kept as {name}.damaged and made anew.")
    if counts := answer["counts"]:
        held = f"{count(counts['items'], 'item')}, {count(counts['versions'], 'version')}"
        screen.line(f"{answer['home']}: {held}.")
        if counts["pending"]:
            waiting = count(counts["pending"], "passage")
            screen.line(f"{waiting} found by words only until the next deskhand sync.")
    for problem in answer["problems"]:
        screen.line(f"  {problem}", "yellow")
    if answer["problems"]:
        if not answer["index"]:
            screen.line("Mend the index with: deskhand doctor --rebuild")
    else:
        screen.line("All is well.", "green")


def notes(screen: Screen, said: Iterable[str]) -> None:
    """Remarks under an answer."""
    for note in said:
        screen.line(f"Note: {note}", "yellow")
