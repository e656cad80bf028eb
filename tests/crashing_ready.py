"""What a child of `crashing` needs, imported once by the server that it is forked from."""

from __future__ import annotations

import alembic.command  # noqa: F401
import crashing  # noqa: F401
import numpy as np  # noqa: F401
import pydantic_settings  # noqa: F401
import pygit2  # noqa: F401

import deskhand.agent.reading.digest
import deskhand.agent.runs.graph
import deskhand.config.environment
import deskhand.connectors.files
import deskhand.connectors.ics
import deskhand.connectors.maildir  # noqa: F401
from deskhand.agent.actions import actions

actions()
