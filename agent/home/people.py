"""What the settings say of the person, of others, of rooms and of meetings, as the agent's plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from deskhand.agent.availability.daysoff import check_country
from deskhand.agent.profile import Away, DaysOff, Habits, Owner, Room, Someone
from deskhand.agent.slots.model import Preferences
from deskhand.agent.sources.catalogue import own_addresses, shared_addresses
from deskhand.config.errors import ConfigError
from deskhand.config.people import Habits as Days
from deskhand.config.people import Meetings, read_nicknames
from deskhand.config.settings import Person, Settings
from deskhand.connectors._profile import Profile


def owner_of(settings: Settings, said: Sequence[Profile] = ()) -> Owner:
    """The person Deskhand works for.

    :param said: what her accounts say of her; it stands where she set nothing herself.
    :raises ConfigError: a country whose holidays nobody knows.
    """
    p = settings.person
    told = suggested(p, said)
    people = tuple(
        Someone(
            address, s.name, s.zone, s.week, _off(s, f'[people."{address}"]'), s.must_confirm,
            s.liked, s.liked_days, tuple(a.lower() for a in s.aliases),
        )
        for address, s in settings.people.items()
    )  # fmt: skip
    rooms = tuple(Room(name, (r.address or name).lower(), r.seats) for name, r in settings.rooms.items())
    return Owner(
        p.name, p.email.lower(), own_addresses(settings), told.zone or p.zone, told.locale or p.locale,
        told.hours or p.week, settings.digest.waiting_days, _off(p, "[person]"),
        _habits(settings.meetings), people, rooms, settings.groups, read_nicknames(settings.nicknames),
        shared=shared_addresses(settings),
        calendar=settings.meetings.calendar,
        away=tuple(Away(s.away_from, s.away_until) for s in said if s.away),
    )  # fmt: skip


def suggested(person: Person, said: Sequence[Profile]) -> Profile:
    """Of what accounts say of the person, what is gone by: of each the first word, where she set none."""
    mine = person.model_fields_set
    return Profile(
        zone="" if "zone" in mine else next((s.zone for s in said if s.zone), ""),
        locale="" if "locale" in mine else next((s.locale for s in said if s.locale), ""),
        hours=None
        if "hours" in mine
        else next((s.hours for s in said if s.hours and not s.hours_zone), None),
    )


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
