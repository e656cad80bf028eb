"""English words about time, each with its tags and values, and the words that keep others from being times.

A tag in capitals is what the grammar asks for; a word may have several. Words that are more often
something else ("may", "sat", "second") carry the same tags; `guards` decides by their company.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from deskhand.agent.times.feasts import FEASTS

Tags = Mapping[str, object]


def named(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# Short, and as people mistype them.
_DAY_SHORT = (
    "mon mondy monady mondya",
    "tue tues tuseday tusday teusday tuesdy tuesady",
    "wed weds wendesday wensday wednsday wedensday wenesday wednseday wednesay wednesdy wedneday wednesady",
    "thu thur thurs thrusday thursady thirsday thursdy thurdsay thusday",
    "fri firday frday fridy friady",
    "sat saterday saturdy satuday satruday",
    "sun sunady sundy",
)
_MONTH_SHORT = ("jan", "feb", "mar", "apr", "", "jun", "jul", "aug", "sep sept", "oct", "nov", "dec")
_UNITS = {
    "second": "second seconds sec secs",
    "minute": "minute minutes min mins",
    "hour": "hour hours hr hrs h",
    "day": "day days",
    "week": "week weeks wk wks",
    "fortnight": "fortnight fortnights",
    "month": "month months mth mths",
    "quarter": "quarter quarters qtr qtrs",
    "year": "year years yr yrs",
    "decade": "decade decades",
}
# Short and mistaken spellings, read as the word they stand for.
ALIASES = {
    "wk": "week",
    "wks": "weeks",
    "mth": "month",
    "mths": "months",
    "yr": "year",
    "yrs": "years",
    "nxt": "next",
    "forenoon": "morning",
    "arvo": "afternoon",
    "wendesday": "wednesday",
    "wensday": "wednesday",
    "wednsday": "wednesday",
    "tuseday": "tuesday",
    "thurday": "thursday",
    "thrusday": "thursday",
    "saterday": "saturday",
    "febuary": "february",
    "2moro": "tomorrow",
    "2morrow": "tomorrow",
    "tonite": "tonight",
}
_SMALL = (
    "zero one two three four five six seven eight nine "
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety "
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth "
    "eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
)
_PARTS = {
    "morning": "morning",
    "afternoon": "afternoon",
    "evening": "evening",
    "night": "night nighttime",
    "lunch": "lunch lunchtime",
    "breakfast": "breakfast breakfasttime",
    "dinner": "dinner dinnertime supper suppertime",
    "daytime": "daytime",
}
# Meals are mostly what is eaten: they are times only beside a word that says so ("after dinner").
MEALS = frozenset({"lunch", "breakfast", "dinner"})
_SEASONS = ("spring", "summer", "autumn fall", "winter")
_WHICH = {0: "this current", 1: "next coming following upcoming", -1: "last previous past prior"}
_SHIFTS = {
    0: "today",
    1: "tomorrow tomorow tommorow tommorrow tomorrw tmrw tmr tmrow tmw 2moro 2morrow",
    -1: "yesterday",
}
# Abbreviations name the place people mean by them, in summer and in winter: "PST" in July is the
# time on the clocks of Los Angeles. "IST" is India's, "CST" Chicago's, "BST" London's.
_ZONES = {
    "utc": "UTC",
    "gmt": "UTC",
    "zulu": "UTC",
    "pst pdt pt": "America/Los_Angeles",
    "mst mdt mt": "America/Denver",
    "cst cdt ct": "America/Chicago",
    "est edt et": "America/New_York",
    "akst akdt": "America/Anchorage",
    "hst": "Pacific/Honolulu",
    "wet west": "Europe/Lisbon",
    "cet cest": "Europe/Paris",
    "eet eest": "Europe/Helsinki",
    "bst": "Europe/London",
    "msk": "Europe/Moscow",
    "ist": "Asia/Kolkata",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "aest aedt": "Australia/Sydney",
    "awst": "Australia/Perth",
    "nzst nzdt": "Pacific/Auckland",
}
_REGIONS = frozenset({"eastern", "central", "mountain", "pacific", "central european"})
# Places that people name and the zone database does not, or names otherwise.
PLACES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "uk": "Europe/London",
    "india": "Asia/Kolkata",
    "japan": "Asia/Tokyo",
    "central european": "Europe/Paris",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "san diego": "America/Los_Angeles",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "atlanta": "America/New_York",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "austin": "America/Chicago",
    "montreal": "America/Toronto",
    "rio": "America/Sao_Paulo",
    "manchester": "Europe/London",
    "edinburgh": "Europe/London",
    "porto": "Europe/Lisbon",
    "barcelona": "Europe/Madrid",
    "lyon": "Europe/Paris",
    "geneva": "Europe/Zurich",
    "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "milan": "Europe/Rome",
    "krakow": "Europe/Warsaw",
    "kyiv": "Europe/Kiev",
    "abu dhabi": "Asia/Dubai",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "bengaluru": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "osaka": "Asia/Tokyo",
    "hanoi": "Asia/Ho_Chi_Minh",
    "saigon": "Asia/Ho_Chi_Minh",
    "canberra": "Australia/Sydney",
    "wellington": "Pacific/Auckland",
}
PLACES |= {
    "nyc": "America/New_York",
    "new york city": "America/New_York",
    "california": "America/Los_Angeles",
    "silicon valley": "America/Los_Angeles",
    "philadelphia": "America/New_York",
    "texas": "America/Chicago",
    "england": "Europe/London",
    "scotland": "Europe/London",
    "wales": "Europe/London",
    "britain": "Europe/London",
    "glasgow": "Europe/London",
    "ireland": "Europe/Dublin",
    "france": "Europe/Paris",
    "germany": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "italy": "Europe/Rome",
    "portugal": "Europe/Lisbon",
    "netherlands": "Europe/Amsterdam",
    "belgium": "Europe/Brussels",
    "poland": "Europe/Warsaw",
    "sweden": "Europe/Stockholm",
    "norway": "Europe/Oslo",
    "denmark": "Europe/Copenhagen",
    "finland": "Europe/Helsinki",
    "austria": "Europe/Vienna",
    "switzerland": "Europe/Zurich",
    "greece": "Europe/Athens",
    "israel": "Asia/Jerusalem",
    "egypt": "Africa/Cairo",
    "kenya": "Africa/Nairobi",
    "nigeria": "Africa/Lagos",
    "cape town": "Africa/Johannesburg",
    "south africa": "Africa/Johannesburg",
    "korea": "Asia/Seoul",
    "south korea": "Asia/Seoul",
    "taiwan": "Asia/Taipei",
    "thailand": "Asia/Bangkok",
    "vietnam": "Asia/Ho_Chi_Minh",
    "pakistan": "Asia/Karachi",
    "chennai": "Asia/Kolkata",
    "hyderabad": "Asia/Kolkata",
    "new zealand": "Pacific/Auckland",
    "argentina": "America/Argentina/Buenos_Aires",
    "colombia": "America/Bogota",
    "peru": "America/Lima",
}
# Names of zones that are words or people's names as well: places only before "time" and after "in".
NO_CITIES = named(
    "adelaide austin bay broken cambridge canary carol casey center central christmas continental coral "
    "creston currie dallas darwin davis dawson easter east eastern florence general georgia grenada "
    "jamaica jersey johnston juneau knox lima lindeman lome madeira mahe malta marengo mcmurdo midway "
    "milan monticello mountain nassau nelson nome norfolk north oral pacific palmer perth petersburg "
    "phoenix regina resolute reunion rio rosario salta santiago santa sitka south stanley sydney troll "
    "truk vatican vevay victoria vienna virgin vostok wake wales wallis washington wellington west "
    "winamac yap cocos jordan chad turkey kanton gaza acre bahia thule merida"
)
# Tags of mere numbers, and words without a tag that nevertheless make a time.
WEAK = frozenset({"INT", "SMALL", "TENS", "DEC", "DOTTED", "MILITARY", "ORD", "HUNDRED", "SEASON"})
STRONG = named(
    "tonight tonite nightly now moment weekend weekends weekday weekdays workday workdays everyday ish "
    "o'clock oclock uhr ½ lunchtime week's month's year's hour's day's fortnight's w wc "
    "bi semi present alternate kw cw half weekdays mid midweek workweek"
) | {name.split()[0] for name in FEASTS}
# After a bare number that may be an hour ("at 5 ...") only these may stand; any other word is what
# the number counts ("at 5 people", "the 3rd floor").
FOLLOWERS = named(
    "on in at for with and or to until till by from if when so because but instead please then about "
    "re regarding sharp today tomorrow tonight yesterday this next last every each as is was are "
    "works work suits suit would will should sounds looks via over through thru the before after "
    "between too also ok okay fine good great not except unless thanks thank i we you he she they it "
    "that which local latest exactly prompt onwards onward earlier later without daily weekly monthly "
    "ish apart aside together cannot can could does do has have may might"
)
# What came before shows that the words are told of the past: an open weekday or date is then the last one.
PAST = named(
    "was were did had changed happened sent received wrote said met came went arrived discussed "
    "decided agreed since ago edited modified created updated asked promised told missed"
)
# ... unless something is asked for.
FUTURE = named(
    "will shall schedule book plan move reschedule remind find meet arrange cancel invite let's lets "
    "should can could need want going send draft reply free available set add every each due would "
    "until"
)


@cache
def words() -> Mapping[str, Tags]:
    """Every word of the lexicon, lower case, with its tags."""
    table: dict[str, dict[str, object]] = {}

    def add(names: str, tag: str, value: object) -> None:
        for name in names.split():
            table.setdefault(name, {})[tag] = value

    for number, (name, short) in enumerate(zip(WEEKDAYS, _DAY_SHORT, strict=True)):
        add(f"{name.lower()} {short}", "WEEKDAY", number)
        add(f"{name.lower()}s", "WEEKDAYS", number)
    for number, (name, short) in enumerate(zip(MONTHS, _MONTH_SHORT, strict=True), 1):
        add(f"{name.lower()} {short}", "MONTH", number)
    for unit, names in _UNITS.items():
        add(names, "UNIT", unit)
    for number, name in enumerate(_SMALL.split()):
        add(name, "SMALL", number)
    for number, name in enumerate(_TENS.split(), 2):
        add(name, "TENS", number * 10)
    for number, name in enumerate(_ORDINALS.split(), 1):
        add(name, "ORD", number)
    add("thirtieth", "ORD", 30)
    for part, names in _PARTS.items():
        add(names, "PART", part)
        if part not in (*MEALS, "daytime"):
            add(f"{part}s", "PARTS", part)
    for shift, names in _WHICH.items():
        add(names, "WHICH", shift)
    for shift, names in _SHIFTS.items():
        add(names, "SHIFT", shift)
    for names, zone in _ZONES.items():
        add(names, "ZONE", zone)
    add("am a.m. a.m", "HALF", "am")
    add("pm p.m. p.m", "HALF", "pm")
    add("noon midday noonish", "NOON", 720)
    add("midnight", "NOON", 1440)
    add("eod", "EOD", "eod")
    add("cob cop", "EOD", "cob")
    add("eow", "EDGEOF", "week")
    add("eom", "EDGEOF", "month")
    add("eoy", "EDGEOF", "year")
    for count, names in {
        1: "daily",
        7: "weekly",
        30: "monthly",
        90: "quarterly",
        182: "semiannual semiannually",
        365: "yearly annually annual",
    }.items():
        add(names, "OFTEN", count)
    add("nightly", "OFTEN", -1)
    add("hourly", "OFTEN", 0)
    add("fortnightly", "OFTEN", 14)
    add("biweekly", "OFTEN", 15)
    add("bimonthly", "OFTEN", 60)
    add("q1", "QUARTER", 1)
    add("q2", "QUARTER", 2)
    add("q3", "QUARTER", 3)
    add("q4", "QUARTER", 4)
    add("h1", "HALFYEAR", 1)
    add("h2", "HALFYEAR", 2)
    for number, names in enumerate(_SEASONS, 1):
        add(names, "SEASON", number)
    for number, name in enumerate(
        ["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"], 2
    ):
        add(name, "DECADES", 1900 + 10 * number)
    add("hundred", "HUNDRED", 100)
    add("thousand", "THOUSAND", 1000)
    return MappingProxyType({name: MappingProxyType(tags) for name, tags in table.items()})


@cache
def cities() -> Mapping[str, str]:
    """The cities of the zone database and of `PLACES`, lower case, with their zones."""
    from importlib.resources import files

    keys = files("tzdata").joinpath("zones").read_text("utf-8").split()
    known = {key.rsplit("/", 1)[-1].replace("_", " ").lower(): key for key in keys if key.count("/") >= 1}
    named = {name: key for name, key in PLACES.items() if name not in _REGIONS}
    return MappingProxyType({n: key for n, key in {**known, **named}.items() if not key.startswith("Etc/")})


@cache
def places() -> Mapping[str, str]:
    """What "time" may follow: cities, and the regions whose time has a name ("Eastern time")."""
    return MappingProxyType({**cities(), **PLACES})
