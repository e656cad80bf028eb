"""What is wrong with a home, and made well again (`deskhand doctor`). Plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskhand.connectors.database import DamagedStorage, StorageError

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]


def doctor(app: App, *, rebuild: bool = False, **watch: Any) -> Answer:
    """Look a home over; with `rebuild`, make anew what can be made anew."""
    made: Answer = {"home": str(app.home.root), "rebuilt": None, "set_aside": [], "counts": {}, "index": True}
    try:
        counts = app.archive.counts()
    except DamagedStorage as error:
        aside = f"mv {app.home.archive} {app.home.archive}.damaged"
        return made | {
            "problems": [
                f"{error} Nothing can make the archive anew but your sources: {aside}, then deskhand sync. "
                "Versions that no git history and no source keeps would be lost; a backup is better."
            ]
        }
    except StorageError as error:  # what is in the archive is well: its disk is what wants looking after
        return made | {"problems": [str(error)]}
    if rebuild:
        made |= {"set_aside": app.set_aside(), "rebuilt": app.rebuild(**watch)}
    counts = {**counts, **app.index.counts()}
    # What only waits for the next sync is no problem; it is counted as pending.
    index = [p for p in app.check_index() if not (counts["pending"] and p.endswith("have no vectors yet."))]
    return made | {"problems": [*index, *app.check_beside_index()], "counts": counts, "index": not index}
