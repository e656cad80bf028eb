"""Standing permissions as every door offers them: proposed, granted with a yes, listed, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from deskhand.agent.errors import Refusal

if TYPE_CHECKING:
    from deskhand.agent.app import App
    from deskhand.agent.model import Permission
    from deskhand.agent.records.granted import Uses
    from deskhand.agent.runs.deciding import Always

Answer = dict[str, Any]


def always_of(app: App, given: Mapping[str, Any] | bool) -> Always:
    """How a permission is to be granted: `{"until", "per_day", "to"}`, each of them optional.

    :raises Refusal: there is no such group, or no such time.
    """
    from deskhand.agent.model import PER_DAY
    from deskhand.agent.runs.deciding import Always

    said: Mapping[str, Any] = {} if isinstance(given, bool) else given
    if unknown := said.keys() - {"until", "per_day", "to"}:
        raise Refusal(f"A permission has no {sorted(unknown)[0]!r}; it has until, per_day and to.")
    group = str(said.get("to") or "")
    groups = app.owner.groups
    if group and group not in groups:
        known = f" There are: {', '.join(groups)}." if groups else " There is none yet."
        raise Refusal(f"There is no group {group!r}.{known}")
    often = said.get("per_day")
    return Always(
        until=_until(app, said.get("until")), per_day=PER_DAY if often is None else int(often), group=group,
        members=frozenset(groups[group]) if group else frozenset(),
    )  # fmt: skip


def proposed(app: App, *, approval: str, always: Mapping[str, Any]) -> Answer:
    """What a yes with `--always` would grant; nothing is decided and nothing granted."""
    from deskhand.agent.trust.approvals import Refused

    try:
        made = app.runs_room.deciding.proposed(approval, always_of(app, always))
    except (LookupError, Refused) as error:
        raise Refusal(str(error.args[0])) from None
    return shape(made, None, app=app) | {"permission": ""}


def listed(app: App) -> Answer:
    """Every permission, also those that hold no more, with how often it was used."""
    uses = app.runs_room.records.uses()
    return {"permissions": [shape(p, uses.get(p.id), app=app) for p in app.permissions()]}


def revoked(app: App, *, permission: str) -> Answer:
    """Take a permission back."""
    app.revoke(permission)
    return next(p for p in listed(app)["permissions"] if p["permission"] == permission)


def shape(p: Permission, uses: Uses | None, *, app: App) -> Answer:
    """A permission as `--json` prints it (docs/json.md)."""
    from deskhand.agent.records.granted import Uses
    from deskhand.agent.trust.permissions import sentence

    used = uses or Uses()
    over = "revoked" if p.revoked else "over" if app.now() >= p.until else ""
    return {
        "permission": p.id,
        "state": over or ("void" if p.policy != app.policy.version(p.operation) else "holds"),
        "says": sentence(p),
        "operation": p.operation,
        "source": p.source,
        "people": list(p.people),
        "group": p.group,
        "schedule": p.schedule,
        "equal": p.equal,
        "per_day": p.per_day,
        "granted": p.created.isoformat(),
        "until": p.until.isoformat(),
        "approval": p.approval,
        "revoked": p.revoked.isoformat() if p.revoked else None,
        "used": used.count,
        "last": used.last.isoformat() if used.last else None,
        "last_run": used.run,
    }


def _until(app: App, said: object) -> datetime | None:
    """An instant; of a mere date its end, on the person's clock."""
    if said in (None, ""):
        return None
    if isinstance(said, datetime):
        return said
    text = str(said)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(f"--until {text!r} is no date; write it like 2027-01-31.") from None
    if len(text) == len("2027-01-31"):
        moment = moment.replace(tzinfo=app.owner.tz) + timedelta(days=1)
    return (moment if moment.tzinfo else moment.replace(tzinfo=app.owner.tz)).astimezone(UTC)
