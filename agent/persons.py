"""What the settings say of the person, of others, of rooms and of meetings, as the agent's plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from deskhand.agent.availability.daysoff import check_country
from deskhand.agent.catalogue import own_addresses
from deskhand.agent.profile import DaysOff, Habits, Owner, Room, Someone
from deskhand.agent.slots.model import Preferences
from deskhand.config.errors import ConfigError
from deskhand.config.people import Habits as Days
from deskhand.config.people import Meetings, read_nicknames
from deskhand.config.settings import Settings


def owner_of(settings: Settings) -> Owner:
    """The person Deskhand works for. :raises ConfigError: a country whose holidays nobody knows."""
    p = settings.person
    people = tuple(
        Someone(
            address, s.name, s.zone, s.week, _off(s, f'[people."{address}"]'), s.must_confirm,
            s.liked, s.liked_days,
        )
        for address, s in settings.people.items()
    )  # fmt: skip
    rooms = tuple(Room(name, (r.address or name).lower(), r.seats) for name, r in settings.rooms.items())
    return Owner(
        p.name, p.email.lower(), own_addresses(settings), p.zone, p.locale, p.week,
        settings.digest.waiting_days, _off(p, "[person]"), _habits(settings.meetings), people, rooms,
        settings.groups, read_nicknames(settings.nicknames),
    )  # fmt: skip


def _habits(m: Meetings) -> Habits:
    prefer = replace(Preferences(), lunch_span=m.lunch_span, **m.weights.given)
    return Habits(
        timedelta(minutes=m.notice), m.buffer, m.travel, tuple(w.lower() for w in m.here), m.lunch_span,
        m.keep_lunch, m.focus_week, m.most_a_day, m.liked, m.liked_days, m.grid, m.learn_hours, prefer,
    )  # fmt: skip


def _off(days: Days, where: str) -> DaysOff:
    if days.country:
        try:
            check_country(days.country, days.subdivision)
        except ValueError as error:
            raise ConfigError(f"config.toml, {where}: {error}.") from None
    return DaysOff(days.off, days.country, days.subdivision)
