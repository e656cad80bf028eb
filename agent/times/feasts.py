"""Holidays that people name in passing ("the day after Thanksgiving"), and the day of a year each falls on.

Public holidays of a country are another matter: those come from the `holidays` library, by person.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same date each year."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The nth weekday of a month (-1 is the last), and days after it."""

    month: int
    weekday: int
    nth: int
    after: int = 0


@dataclass(frozen=True, slots=True)
class Paschal:
    """Days after (Western) Easter Sunday."""

    after: int


@dataclass(frozen=True, slots=True)
class Lunar:
    """A day of the Islamic calendar, by its arithmetic: who looks for the moon may see it a day off."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Listed:
    """(Month, day) of each year from `first` on, where no short rule tells; other years have none here."""

    first: int
    dates: tuple[tuple[int, int], ...]


Feast = Fixed | Counted | Paschal | Lunar | Listed

# The new year of the Chinese calendar from 2020 to 2040, month and day.
_SPRING = "125 212 201 122 210 129 217 206 126 213 203 123 211 131 219 208 128 215 204 124 212"
_SPRING_FESTIVAL = Listed(2020, tuple(divmod(int(day), 100) for day in _SPRING.split()))

# One line a holiday: its names, "|" between them, and its rule. An 's may be left out or stand behind the
# s in what people write; `feasts` adds those spellings.
_TABLE: Mapping[str, Feast] = {
    "new year's day|new year's|new year|yuandan": Fixed(1, 1),
    "epiphany|three kings day": Fixed(1, 6),
    "martin luther king day|martin luther king jr day|mlk day": Counted(1, 0, 3),
    "groundhog day": Fixed(2, 2),
    "valentine's day|saint valentine's day|st valentine's day": Fixed(2, 14),
    "president's day|washington's birthday": Counted(2, 0, 3),
    "international women's day|women's day": Fixed(3, 8),
    "saint patrick's day|st patrick's day|st paddy's day|saint patrick": Fixed(3, 17),
    "april fool's day|april fools": Fixed(4, 1),
    "earth day": Fixed(4, 22),
    "shrove tuesday|mardi gras|pancake day": Paschal(-47),
    "ash wednesday": Paschal(-46),
    "palm sunday": Paschal(-7),
    "maundy thursday": Paschal(-3),
    "good friday": Paschal(-2),
    "easter sunday|easter": Paschal(0),
    "easter monday": Paschal(1),
    "ascension day": Paschal(39),
    "pentecost|whit sunday": Paschal(49),
    "whit monday|pentecost monday": Paschal(50),
    "corpus christi": Paschal(60),
    "may day|international worker's day|int'l worker's day|worker's day": Fixed(5, 1),
    "mother's day": Counted(5, 6, 2),
    "memorial day": Counted(5, 0, -1),
    "father's day": Counted(6, 6, 3),
    "juneteenth|freedom day|jubilee day": Fixed(6, 19),
    "canada day": Fixed(7, 1),
    "independence day": Fixed(7, 4),
    "bastille day": Fixed(7, 14),
    "labor day|labour day": Counted(9, 0, 1),
    "columbus day|indigenous people's day": Counted(10, 0, 2),
    "halloween|hallowe'en": Fixed(10, 31),
    "all saint's day|all saints": Fixed(11, 1),
    "all soul's day": Fixed(11, 2),
    "guy fawkes night|bonfire night": Fixed(11, 5),
    "veteran's day|remembrance day|armistice day": Fixed(11, 11),
    "thanksgiving day|thanksgiving|thanks giving day": Counted(11, 3, 4),
    "black friday": Counted(11, 3, 4, 1),
    "cyber monday": Counted(11, 3, 4, 4),
    "christmas eve|xmas eve": Fixed(12, 24),
    "christmas day|christmas|xmas day|xmas": Fixed(12, 25),
    "boxing day|st stephen's day|saint stephen's day": Fixed(12, 26),
    "new year's eve|new year eve": Fixed(12, 31),
    "ramadan|ramazan|ramzan|ramadhan": Lunar(9, 1),
    "eid al fitr|eid al - fitr|festival of breaking the fast": Lunar(10, 1),
    "eid al adha|eid al - adha|eid al - azha|eidul azha": Lunar(12, 10),
    "chinese new year|lunar new year|spring festival": _SPRING_FESTIVAL,
    "islamic new year|hijri new year|arabic new year": Lunar(1, 1),
}


def _spellings(name: str) -> Iterator[str]:
    """With its apostrophe, without, and with it behind the s, as the token it then is."""
    yield name
    if "'s " in f"{name} ":
        yield name.replace("'s", "s")
        yield name.replace("'s", "s '").strip()


FEASTS: Mapping[str, Feast] = MappingProxyType(
    {
        spelling: feast
        for names, feast in _TABLE.items()
        for name in names.split("|")
        for spelling in _spellings(name)
    }
)


def feast_days(name: str, year: int) -> list[date]:
    """The day of a year, and where the moon decides the days beside it."""
    match FEASTS[name]:
        case Fixed(month, day):
            return [date(year, month, day)]
        case Counted(month, weekday, nth, after):
            if nth < 0:
                last = date(year, month, monthrange(year, month)[1])
                return [last - timedelta(days=(last.weekday() - weekday) % 7 - after)]
            first = date(year, month, 1)
            return [first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1) + after)]
        case Paschal(after):
            from dateutil.easter import easter  # type: ignore[import-untyped]

            sunday: date = easter(year)
            return [sunday + timedelta(days=after)]
        case Listed(first, dates):
            return [date(year, *dates[year - first])] if 0 <= year - first < len(dates) else []
        case Lunar(month, day):
            # A year of that calendar is some 11 days shorter: one of these three begins in the year.
            around = (year - 622) * 33 // 32
            found = [_islamic(around + step, month, day) for step in (-1, 0, 1, 2)]
            there = next((one for one in found if one.year == year), None)
            return [there, there - _ONE, there + _ONE] if there else []


def _islamic(year: int, month: int, day: int) -> date:
    """The tabular calendar, 11 leap years in 30, counted from Friday 16 July 622 (Julian)."""
    months = (29.5 * (month - 1) + 0.5) // 1  # 30 and 29 days in turn
    return date.fromordinal(227_014 + day + int(months) + (year - 1) * 354 + (3 + 11 * year) // 30)
