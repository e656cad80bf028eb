"""The sample workspace: an invented office with mail, calendars, documents and a handbook, around any now.

`workspace.toml` is the story and is meant to be read; `Sample.load` puts its dates in place and
`Sample.write` lays it out on disk in real formats.
"""

from __future__ import annotations

from deskhand.agent.sample.story import Person, Request
from deskhand.agent.sample.workspace import Sample

__all__ = ["Person", "Request", "Sample"]
