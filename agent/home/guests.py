"""The language models that the settings name, and the planner that asks them. None named, none imported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from importlib.util import find_spec
from time import monotonic, sleep
from typing import TYPE_CHECKING

from deskhand.config.errors import ConfigError
from deskhand.config.secrets import LookUp
from deskhand.config.settings import Settings

if TYPE_CHECKING:
    from deskhand.agent.models import Model
    from deskhand.agent.models.langchain import LangChain
    from deskhand.agent.models.writing import Writer
    from deskhand.agent.planners import Planner


def problems_of(settings: Settings, look_up: LookUp) -> list[str]:
    """What stands in the way of the models in the settings, each in a sentence; nobody is asked for it."""
    found = []
    for guest in settings.model.guests:
        provider = guest.name.partition(":")[0]
        packages = ("langchain", "langchain_openai") if provider == "openai" else ("langchain",)
        if any(find_spec(p) is None for p in packages):
            extra = (
                "'deskhand[openai]'" if provider == "openai" else "langchain and the package of its provider"
            )
            found.append(f"model {guest.name}: a package is not installed; say: pip install {extra}")
        try:
            guest.key(look_up)
        except ConfigError as error:
            found.append(f"model {guest.name}: {error}")
    return found


def planner_of(settings: Settings, look_up: LookUp) -> Planner | None:
    """The planner that asks the configured models before the rules; None where none is configured.

    Keys are looked up when a model is first asked: a key that is missing stops nothing else.
    """
    if not settings.model.guests:
        return None
    from deskhand.agent.models.trying import Clocks
    from deskhand.agent.planners.model import ModelPlanner
    from deskhand.agent.planners.rules import plan

    return ModelPlanner(_models(settings, look_up), plan, Clocks(ticks=monotonic, pause=sleep))


def writer_of(
    settings: Settings, look_up: LookUp, *, local_only: Callable[[], Collection[str]] = tuple
) -> Writer | None:
    """What has the configured models write out of connected text; None without the person's leave."""
    if not (settings.model.guests and settings.model.writes):
        return None
    from deskhand.agent.models.trying import Clocks
    from deskhand.agent.models.writing import write

    clocks = Clocks(ticks=monotonic, pause=sleep)
    return partial(write, models=_models(settings, look_up), clocks=clocks, local_only=local_only)


def handed(
    models: Sequence[Model],
    settings: Settings,
    look_up: LookUp,
    *,
    local_only: Callable[[], Collection[str]] = tuple,
) -> tuple[Planner | None, Writer | None]:
    """What plans and what writes: these models, or where there are none those that the settings name.

    What is handed in plans before the rules, and writes where the settings give leave (`model.writes`).

    :param local_only: aliases of the sources whose words no model on another machine is given.
    """
    if not models:
        return planner_of(settings, look_up), writer_of(settings, look_up, local_only=local_only)
    from deskhand.agent.models.trying import Clocks
    from deskhand.agent.models.writing import write
    from deskhand.agent.planners.model import ModelPlanner
    from deskhand.agent.planners.rules import plan

    clocks = Clocks(ticks=monotonic, pause=sleep)
    writer = (
        partial(write, models=models, clocks=clocks, local_only=local_only) if settings.model.writes else None
    )
    return ModelPlanner(models, plan, clocks), writer


def held_to_words(planner: Planner) -> Planner:
    """A planner that somebody else wrote: its plans go as far as the person's words, no further unasked."""
    from deskhand.agent.planners.handed import HandedIn
    from deskhand.agent.planners.rules import plan

    return HandedIn(planner, plan)


def _models(settings: Settings, look_up: LookUp) -> list[LangChain]:
    from deskhand.agent.models.langchain import LangChain

    guests = settings.model.guests
    return [
        LangChain(g.name, g.base_url, partial(g.key, look_up), g.timeout, g.options, g.private)
        for g in guests
    ]
