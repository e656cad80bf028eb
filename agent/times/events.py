"""The nouns that people put into calendars, and the words that end their names."""

from __future__ import annotations

from deskhand.agent.times.lexicon import named

EVENTS = named(
    "meeting meetings call calls flight train bus ferry trip travel drive commute checkout boarding "
    "departure landing arrival review demo lunch breakfast dinner brunch coffee launch release deployment "
    "cutover offsite off-site retreat standup stand-up scrum huddle sync catchup catch-up checkin check- "
    "in interview appointment workshop conference summit congress presentation talk keynote lecture "
    "speech kickoff kick-off retro retrospective planning grooming training class course lesson seminar "
    "tutorial webinar practice rehearsal concert recital show premiere screening game match race "
    "tournament exam test hearing trial audit inspection townhall all-hands hands one-on-one one-to-one "
    "1-on-1 1:1 1-1 1on1 121 briefing debrief debriefing session party wedding funeral ceremony reception "
    "celebration birthday anniversary graduation festival gala event hackathon sprint freeze migration "
    "go-live golive opening closing vote election negotiation negotiations visit tour pickup dropoff "
    "delivery surgery operation checkup check-up physio therapy massage haircut yoga gym workout run "
    "service mass prayer prayers choir school holiday holidays vacation leave shift handover handoff "
    "pitch roadshow agm assembly council committee board steerco steering qbr bootcamp expo fair "
    "symposium panel dry-run walkthrough walk-through refinement touchpoint follow-up deadline"
)
# These need no article: "after standup", "before yoga".
BARE = named(
    "standup stand-up scrum yoga gym class practice training school retro rehearsal physio choir therapy "
    "church boarding sprint planning refinement grooming kickoff kick-off checkout dinner breakfast lunch "
    "brunch surgery all-hands swimming football"
)
MEALS = named("lunch breakfast dinner brunch lunchtime")
# What a distance may be counted from in prose: "two days after the fact".
NO_EVENTS = named(
    "fact end ends start beginning middle time times day week month year hour minute moment others other "
    "thing things period dates date rest law war it them us me house door court break people car"
)
TRAVEL = named("flight train bus ferry trip travel drive visit move")
STOPS = named(
    "i we you he she it they me us him them who which that what when where if because so then and or but "
    "nor as at on in by to from for of with without about into onto over under near via per than re "
    "regarding starts start begins begin ends ended ending finishes finished is are was were be been "
    "being am will would shall should can could may might must do does did has have had please thanks "
    "thank ok okay also only too not no never let let's lets before after during until till since between "
    "tell ask send book find call's instead again already still just next last every each both either "
    "neither there here"
)
