"""Imported once by the server that the children of `crashing` are forked from: each is ready at once."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import made_once
import pytest
from crashing import WINCH, connect, ready

made_once.begin(pytest.MonkeyPatch())  # for as long as this process lives
# A whole run: what it imports, builds and compiles no child has to; nothing of it stays open.
with TemporaryDirectory() as folder, connect(ready(Path(folder), WINCH)) as app:
    assert app.ask("twelve", approve=True, fresh=False).status == "done"
assert threading.active_count() == 1, "a thread would be missing in the children"
gc.freeze()  # no child looks through, and so copies, what it shares with the others
