"""What people say about time, and what we read: a table of phrases, and the laws that hold for any text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deskhand.agent.times import TEXT_LIMIT, Reading, read
from deskhand.agent.times.lexicon import FOLLOWERS, words

LISBON = "Europe/Lisbon"
# A Thursday.
NOW = datetime(2026, 11, 19, 10, 30, tzinfo=ZoneInfo(LISBON))


def edge(moment: datetime | None) -> str:
    if moment is None:
        return ".."
    clock = f"{moment:%H:%M:%S}".removesuffix(":00")
    return f"{moment:%Y-%m-%d}" if clock == "00:00" else f"{moment:%Y-%m-%d} {clock}"


def shown(reading: Reading) -> str:
    """A reading as the table writes it: midnights are not shown, an open end is ".."."""
    if reading.kind == "instant":
        return f"{reading.start:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if reading.kind == "interval":
        return f"{edge(reading.start)} / {edge(reading.end)}"
    if reading.kind == "duration":
        return f"{reading.seconds} s"
    return f"{reading.rrule} @ {edge(reading.start)}" + (f" / {edge(reading.end)}" if reading.end else "")


def said(text: str, *, now: datetime = NOW, zone: str = LISBON, locale: str = "en_US") -> str:
    return " ; ".join(shown(reading) for reading in read(text, now=now, zone=zone, locale=locale))


PHRASES = [
    ("Tuesday", "2026-11-24 / 2026-11-25"),
    ("on Tuesday", "2026-11-24 / 2026-11-25"),
    ("this Friday", "2026-11-20 / 2026-11-21"),
    ("this Monday", "2026-11-23 / 2026-11-24"),
    ("last Monday", "2026-11-16 / 2026-11-17"),
    ("coming Thursday", "2026-11-26 / 2026-11-27"),
    ("Thursday", "2026-11-26 / 2026-11-27"),
    ("Tuesday week", "2026-12-01 / 2026-12-02"),
    ("the Tuesday after next", "2026-12-01 / 2026-12-02"),
    ("Tuesday next week", "2026-11-24 / 2026-11-25"),
    ("next week on Tuesday", "2026-11-24 / 2026-11-25"),
    ("Monday the week after next", "2026-11-30 / 2026-12-01"),
    ("24 November", "2026-11-24 / 2026-11-25"),
    ("the 24th of November", "2026-11-24 / 2026-11-25"),
    ("November 24th, 2026", "2026-11-24 / 2026-11-25"),
    ("Nov 24", "2026-11-24 / 2026-11-25"),
    ("Tue 24 Nov", "2026-11-24 / 2026-11-25"),
    ("Tuesday, 24 November 2026", "2026-11-24 / 2026-11-25"),
    ("the 24th", "2026-11-24 / 2026-11-25"),
    ("on the 3rd", "2026-12-03 / 2026-12-04"),
    ("Tuesday the 24th", "2026-11-24 / 2026-11-25"),
    ("2026-11-24", "2026-11-24 / 2026-11-25"),
    ("11/24", "2026-11-24 / 2026-11-25"),
    ("24/11", "2026-11-24 / 2026-11-25"),
    ("24.11.2026", "2026-11-24 / 2026-11-25"),
    ("1 January", "2027-01-01 / 2027-01-02"),
    ("18 November", "2027-11-18 / 2027-11-19"),
    ("February 29", "2028-02-29 / 2028-03-01"),
    ("today", "2026-11-19 / 2026-11-20"),
    ("tomorrow", "2026-11-20 / 2026-11-21"),
    ("yesterday", "2026-11-18 / 2026-11-19"),
    ("the day after tomorrow", "2026-11-21 / 2026-11-22"),
    ("the day before yesterday", "2026-11-17 / 2026-11-18"),
    ("in 3 days", "2026-11-22 / 2026-11-23"),
    ("3 days ago", "2026-11-16 / 2026-11-17"),
    ("two weeks from now", "2026-12-03 / 2026-12-04"),
    ("two weeks from today", "2026-12-03 / 2026-12-04"),
    ("a week from Friday", "2026-11-27 / 2026-11-28"),
    ("2 days before Christmas", "2026-12-23 / 2026-12-24"),
    ("the day after Thanksgiving", "2026-11-27 / 2026-11-28"),
    ("in a week's time", "2026-11-26 / 2026-11-27"),
    ("5 working days from now", "2026-11-26 / 2026-11-27"),
    ("the first Monday in December", "2026-12-07 / 2026-12-08"),
    ("the last Friday of next month", "2026-12-25 / 2026-12-26"),
    ("last day of the month", "2026-11-30 / 2026-12-01"),
    ("the last working day of the month", "2026-11-30 / 2026-12-01"),
    ("Christmas", "2026-12-25 / 2026-12-26"),
    ("Easter 2027", "2027-03-28 / 2027-03-29"),
    ("at 3pm", "2026-11-19 15:00"),
    ("15:00", "2026-11-19 15:00"),
    ("at 15:30", "2026-11-19 15:30"),
    ("noon", "2026-11-19 12:00"),
    ("midnight", "2026-11-20 00:00"),
    ("tomorrow at 3", "2026-11-20 15:00"),
    ("Tuesday 15:30", "2026-11-24 15:30"),
    ("Tuesday at 9", "2026-11-24 09:00"),
    ("3pm on Friday", "2026-11-20 15:00"),
    ("at 3 tomorrow", "2026-11-20 15:00"),
    ("half past 3 tomorrow", "2026-11-20 15:30"),
    ("quarter to five", "2026-11-19 16:45"),
    ("ten past nine", "2026-11-20 09:10"),
    ("3 o'clock", "2026-11-19 15:00"),
    ("at 8.30 pm", "2026-11-19 20:30"),
    ("at 1530", "2026-11-19 15:30"),
    ("9 a.m.", "2026-11-20 09:00"),
    ("at 9 in the evening", "2026-11-19 21:00"),
    ("tomorrow morning at 7", "2026-11-20 07:00"),
    ("tonight at 8", "2026-11-19 20:00"),
    ("tonight", "2026-11-19 18:00 / 2026-11-20"),
    ("last night", "2026-11-18 20:00 / 2026-11-19"),
    ("this afternoon", "2026-11-19 12:00 / 2026-11-19 17:00"),
    ("later this afternoon", "2026-11-19 14:30 / 2026-11-19 17:00"),
    ("tomorrow afternoon", "2026-11-20 12:00 / 2026-11-20 17:00"),
    ("Friday morning", "2026-11-20 08:00 / 2026-11-20 12:00"),
    ("the morning of the 24th", "2026-11-24 08:00 / 2026-11-24 12:00"),
    ("first thing in the morning", "2026-11-20 08:00 / 2026-11-20 10:00"),
    ("Friday lunchtime", "2026-11-20 12:00 / 2026-11-20 14:00"),
    ("after lunch on Friday", "2026-11-20 14:00 / 2026-11-21"),
    ("before lunch", ".. / 2026-11-19 12:00"),
    ("Tuesday am", "2026-11-24 08:00 / 2026-11-24 12:00"),
    ("Friday at midnight", "2026-11-21 00:00"),
    ("by EOD Friday", ".. / 2026-11-20 17:00"),
    ("end of day tomorrow", "2026-11-20 17:00"),
    ("in 20 minutes", "2026-11-19 10:50"),
    ("in an hour and 15 minutes", "2026-11-19 11:45"),
    ("half an hour from now", "2026-11-19 11:00"),
    ("an hour ago", "2026-11-19 09:30"),
    ("an hour before 3pm tomorrow", "2026-11-20 14:00"),
    ("30 minutes after noon", "2026-11-19 12:30"),
    ("now", "2026-11-19 10:30"),
    ("2026-11-24T15:00:00Z", "2026-11-24 15:00"),
    ("2026-11-24 15:00", "2026-11-24 15:00"),
    ("Wed, 25 Nov 2026 09:15:00 +0100", "2026-11-25 08:15"),
    ("next week", "2026-11-23 / 2026-11-30"),
    ("this week", "2026-11-16 / 2026-11-23"),
    ("last week", "2026-11-09 / 2026-11-16"),
    ("the week after next", "2026-11-30 / 2026-12-07"),
    ("the week of the 24th", "2026-11-23 / 2026-11-30"),
    ("week commencing 7 December", "2026-12-07 / 2026-12-14"),
    ("week 50", "2026-12-07 / 2026-12-14"),
    ("this month", "2026-11-01 / 2026-12-01"),
    ("next month", "2026-12-01 / 2027-01-01"),
    ("last month", "2026-10-01 / 2026-11-01"),
    ("in March", "2027-03-01 / 2027-04-01"),
    ("in March 2028", "2028-03-01 / 2028-04-01"),
    ("next March", "2027-03-01 / 2027-04-01"),
    ("in May", "2027-05-01 / 2027-06-01"),
    ("March next year", "2027-03-01 / 2027-04-01"),
    ("Q1", "2027-01-01 / 2027-04-01"),
    ("Q3 2026", "2026-07-01 / 2026-10-01"),
    ("the first quarter of 2027", "2027-01-01 / 2027-04-01"),
    ("next quarter", "2027-01-01 / 2027-04-01"),
    ("this year", "2026-01-01 / 2027-01-01"),
    ("in 2027", "2027-01-01 / 2028-01-01"),
    ("this weekend", "2026-11-21 / 2026-11-23"),
    ("next weekend", "2026-11-28 / 2026-11-30"),
    ("the weekend", "2026-11-21 / 2026-11-23"),
    ("end of month", "2026-11-21 / 2026-12-01"),
    ("by the end of the month", ".. / 2026-12-01"),
    ("early next week", "2026-11-23 / 2026-11-25"),
    ("mid-December", "2026-12-11 / 2026-12-21"),
    ("late January", "2027-01-21 / 2027-02-01"),
    ("rest of the week", "2026-11-19 10:30 / 2026-11-23"),
    ("later today", "2026-11-19 10:30 / 2026-11-20"),
    ("earlier this week", "2026-11-16 / 2026-11-19 10:30"),
    ("the first week of December", "2026-11-30 / 2026-12-07"),
    ("in the last 3 days", "2026-11-16 / 2026-11-19 10:30"),
    ("in the next two weeks", "2026-11-19 10:30 / 2026-12-04"),
    ("over the next few days", "2026-11-19 10:30 / 2026-11-23"),
    ("the last 2 hours", "2026-11-19 08:30 / 2026-11-19 10:30"),
    ("the past month", "2026-10-19 / 2026-11-19 10:30"),
    ("next 3 business days", "2026-11-19 10:30 / 2026-11-25"),
    ("within 2 hours", "2026-11-19 10:30 / 2026-11-19 12:30"),
    ("between 2 and 4 on Friday", "2026-11-20 14:00 / 2026-11-20 16:00"),
    ("Friday 2-4", "2026-11-20 14:00 / 2026-11-20 16:00"),
    ("Friday from 9 to 11:30", "2026-11-20 09:00 / 2026-11-20 11:30"),
    ("from 9 to 11:30", "2026-11-19 09:00 / 2026-11-19 11:30"),
    ("3-4:30pm tomorrow", "2026-11-20 15:00 / 2026-11-20 16:30"),
    ("11-1pm tomorrow", "2026-11-20 11:00 / 2026-11-20 13:00"),
    ("9am-5pm tomorrow", "2026-11-20 09:00 / 2026-11-20 17:00"),
    ("15:00-15:45 on Tuesday", "2026-11-24 15:00 / 2026-11-24 15:45"),
    ("Tue 24 Nov, 15:00-15:45", "2026-11-24 15:00 / 2026-11-24 15:45"),
    ("tomorrow from 3 for an hour", "2026-11-20 15:00 / 2026-11-20 16:00"),
    ("June 5, 2027 9:00 AM - 10:30 AM", "2027-06-05 09:00 / 2027-06-05 10:30"),
    ("10pm to 2am on Friday", "2026-11-20 22:00 / 2026-11-21 02:00"),
    ("next Tuesday afternoon between 2 and 4", "2026-11-24 14:00 / 2026-11-24 16:00"),
    ("Mon-Wed", "2026-11-23 / 2026-11-26"),
    ("Monday to Wednesday next week", "2026-11-23 / 2026-11-26"),
    ("between Tuesday and Thursday", "2026-11-24 / 2026-11-27"),
    ("3-5 December", "2026-12-03 / 2026-12-06"),
    ("Dec 3-5", "2026-12-03 / 2026-12-06"),
    ("from 30 November to 2 December", "2026-11-30 / 2026-12-03"),
    ("December 28 to January 3", "2026-12-28 / 2027-01-04"),
    ("March to June", "2027-03-01 / 2027-07-01"),
    ("from now until Friday", "2026-11-19 10:30 / 2026-11-21"),
    ("for 3 days starting Monday", "2026-11-23 / 2026-11-26"),
    ("Tue 24 Nov, 22:00 - Wed 25 Nov, 01:00", "2026-11-24 22:00 / 2026-11-25 01:00"),
    ("after 3pm", "2026-11-19 15:00 / .."),
    ("after 3pm on Tuesday", "2026-11-24 15:00 / 2026-11-25"),
    ("Tuesday before noon", "2026-11-24 / 2026-11-24 12:00"),
    ("by 5pm on Friday", ".. / 2026-11-20 17:00"),
    ("before Friday", ".. / 2026-11-20"),
    ("until 5", ".. / 2026-11-19 17:00"),
    ("until Friday", ".. / 2026-11-21"),
    ("by Thursday", ".. / 2026-11-27"),
    ("by Wednesday", ".. / 2026-11-26"),
    ("since Monday", "2026-11-16 / .."),
    ("since 9am", "2026-11-19 09:00 / .."),
    ("since June", "2026-06-01 / .."),
    ("after Tuesday", "2026-11-25 / .."),
    ("not before 10am", "2026-11-20 10:00 / .."),
    ("no later than 4pm on Friday", ".. / 2026-11-20 16:00"),
    ("3pm or later", "2026-11-19 15:00 / .."),
    ("from tomorrow", "2026-11-20 / .."),
    ("from Monday onwards", "2026-11-23 / .."),
    ("45 minutes", "2700 s"),
    ("for 45 minutes", "2700 s"),
    ("a 45-minute call", "2700 s"),
    ("an hour", "3600 s"),
    ("an hour and a half", "5400 s"),
    ("1h30", "5400 s"),
    ("1h 30m", "5400 s"),
    ("2h", "7200 s"),
    ("90 min", "5400 s"),
    ("half an hour", "1800 s"),
    ("two hours", "7200 s"),
    ("2 hours and 15 minutes", "8100 s"),
    ("1.5 hours", "5400 s"),
    ("three quarters of an hour", "2700 s"),
    ("two days", "172800 s"),
    ("every weekday at 8:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR @ 2026-11-20 08:00"),
    ("weekdays at 8", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR @ 2026-11-20 08:00"),
    ("every Monday", "FREQ=WEEKLY;BYDAY=MO @ 2026-11-23"),
    ("every Monday at 9", "FREQ=WEEKLY;BYDAY=MO @ 2026-11-23 09:00"),
    ("Mondays and Thursdays at 10", "FREQ=WEEKLY;BYDAY=MO,TH @ 2026-11-23 10:00"),
    (
        "every Tuesday and Thursday from 9 to 10",
        "FREQ=WEEKLY;BYDAY=TU,TH @ 2026-11-24 09:00 / 2026-11-24 10:00",
    ),
    ("every other Tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU @ 2026-11-24"),
    ("every other Tuesday at 14:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU @ 2026-11-24 14:00"),
    ("every day", "FREQ=DAILY @ 2026-11-20"),
    ("daily at 7am", "FREQ=DAILY @ 2026-11-20 07:00"),
    ("at 7am every day", "FREQ=DAILY @ 2026-11-20 07:00"),
    ("each morning", "FREQ=DAILY @ 2026-11-20 08:00 / 2026-11-20 12:00"),
    ("every evening at 6", "FREQ=DAILY @ 2026-11-19 18:00"),
    ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2 @ 2026-11-23"),
    ("every 2 weeks on Friday at noon", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR @ 2026-11-20 12:00"),
    ("every 3 days at 18:00", "FREQ=DAILY;INTERVAL=3 @ 2026-11-19 18:00"),
    ("weekly on Wednesday at 4pm", "FREQ=WEEKLY;BYDAY=WE @ 2026-11-25 16:00"),
    ("monthly on the 1st", "FREQ=MONTHLY;BYMONTHDAY=1 @ 2026-12-01"),
    ("the 15th of every month at 9", "FREQ=MONTHLY;BYMONTHDAY=15 @ 2026-12-15 09:00"),
    ("every month on the last day", "FREQ=MONTHLY;BYMONTHDAY=-1 @ 2026-11-30"),
    ("first Tuesday of every month", "FREQ=MONTHLY;BYDAY=1TU @ 2026-12-01"),
    ("last Friday of every month at 4pm", "FREQ=MONTHLY;BYDAY=-1FR @ 2026-11-27 16:00"),
    ("every other month on the first Monday", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO @ 2026-12-07"),
    ("every quarter", "FREQ=MONTHLY;INTERVAL=3 @ 2026-12-01"),
    ("yearly on 1 March", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1 @ 2027-03-01"),
    ("every 25 December", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25 @ 2026-12-25"),
    ("every hour", "FREQ=HOURLY @ 2026-11-19 11:30"),
    ("every 15 minutes", "FREQ=MINUTELY;INTERVAL=15 @ 2026-11-19 10:45"),
    ("on weekends", "FREQ=WEEKLY;BYDAY=SA,SU @ 2026-11-21"),
    ("biweekly", "FREQ=WEEKLY;INTERVAL=2 @ 2026-11-23"),
    ("every Monday at 9 until Christmas", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261225T235959Z @ 2026-11-23 09:00"),
    ("every Monday at 9 starting next month", "FREQ=WEEKLY;BYDAY=MO @ 2026-12-07 09:00"),
    ("every day at 6pm for 2 weeks", "FREQ=DAILY;UNTIL=20261202T235959Z @ 2026-11-19 18:00"),
    ("3pm Lisbon time", "2026-11-19 15:00"),
    ("3pm New York time on Friday", "2026-11-20 20:00"),
    ("15:00 UTC", "2026-11-19 15:00"),
    ("15:00 UTC+2", "2026-11-19 13:00"),
    ("9am PST", "2026-11-19 17:00"),
    ("10:00 Europe/Paris", "2026-11-20 09:00"),
    ("10:30-11:30 pm tomorrow", "2026-11-20 22:30 / 2026-11-20 23:30"),
    ("10pm-11:30 tomorrow", "2026-11-20 22:00 / 2026-11-20 23:30"),
    ("10:00-23:00 tomorrow", "2026-11-20 10:00 / 2026-11-20 23:00"),
    ("tonight at 10:30", "2026-11-19 22:30"),
    ("12:30 tonight", "2026-11-20 00:30"),
    ("12:00-1:00 tomorrow", "2026-11-20 12:00 / 2026-11-20 13:00"),
    ("10 to 02:30 tomorrow", "2026-11-20 22:00 / 2026-11-21 02:30"),
    ("noon Tokyo time", "2026-11-20 03:00"),
    ("9-10am ET tomorrow", "2026-11-20 14:00 / 2026-11-20 15:00"),
    (
        "schedule 45 minutes with Anna next week, Tuesday or Wednesday at 3",
        "2700 s ; 2026-11-24 15:00 ; 2026-11-25 15:00",
    ),
    ("Monday at 9 or 11", "2026-11-23 09:00 ; 2026-11-23 11:00"),
    ("Monday or Tuesday next week", "2026-11-23 / 2026-11-24 ; 2026-11-24 / 2026-11-25"),
    ("Tue/Thu at 10", "2026-11-24 10:00 ; 2026-11-26 10:00"),
    ("Move my 3pm with the auditor to tomorrow", "2026-11-19 15:00 ; 2026-11-20 / 2026-11-21"),
    ("Tuesday works, but after 3", "2026-11-24 / 2026-11-25 ; 2026-11-24 15:00 / 2026-11-25"),
    ("every weekday at 8:00 send me a digest", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR @ 2026-11-20 08:00"),
    ("What changed in the plan since last Tuesday?", "2026-11-17 / .."),
    ("What did Bo say on Tuesday?", "2026-11-17 / 2026-11-18"),
    ("The mail was sent on 18 November", "2026-11-18 / 2026-11-19"),
    ("find an hour for the budget before Thursday", "3600 s ; .. / 2026-11-26"),
    ("the Friday after Thanksgiving", "2026-11-27 / 2026-11-28"),
    ("two Fridays ago", "2026-11-06 / 2026-11-07"),
    ("3 Mondays from now", "2026-12-07 / 2026-12-08"),
    ("three weeks on Monday", "2026-12-14 / 2026-12-15"),
    ("Tuesday fortnight", "2026-12-08 / 2026-12-09"),
    ("a week tomorrow", "2026-11-27 / 2026-11-28"),
    ("Monday two weeks from now", "2026-11-30 / 2026-12-01"),
    ("the penultimate Friday of December", "2026-12-18 / 2026-12-19"),
    ("mother's day 2027", "2027-05-09 / 2027-05-10"),
    ("Ash Wednesday 2027", "2027-02-10 / 2027-02-11"),
    ("Christmas next year", "2027-12-25 / 2027-12-26"),
    ("labor day weekend 2027", "2027-09-04 / 2027-09-07"),
    ("1.12.2026", "2026-12-01 / 2026-12-02"),
    ("20261201", "2026-12-01 / 2026-12-02"),
    ("1 December twenty twenty-six", "2026-12-01 / 2026-12-02"),
    ("October two thousand and five", "2005-10-01 / 2005-11-01"),
    ("2026-W48", "2026-11-23 / 2026-11-30"),
    ("2026-W48-2", "2026-11-24 / 2026-11-25"),
    ("2026-11-24T15:00+02:00", "2026-11-24 13:00"),
    ("2026-11-24T15:00+0200", "2026-11-24 13:00"),
    ("PT45M", "2700 s"),
    ("P1DT2H", "93600 s"),
    ("at half seven", "2026-11-20 07:30"),
    ("half past seven", "2026-11-20 07:30"),
    ("this time tomorrow", "2026-11-20 10:30"),
    ("first thing tomorrow", "2026-11-20 08:00 / 2026-11-20 10:00"),
    ("dinner tomorrow at 7", "2026-11-20 19:00"),
    ("after work on Friday", "2026-11-20 17:00 / 2026-11-21"),
    ("the first Monday afternoon of next month", "2026-12-07 12:00 / 2026-12-07 17:00"),
    ("10am London / 11am Paris", "2026-11-20 10:00 ; 2026-11-20 10:00"),
    ("at 9 summarise my inbox", "2026-11-20 09:00"),
    ("move my 3pm to 4", "2026-11-19 15:00 ; 2026-11-19 16:00"),
    ("Q1 next year", "2027-01-01 / 2027-04-01"),
    ("next summer", "2027-06-01 / 2027-09-01"),
    ("the next decade", "2030-01-01 / 2040-01-01"),
    ("the 1990s", "1990-01-01 / 2000-01-01"),
    ("first half of next week", "2026-11-23 / 2026-11-26"),
    ("second half of December", "2026-12-16 / 2027-01-01"),
    ("the first 2 weeks of 2027", "2027-01-04 / 2027-01-18"),
    ("the third month of next year", "2027-03-01 / 2027-04-01"),
    ("next working week", "2026-11-23 / 2026-11-28"),
    ("week 2 of next year", "2027-01-11 / 2027-01-18"),
    ("year to date", "2026-01-01 / 2026-11-19 10:30"),
    ("less than 3 days after tomorrow", "2026-11-20 / 2026-11-24"),
    ("between the 21st and 23rd", "2026-11-21 / 2026-11-24"),
    ("notes from last month", "2026-10-01 / 2026-11-01"),
    ("this week or next", "2026-11-16 / 2026-11-23 ; 2026-11-23 / 2026-11-30"),
    (
        "the 22nd, 23rd or 30th of November",
        "2026-11-22 / 2026-11-23 ; 2026-11-23 / 2026-11-24 ; 2026-11-30 / 2026-12-01",
    ),
    ("push it back by a week", "604800 s"),
    ("two and a quarter hours", "8100 s"),
    ("30-45 minutes", "2700 s"),
    ("another hour", "3600 s"),
    ("for two nights", "172800 s"),
    ("weekday mornings at 8", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR @ 2026-11-20 08:00"),
    (
        "Mon-Fri 9am-5pm",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR @ 2026-11-20 09:00 / 2026-11-20 17:00",
    ),
    ("bi-weekly", "FREQ=WEEKLY;INTERVAL=2 @ 2026-11-23"),
    ("semi-annually", "FREQ=MONTHLY;INTERVAL=6 @ 2026-12-01"),
    ("first Tuesday of every other month", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU @ 2026-12-01"),
    ("on the 1st and 15th of each month", "FREQ=MONTHLY;BYMONTHDAY=1,15 @ 2026-12-01"),
    ("every first Monday", "FREQ=MONTHLY;BYDAY=1MO @ 2026-12-07"),
    ("make the weekly sync 45 minutes from June", "2700 s ; 2027-06-01 / .."),
]

OTHER_MOMENTS = [
    # said on a Monday evening in Sydney
    ("at 9", "2026-03-02 20:00", "Australia/Sydney", "2026-03-03 09:00"),
    ("at 9 tonight", "2026-03-02 20:00", "Australia/Sydney", "2026-03-02 21:00"),
    ("Monday", "2026-03-02 20:00", "Australia/Sydney", "2026-03-09 / 2026-03-10"),
    ("this Monday", "2026-03-02 20:00", "Australia/Sydney", "2026-03-02 / 2026-03-03"),
    ("today at 8", "2026-03-02 14:00", "Australia/Sydney", "2026-03-02 20:00"),
    ("3pm London time", "2026-03-02 20:00", "Australia/Sydney", "2026-03-03 02:00"),
    # said on a Sunday
    ("this weekend", "2026-11-22 12:00", LISBON, "2026-11-21 / 2026-11-23"),
    ("last weekend", "2026-11-22 12:00", LISBON, "2026-11-14 / 2026-11-16"),
    ("next week", "2026-11-22 12:00", LISBON, "2026-11-23 / 2026-11-30"),
    ("next Monday", "2026-11-22 12:00", LISBON, "2026-11-23 / 2026-11-24"),
    ("tomorrow morning", "2026-11-22 12:00", LISBON, "2026-11-23 08:00 / 2026-11-23 12:00"),
    # year ends and leap days
    ("tomorrow", "2026-12-31 23:59", LISBON, "2027-01-01 / 2027-01-02"),
    ("next month", "2026-12-31 23:59", LISBON, "2027-01-01 / 2027-02-01"),
    ("at noon", "2026-12-31 23:59", LISBON, "2027-01-01 12:00"),
    ("last week", "2027-01-02 08:00", LISBON, "2026-12-21 / 2026-12-28"),
    ("Q4", "2027-01-02 08:00", LISBON, "2027-10-01 / 2028-01-01"),
    ("in a month", "2028-01-31 08:00", LISBON, "2028-02-29 / 2028-03-01"),
    ("a year from today", "2028-02-29 08:00", LISBON, "2029-02-28 / 2029-03-01"),
    ("February 29", "2028-02-29 08:00", LISBON, "2028-02-29 / 2028-03-01"),
    ("the 31st", "2027-04-05 08:00", LISBON, "2027-05-31 / 2027-06-01"),
    ("every month on the 31st", "2027-04-05 08:00", LISBON, "FREQ=MONTHLY;BYMONTHDAY=31 @ 2027-05-31"),
    # days on which clocks change: wall-clock days, elapsed hours
    ("tomorrow", "2026-03-28 12:00", "Europe/Paris", "2026-03-29 / 2026-03-30"),
    ("in 24 hours", "2026-03-28 12:00", "Europe/Paris", "2026-03-29 13:00"),
    ("in 1 day", "2026-03-28 12:00", "Europe/Paris", "2026-03-29 / 2026-03-30"),
    ("tomorrow at noon", "2026-10-24 12:00", "Europe/Paris", "2026-10-25 12:00"),
    ("every day at 9", "2026-03-28 12:00", "Europe/Paris", "FREQ=DAILY @ 2026-03-29 09:00"),
    # odd offsets
    ("at 3pm", "2026-03-02 10:00", "Asia/Kathmandu", "2026-03-02 15:00"),
    ("9am UTC", "2026-03-02 10:00", "Asia/Kathmandu", "2026-03-02 14:45"),
    ("noon", "2026-03-02 10:00", "Pacific/Chatham", "2026-03-02 12:00"),
]


@pytest.mark.parametrize(("text", "expected"), PHRASES)
def test_phrases(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(("text", "now", "zone", "expected"), OTHER_MOMENTS)
def test_phrases_at_other_moments(text: str, now: str, zone: str, expected: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))
    assert said(text, now=at, zone=zone) == expected


@pytest.mark.parametrize(
    "text",
    [
        "May said hello",
        "version 3.10",
        "on second thought",
        "march on",
        "March on, soldier",
        "the 3 of us",
        "room 12",
        "2 people",
        "Is 1:1 fine?",
        "a 1:1 with Bo",
        "call +44 20 7946 0018",
        "call 555-1212 or (206) 555-1212",
        "it costs $5",
        "$5 to $10",
        "a 5% raise",
        "up by 5 percent",
        "the sun is out",
        "wait a minute",
        "just a second",
        "May I ask something?",
        "This may take a while",
        "you may not",
        "we sat down",
        "she sat at the table",
        "ISBN 978-3-16-148410-0",
        "24/7 support",
        "a 4:3 screen",
        "at 5 people",
        "at 5 Main Street",
        "rate it from 1 to 10",
        "on a scale of 1 to 5",
        "pages 2-4",
        "from 3 to 5 people",
        "2/3 of the votes",
        "the 3rd floor",
        "the 21st century",
        "the second half",
        "first things first",
        "a third party",
        "the last page",
        "last but not least",
        "chapter 5",
        "covid-19",
        "ABC-12345",
        "v1.2.3",
        "10.0.0.1",
        "https://example.com/2026/11/24",
        "bo.may@example.com",
        "monday.com",
        "Good morning",
        "Good night, Ada",
        "We will have lunch together",
        "I have ten fingers",
        "twenty people came",
        "increase it by 5",
        "a quarter of the team",
        "half the team",
        "the minute details",
        "a day late and a dollar short",
        "April said hello",
        "June agreed",
        "Mark sat next to Jan",
        "an august body",
        "we wed",
        "#2026",
        "&id=2026",
        "=3:30",
        "3.14159",
        "40.1693, 16.90125",
        "1,000,000",
        "-5 degrees",
        "5 stars",
        "2 + 2",
        "I am 5",
        "no. 7",
        "type-2",
        "the 80s",
        "a decade",
        "once upon a time",
        "next time",
        "this time",
        "last minute changes",
        "at last",
        "at first",
        "in the end",
        "for good",
        "to date",
        "up-to-date",
        "on the other hand",
        "npm 1.4.28",
        "upgrade to 3.17.13",
        "Copyright 2009-2011 Anna Silva",
        "at the time of writing",
        "until one of them answers",
        "you made my day",
        "the fall of Rome",
        "a minute detail",
        "at two morning sessions",
        "build the nightly release",
        "last minute",
    ],
)
def test_words_that_are_no_times(text: str) -> None:
    assert read(text, now=NOW, zone=LISBON) == []


@pytest.mark.parametrize(
    ("text", "default", "others"),
    [
        ("at 5", "2026-11-19 17:00", ["2026-11-20 05:00"]),
        ("at 8", "2026-11-20 08:00", ["2026-11-19 20:00"]),
        ("next Friday", "2026-11-27 / 2026-11-28", ["2026-11-20 / 2026-11-21"]),
        ("last Monday", "2026-11-16 / 2026-11-17", ["2026-11-09 / 2026-11-10"]),
        ("Thursday", "2026-11-26 / 2026-11-27", ["2026-11-19 / 2026-11-20"]),
        ("next weekend", "2026-11-28 / 2026-11-30", ["2026-11-21 / 2026-11-23"]),
        ("next December", "2026-12-01 / 2027-01-01", ["2027-12-01 / 2028-01-01"]),
        ("Friday at midnight", "2026-11-21 00:00", ["2026-11-20 00:00"]),
        ("biweekly", "FREQ=WEEKLY;INTERVAL=2 @ 2026-11-23", ["FREQ=WEEKLY;BYDAY=MO,TH @ 2026-11-23"]),
        ("from Monday", "2026-11-23 / ..", ["2026-11-23 / 2026-11-24"]),
        ("3/4/27", "2027-03-04 / 2027-03-05", ["2027-04-03 / 2027-04-04"]),
        ("30 to 45 minutes", "2700 s", ["1800 s"]),
        ("end of day", "2026-11-19 17:00", ["2026-11-20 00:00"]),
        ("in the next 3 days", "2026-11-19 10:30 / 2026-11-23", ["2026-11-20 / 2026-11-23"]),
        ("week 2", "2027-01-11 / 2027-01-18", ["2026-01-05 / 2026-01-12"]),
        ("late January", "2027-01-21 / 2027-02-01", ["2027-01-16 / 2027-02-01"]),
        ("What did Bo say on Tuesday?", "2026-11-17 / 2026-11-18", ["2026-11-24 / 2026-11-25"]),
        ("Ramadan 2027", "2027-02-08 / 2027-02-09", ["2027-02-07 / 2027-02-08", "2027-02-09 / 2027-02-10"]),
        ("3pm", "2026-11-19 15:00", []),
        ("Friday", "2026-11-20 / 2026-11-21", []),
        ("13/4/27", "2027-04-13 / 2027-04-14", []),
        ("05:00", "2026-11-20 05:00", []),
    ],
)
def test_what_is_ambiguous_has_a_default_and_alternatives(text: str, default: str, others: list[str]) -> None:
    (reading,) = read(text, now=NOW, zone=LISBON)
    assert shown(reading) == default
    assert [shown(other) for other in reading.alternatives] == others
    assert all(other.span == reading.span and not other.alternatives for other in reading.alternatives)


def test_the_locale_orders_day_and_month() -> None:
    assert said("3/4/27", locale="en_GB") == "2027-04-03 / 2027-04-04"
    assert said("03.04.2027", locale="en-IE") == "2027-04-03 / 2027-04-04"
    assert said("3/4/27", locale="en") == "2027-03-04 / 2027-03-05"


def test_working_hours_decide_the_half_of_the_day() -> None:
    def at(text: str, hours: tuple[int, int]) -> str:
        return shown(read(text, now=NOW, zone=LISBON, hours=hours)[0])

    assert at("tomorrow at 7", (9 * 60, 17 * 60)) == "2026-11-20 07:00"
    assert at("tomorrow at 7", (12 * 60, 20 * 60)) == "2026-11-20 19:00"
    assert at("tomorrow at 4", (3 * 60, 11 * 60)) == "2026-11-20 04:00"
    assert at("by EOD tomorrow", (8 * 60, 16 * 60)) == ".. / 2026-11-20 16:00"


def test_a_time_that_clocks_skip_says_so() -> None:
    now = datetime(2026, 3, 20, 9, tzinfo=ZoneInfo("Europe/Paris"))
    (reading,) = read("29 March 2026 at 02:30", now=now, zone="Europe/Paris")
    assert reading.problem == (
        "02:30 does not exist in Europe/Paris on Sunday 29 March 2026: clocks go from 02:00 to 03:00."
    )
    assert shown(reading) == "2026-03-29 03:00"
    assert [shown(other) for other in reading.alternatives] == ["2026-03-29 03:00", "2026-03-29 03:30"]
    assert not any(other.problem for other in reading.alternatives)


def test_a_time_that_clocks_show_twice_says_so() -> None:
    now = datetime(2026, 10, 20, 9, tzinfo=ZoneInfo("Europe/Paris"))
    (reading,) = read("Sunday at 2:30 am", now=now, zone="Europe/Paris")
    assert reading.problem == (
        "02:30 happens twice in Europe/Paris on Sunday 25 October 2026: "
        "at 02:30 CEST (UTC+02:00) and again at 02:30 CET (UTC+01:00)."
    )
    first, second = (other.start for other in reading.alternatives)
    assert first is not None
    assert second is not None
    assert reading.start == first
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)


def test_a_stretch_into_the_gap_says_so_and_offers_stretches() -> None:
    now = datetime(2026, 3, 20, 9, tzinfo=ZoneInfo("Europe/Paris"))
    (reading,) = read("29 March 2026 from 01:30 to 02:30", now=now, zone="Europe/Paris")
    assert "02:30 does not exist" in reading.problem
    assert [shown(other) for other in reading.alternatives] == [
        "2026-03-29 01:30 / 2026-03-29 03:00",
        "2026-03-29 01:30 / 2026-03-29 03:30",
    ]


def test_a_skipped_day_is_no_day_to_meet() -> None:
    now = datetime(2011, 12, 20, 9, tzinfo=ZoneInfo("Pacific/Apia"))
    (reading,) = read("30 December 2011 at 10:00", now=now, zone="Pacific/Apia")
    assert "10:00 does not exist in Pacific/Apia on Friday 30 December 2011" in reading.problem
    assert "00:00 on Saturday 31 December" in reading.problem


def test_a_wrong_weekday_says_so() -> None:
    (reading,) = read("Monday 24 November 2026 at 15:00", now=NOW, zone=LISBON)
    assert reading.problem == "24 November 2026 is a Tuesday, not a Monday."
    assert shown(reading) == "2026-11-24 15:00"


def test_days_that_no_calendar_has_are_not_read() -> None:
    for text in ("31 / 02", "in 99999 years", "2026-13-01", "25:00", "2027 02 30 people"):
        assert read(text, now=NOW, zone=LISBON) == [], text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("31 February", "There is no 31 February; February has 28 or 29 days."),
        ("30 February 2027", "There is no 30 February 2027; February 2027 has 28 days."),
        ("2027-02-29", "There is no 29 February 2027; February 2027 has 28 days."),
        ("29/02/2027", "There is no 29 February 2027; February 2027 has 28 days."),
        ("29 Feb 2027 at 10am", "There is no 29 February 2027; February 2027 has 28 days."),
    ],
)
def test_a_day_that_no_calendar_has_is_a_problem_with_the_days_beside_it(text: str, problem: str) -> None:
    (reading,) = read(text, now=NOW, zone=LISBON)
    assert reading.problem == problem
    days = [one.start.date().isoformat() for one in reading.alternatives if one.start]
    assert days == ["2027-02-28", "2027-03-01"]


@pytest.mark.parametrize(
    "text", ["at 3pm Bo's time", "3pm on Monday in Pat Stone's time zone", "at 9 their time"]
)
def test_a_zone_that_nobody_told_is_a_problem(text: str) -> None:
    (reading,) = read(text, now=NOW, zone=LISBON)
    assert reading.text == text
    assert reading.problem.startswith("I do not know ")


@pytest.mark.parametrize("text", ["from 3 to 2 tomorrow", "from 10 to 9 on Friday"])
def test_hours_that_go_backwards_are_a_problem(text: str) -> None:
    (reading,) = read(text, now=NOW, zone=LISBON)
    assert "11 hours" in reading.problem
    assert len(reading.alternatives) == 2


def test_a_numbered_day_that_is_another_weekday_is_a_problem() -> None:
    (reading,) = read("Tuesday the 25th at 4pm", now=NOW, zone=LISBON)
    assert reading.problem == "25 November 2026 is a Wednesday, not a Tuesday."
    days = [one.start.date().isoformat() for one in reading.alternatives if one.start]
    assert days == ["2026-11-25", "2026-11-24", "2027-05-25"]


def test_the_past_is_read_from_the_past() -> None:
    assert said("What changed on Monday?") == "2026-11-16 / 2026-11-17"
    assert said("We met on 18 November. Remind me on 18 November.") == (
        "2026-11-18 / 2026-11-19 ; 2027-11-18 / 2027-11-19"
    )
    assert said("mails that were sent in March") == "2026-03-01 / 2026-04-01"


def test_grain_tells_what_was_said() -> None:
    grains = {
        "two decades": "year",
        "in 2027": "year",
        "in March": "month",
        "next week": "week",
        "Tuesday": "day",
        "in the morning": "part",
        "at 3pm": "hour",
        "at 3:00pm": "minute",
        "15:00:30": "second",
        "every day": "day",
        "every day at 9am": "hour",
    }
    assert {text: read(text, now=NOW, zone=LISBON)[0].grain for text in grains} == grains


def test_a_naive_moment_and_an_unknown_zone_are_errors_at_the_door() -> None:
    with pytest.raises(ValueError, match="time zone"):
        read("today", now=datetime(2026, 1, 1), zone=LISBON)  # noqa: DTZ001
    with pytest.raises(ValueError, match="Middle/Earth"):
        read("today", now=NOW, zone="Middle/Earth")


NUMBERS = (
    "1",
    "5",
    "12",
    "24",
    "31",
    "2026",
    "0",
    "99999999",
    "3:30",
    "24:00",
    "02:30",
    "11/24",
    "2026-11-24",
)
SHAPES = ("3pm", "24th", "1h30", "8.30", "$", "½", "\n\n", "é", "𝟛", "\ud800", "\x00", "½ hour")
PIECES = st.one_of(
    st.sampled_from([*words(), *sorted(FOLLOWERS), *"-,.:/()'", *NUMBERS, *SHAPES]),
    st.from_regex(r"\A[0-9]{1,5}([-/.:][0-9]{1,4}){0,3}(am|pm|th|h|Z)?\Z"),
)


@settings(max_examples=100, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=80),
        st.lists(PIECES, max_size=14).map(" ".join),
        st.lists(PIECES, max_size=9).map("".join),
    ),
    now=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001
    zone=st.sampled_from([LISBON, "Pacific/Apia", "Australia/Lord_Howe", "America/St_Johns", "UTC"]),
    locale=st.sampled_from(["en_US", "en_GB", "", "xx"]),
)
@example(text="every monday and " * 50, now=datetime(2026, 11, 19), zone=LISBON, locale="en_US")  # noqa: DTZ001
@example(text="in 3 days", now=datetime(9999, 12, 31), zone="UTC", locale="en_US")  # noqa: DTZ001
def test_no_text_raises_and_every_reading_stands_where_it_says(
    text: str, now: datetime, zone: str, locale: str
) -> None:
    readings = read(text, now=now.replace(tzinfo=UTC), zone=zone, locale=locale)
    end = 0
    for reading in readings:
        assert end <= reading.span[0] < reading.span[1]
        end = reading.span[1]
        assert text[slice(*reading.span)] == reading.text
        for one in (reading, *reading.alternatives):
            check(one)


def check(reading: Reading) -> None:
    """What holds for every reading."""
    edges = [moment for moment in (reading.start, reading.end) if moment is not None]
    assert all(moment.tzinfo is not None for moment in edges)
    assert reading.grain in ("year", "month", "week", "day", "part", "hour", "minute", "second")
    if len(edges) == 2:
        assert edges[0].astimezone(UTC) <= edges[1].astimezone(UTC)
    match reading.kind:
        case "instant":
            assert reading.start is not None
            assert reading.end is None
        case "interval":
            assert edges
        case "duration":
            assert reading.seconds is not None
            assert not edges
        case "recurrence":
            assert reading.start is not None
            assert reading.rrule.startswith("FREQ=")
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize(
    "piece", ["1 ", "every monday and ", "a.b@", "?", pytest.param("the 3rd ", marks=pytest.mark.long)]
)
def test_a_megabyte_of_anything_is_read_in_bounded_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert all(reading.span[1] <= TEXT_LIMIT for reading in read(text, now=NOW, zone=LISBON))
