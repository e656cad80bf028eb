"""The table of goals: how each is said, what makes its plan, and an example to offer.

To teach a goal another wording, add a line to its templates (`phrases` says how they read); to add a
goal, add an entry. They are tried in this order: the first that fits, and whose builder makes something
of the request, is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from deskhand.agent.planners.goals import (
    agenda,
    answering,
    askers,
    attendees,
    booking,
    cannot,
    changing,
    digests,
    documents,
    each,
    ending,
    filing,
    freedom,
    guest_list,
    mail,
    mail_lists,
    nudging,
    offering,
    overlapping,
    reading,
    relocating,
    resizing,
    room,
    schedules,
    several,
)
from deskhand.agent.planners.words.phrases import pattern
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

Build = Callable[[Request], Plan | Unclear | None]
"""None: this goal makes nothing of the request after all; the next may."""


@dataclass(frozen=True)
class Goal:
    """Something a person may want. `said` holds templates, one a line."""

    name: str
    build: Build
    example: str
    said: str
    joins: bool = False
    """Two things said together are one wish: its templates are tried on the whole request before it is taken
    apart."""
    reads: str = ""
    """Words that its builder takes in besides those of the templates, which show in no argument of a plan."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All its templates."""
        return pattern(self.said)


_OF_PEOPLE = (
    "whoever whatever else others people folks everyone everybody participants attendees guests invitees "
    "invited organiser organisers organizer organizers host hosts sender senders "
    "few promised owe current next "
)
_OF_GAPS = (
    "offer propose suggest give next gap slot opening free time first comes goes priority invitation "
    "invitations run runs "
)

GOALS: tuple[Goal, ...] = (
    Goal("schedule.list", schedules.show, "list my schedules", """
        {show} [me] [all] [of] [my|the] [current|active|scheduled] schedules
        (what|which) (schedules|digests are scheduled|reports are scheduled)
        [my|all] schedules $
        (what|which) (things|requests) (do you|are you) ... (schedule|schedules|regularly)
        {show} [me] [all] [my|the] (scheduled|recurring) (requests|tasks|digests|jobs|things)
        what do you do (regularly|<often>|on schedule)
    """),
    Goal("schedule.manage", schedules.manage, "pause the digest", """
        (pause|resume|unpause|suspend|restart|disable|enable|continue|hold)
        (stop|remove|delete|drop|cancel|scrap) ... (schedule|schedules|{digest})
        (turn|switch) (off|on) ... (schedule|schedules|{digest})
        (turn|switch) ... (schedule|schedules|{digest}) (off|on)
    """),
    Goal("room", room.make, "make room for an hour with Ann on Tuesday", """
        (make|free up|clear) [some] (room|space)
        (move|shift|push|reschedule) (something|anything|things|stuff) ... make [some] (room|space)
    """),
    Goal("room.event", room.for_event, "make room for an hour with Ann on Tuesday", """
        (book|reserve|find|get|arrange|add) [me|us] (a|the|another) room for (the|my|our|<whose>|<quote>)
        (book|reserve|find|get|arrange|add) [me|us] (a|the|another) .. room for (the|my|our|<whose>|<quote>)
    """),
    Goal("document.send", documents.send, "send the newest version of the proposal to Ann", """
        (send|mail|share|shoot|get|give) ... <who> ...
        (send|mail|share) ... to <who>
        (attach|add|put) ... (mail|message) (to|for) <who>
    """, reads="newest latest current final version copy attached over across cc copying"),
    Goal("mail.askers", askers.send, "send the newest version of the proposal to all who asked for it", """
        ... (asked|requested|wanted|asking|requesting|inquired) ...
    """, joins=True, reads=_OF_PEOPLE),
    Goal("attachments.file", filing.file, "save the attachments of Bo's last mail in Contracts", """
        (file|put|save|store|keep|collect|archive|move|copy|download|take|extract|pull|gather|drop|place|export)
        (get|fetch) ... (attachment|attachments|attached|pdfs|pdf)
    """, joins=True, reads="whatever attached attachments sent from grab"),
    Goal("mail.people", attendees.tell, "tell everybody in the budget review that I am ten minutes late", """
        {write} [to] ... (in|at|of|on|attending|joining|to)
        {write} [to] (my|our)
        (apologise|apologize|send|drop) ... (in|at|of|attending|joining) ...
    """, reads=_OF_PEOPLE),
    Goal("mail.people.first", attendees.tell_first, "I can't make the budget review, let the others know", """
        i ... (let|tell|inform|notify|warn) (them|everyone|everybody|all|those|the|whoever|people)
    """, joins=True, reads=_OF_PEOPLE + "involved concerned"),
    Goal("reminder", cannot.remind, "add “call the bank” to my calendar tomorrow at 10:00", """
        (remind me|do not let me forget|wake me|remember to|i do not want to forget)
        (make|create|add|put|set|give) [me] [up] [a|an] [new] reminder
        i (would like a|have a|like a|like to have a) [new] reminder
        ... (reminder|reminders|to-do|todo|to do list|task list|shopping list|chores|alarm|timer)
        ... (list of things to do|list of tasks|be reminded|get reminded|list of reminders|list of to-dos)
        ... (chore list|errand list|my list|list to do|to dos)
        ... (todos|to-dos|todo's|to do's|list of things|pending tasks)
        (what|which|list|recall|i|tell me) ... (want|wanted|trying|supposed) to (remember|recall|remind me)
        (what|which) ... (ask|asked|told|tell) you to (remember|remind me|help me remember)
        (what|which) ... (keep in mind|bear in mind|want to forget)
    """),
    Goal("event.relocate", relocating.relocate, "change the room of the budget review to “Blue room”", """
        (change|set|update|edit|switch) [the] [meeting|conference] (location|place|room|venue) (of|for) ...
        (change|set|update|edit|switch) ... (location|place|room|venue) to ...
        (move|relocate|shift|switch|bring) ... (to|into) ...
    """),
    Goal("elsewhere", cannot.elsewhere, "find a time for 30 minutes with Ann this week", """
        (book|reserve|schedule|order|get|find|make|cancel|set up|arrange|change) {of} [...] {thing}
        (buy|delete|remove|need|plan|pay|update) {of} [...] {thing}
        move {of} [..] {thing}
        ... (meeting|meetings|conference) (room|rooms)
        <when> ... (book|schedule|reserve) a room
        (play|turn|call <who>|call my|dial|text my|order|buy|pay|translate|roll|flip)
    """),
    Goal("overlapping", overlapping.clearing, "decline what overlaps the board meeting", """
        {clear} ... (overlap|overlaps|overlapping|clash|clashes|clashing|conflict|conflicts|conflicting)
        {clear} ... (collide|collides|coincide|coincides|interferes|competes|competing|during)
        {clear} ... (run into|runs into|running into)
        if (something|anything|any) ... (overlap|overlaps|clash|clashes|conflicts|conflict) ... {clear}
        (the|my|our|i|we) ... {clear} ... (overlap|overlaps|clash|clashes|conflict|conflicts) [with] (it|that)
        (i|we|be) ... {clear} ... then
        {clear} ... (at the same time as|in the way of|while i am|when i am)
    """, joins=True, reads=_OF_PEOPLE + _OF_GAPS),
    Goal("several", several.cancel_all, "cancel everything on Friday and tell them", """
        (clear|empty|wipe|blank out|free up) ... ({calendar}|schedule|<when>)
        ({cancel}|call off|decline) (everything|all) ... (but|except|besides|excluding)
        (move|shift|push|postpone|reschedule) (everything|all) ... (but|except|besides|excluding)
        ({cancel}|call off|decline) (everything|anything|all) [of] [my|the] [...] <when>
        (move|shift|push|postpone|reschedule|bring|pull) (everything|anything|all) [of] [my|the] [...] <when>
        (move|shift|push|postpone|reschedule|bring|pull) my (meetings|appointments|calls|events) ... <when>
        ({cancel}|decline|move|shift|push) (everything|all) [of] [my|the] [other] ({meeting}|call) ... <when>
        ({cancel}|decline|move|shift) (everything|all) [of] [my|the] ({meeting}|call) with <who>
        ({cancel}|decline|move|shift|say no to|turn down|reject) every {meeting} ... <when>
        (move|shift|push|reschedule) [all] [of] my <when> (meetings|appointments|calls|events) ... to
        cancel (my|the) (meetings|appointments|calls|events) ... <when>
        (cancel|clear) (my|the) (whole|entire) (day|morning|afternoon|week|<when>) [on] [<when>] $
    """, reads="was were been had have invited"),
    Goal("skip", changing.skip, "skip the stand-up on Friday", """
        (skip|miss|sit out|leave out|bunk off) (the|my|our|this|<whose>|<quote>|next|<when>) ...
    """),
    Goal("several.series", several.cancel_series, "cancel every “Stand-up” next week", """
        (cancel|delete|remove|drop|scrap) (every|all) <quote> ... <when>
    """),
    Goal("help", cannot.help_, "book a meeting with Ann tomorrow at 15:00", """
        how (do|can|would|should|could) (i|you|we) (schedule|book|arrange|send|draft|cancel|move|pause)
        ... (how do i|how to|how can i) (schedule|book|set up|arrange|create) [a|an] {meeting}
        ... (how i can|process to|way to) (schedule|book|set up|arrange|create) [a|an] {meeting}
        how (do|can|should) (i|you|we) (create|make|set up|plan) [a|an] {meeting}
        how (is|does) [a] ({meeting} scheduled|scheduling [a] {meeting}) [work]
        what (can you do|are you able to do|can i ask|can i say)
        help $
    """),
    Goal("answer.invitation", answering.answer, "accept the invitation from Bo", """
        [tentatively] (accept|decline|rsvp|turn down|reject) (it|that|the|this|my|<whose>|<quote>|<when>)
        [tentatively] (accept|decline|rsvp|turn down|reject) ... (invitation|invite|with <who>|from <who>)
        rsvp (yes|no|maybe) to
        (say|answer) (yes|no|maybe) to [the|<whose>] ... (invitation|invite|{meeting})
        confirm (<whose>|the) ... (invitation|invite)
    """, reads="mark"),
    Goal("answer.another", answering.another, "propose another time for the review: Thursday at 15:00", """
        (propose|suggest|offer|ask for|request) .. (another|different|new|alternative) (time|date|day|slot)
        (propose|suggest|offer|ask for|request) .. (later|earlier) (time|date|day|slot)
        counter [propose] (<whose>|the|with)
        (counter-propose|counter propose) <when>
        (propose|suggest|offer) <when> ... (for|to) (<whose>|the|my) ... (invitation|invite|{meeting})
    """),
    Goal("event.guests", guest_list.change_guests, "add Bo to the budget review on Thursday", """
        (add|invite|include|bring|get|loop|put|have) [in] <who> ... (to|into|in|on|join) ...
        (remove|drop|take|uninvite|disinvite|exclude|kick) <who> ... (from|off|out|of) ...
        (replace|swap|exchange) <who> (with|for|by) <who> ... (in|at|on|for)
        (add|invite|include|bring|loop) .. (to|into|in) (the|my|our|<whose>|<quote>) ... ({meeting}|<quote>)
    """),
    Goal("event.rename", guest_list.rename, "rename the budget review to “Budget call”", """
        (rename|retitle) ...
        (change|set|update|edit) [the] (title|name|subject) of ...
        give (the|my|our|<whose>|<quote>) ... (title|name)
        (call|title|name) (the|my|our|<whose>|<quote>) ... <quote> [instead] $
    """),
    Goal("extend", ending.extend, "extend the weekly sync until September", """
        (extend|prolong|continue|lengthen|keep up|carry on|go on) ... <when>
    """),
    Goal("resize", resizing.resize, "make the weekly sync 45 minutes from June", """
        (make|change|set) (the|my|our|this|<whose>|<quote>) ... <length>
        (shorten|lengthen|extend|prolong|stretch|trim|cut|reduce|increase) ... <length>
        (make|change|set) [the] (length|duration) of ... <length>
        (make|set) (the|my|our|this|<whose>|<quote>) ... <when>
        (make|change|set) <when> ... <length>
        (add|take|cut|knock|trim) <length> (to|onto|off|from|out of) (the|my|our|this|<whose>|<quote>|<when>)
    """),
    Goal("retime", changing.retime, "make the weekly sync at 11:00 from December on", """
        (make|change|set) (the|my|our|this|<whose>|<quote>) ... (<when>|<often>|later|earlier)
        (make|change|set) [all] (the|my|our|this|<whose>|<quote>) ... {meeting}
        (make|change) (.. {meeting}|{meeting}) ... (<when>|<often>)
    """),
    Goal("move.series", changing.move, "move the weekly sync to Tuesdays from January", """
        (move|reschedule|shift|change) ... to [every] <often>
    """),
    Goal("schedule.add", schedules.add, "every weekday at 8:00 send me a digest", """
        ... <often>
    """),
    Goal("changes", reading.changes, "what changed in the proposal since last Monday", """
        (what|which|who) [has|have|was] (changed|edited|modified|updated)
        (what|which) {paper} [have|has|were|was|that|of mine] [been] (changed|edited|updated|modified|new)
        (what|which) (did|has|have) ... (change|changed|edit|edited|update|updated|modified)
        (what|which) ... [has|have|was|were] changed (in|since|between|<when>)
        what is different (in|between|since|now)
        what (is|are) the (changes|differences|edits|diff)
        (what|which) [are] (changes|differences|edits|updates) (to|in|of|between|since)
        what (is|has been) (new|added|updated) (in|with|to|since)
        (show|list|give|tell) [me] [all] [the|what|which] ... (changes|changed|differences|edits|diff)
        compare ... (version|versions|{paper}|<when>|<quote>)
        (diff|difference between ... version)
        how (has|have|did|does) ... (change|changed|differ|differs)
        [all|any|recent|the] (changes|differences|edits) (in|to|of|between|since)
        (any|are there any|were there any) (changes|edits|updates) (to|in|of|since)
        (has|have) ... (changed|been changed|been edited|been updated)
        did ... change
    """),
    Goal("waiting", digests.waiting, "which mails are waiting for my answer", """
        (what|which|who|whose|whom|show|list|give) ... (wait|waits|waiting|awaiting|awaits)
        [is|are] (anyone|anybody|somebody|someone) [still] waiting (for|on)
        am i waiting
        (what|which|who|whose) ... (need|needs|require|requires|await|expect|expects) (a|an|my) {reply}
        (who|what|which) ... i not [yet] (answered|replied|responded|answer|reply)
        (who|what|which) ... i ([still] need|have|must|should|owe) ... (answer|reply|respond)
        (who|does anyone|does anybody) [still] (owes|owe) me
        (who|whom) do i owe [a|an] {reply}
        [show|list|any|find|give|do i have] [me] [any] [my|all] [the] unanswered {mail}
        (any|are there any|do i have [any]) {mail} [i] ... (waiting|need|needs|to answer|to reply)
        (who|which) ... not [yet] (answered|replied|responded) [to] me
    """),
    Goal("reply", mail.reply, "reply to the last mail from Bo: thanks, that works", """
        (reply|respond|write back|get back)
        answer [to] (<who>|<whose>|the ... {thread}|{last} {thread}|all|everyone)
        answer (his|her|their|this|that|the|my) [{last}] {thread}
        (draft|write|send|prepare|compose|give) [me|<who>] [a|an|the|my] [{small}] [{small}] {reply} [to]
    """),
    Goal("forward", mail.forward, "forward the last mail from Bo to Ann", """
        forward
        (pass|send) ... (on|along|over) to
        (send|pass|mail) <whose> [{last}] {thread} ... to
        (send|pass|mail) (the|my) {last} {thread} ... to
        (send|pass) (the|that|this) {thread} (from|by|of) ... to
    """),
    Goal("digest", digests.digest, "send me a digest now", """
        [{give}] [me|us] [a|an|the|my|today's|this|out] [{fresh}|<when> [s]] {digest}
        i {digest}
        (brief me|catch me up|update me|get me up to (speed|date)|bring me up to (speed|date)) [now|<when>] $
        (what (needs|requires) my attention|what did i miss|what have i missed)
        (what is|anything) new [<when>] $
        what should i know [<when>] $
    """),
    Goal("offer", offering.offer, "offer Ann three times next week for 30 minutes", """
        (offer|propose|suggest) <who> ... (time|times|slot|slots|option|options|date|dates)
        (offer|propose|suggest|send) ... (time|times|slot|slots|option|options|dates) ... to <who>
        (send|give) <who> ... (times|slots|options|dates) ... [for] ({meeting}|<length>|<when>)
        ask <who> (which|what) .. (time|times|slot|slots|day) ... (suit|suits|work|works|best)
    """),
    Goal("confirm", offering.confirm, "confirm the hold on Friday", """
        (confirm|firm up|book|make) [the|my] (hold|held|tentative|time (held|kept|that is held|that is kept))
    """),
    Goal("hold", offering.hold, "hold two hours on Friday until Wednesday", """
        (hold|keep|reserve|block|pencil in) ... <when>
        hold ... (<length>|<who>|before|after)
        (tentatively|provisionally) (hold|keep|book|reserve|block|schedule) ... (<when>|<length>|before|after)
    """),
    Goal("mails.list", mail_lists.listing, "list the mails from Bo since Monday", """
        list [me] ... (mails|mail|messages|message|newsletters|attachments)
        list [me] [all|everything] (from|by) <who>
    """, reads="sent send wrote written unread"),
    Goal("mails.put", mail_lists.put_away, "flag the mails from Bo", """
        (flag|star|trash)
        mark ... (mails|mail|messages|message) ... (read|seen|unread|unseen|important|flagged|starred)
        mark ... [as] (read|seen|unread|unseen|flagged|starred) $
        (move|put|file) ... (mails|mail|messages|message|newsletters) ... (folder|trash|bin)
    """, reads="spam junk thread threads everything"),
    Goal("mail.nudge", nudging.nudge, "ask Bo again about the offer", """
        (chase|nudge|ping|prod|poke|remind) [up] <who>
        (follow up|follow-up|check back|check in|chase up) [again] with <who>
        (ask|write|write to|mail) <who> ... (again|once more)
        ask (again|once more)
        (send|drop) <who> ... (reminder|nudge)
    """),
    Goal("mail.thank", nudging.thank, "thank Bo for the offer", """
        thank
        say (thank you|thanks|thank-you|$)
        (send|write|drop|give) <who> ... (thanks|thank-you|thank you)
    """),
    Goal("mail", mail.write, "draft a mail to Ann about the offer: could you send it by Friday?", """
        (draft|write|compose|prepare|mail|message|notify|inform|ping|text|send|tell|ask|thank|remind)
        (drop|shoot) (<who>|... {mail})
        let ... know
    """, reads="cc bcc copy copying"),
    Goal("book.each", each.each, "book half an hour with each of Ann and Bo next week", """
        [{arrange}|find] [me] [a|an] (<length>|.. {meeting}) [...] [with] each [of|with] <who> ...
        {arrange} ... (separately|individually|one by one|one at a time)
        {arrange} ... with each of <who>
        {arrange} (two|three|four|five) ... with <who> ... (same|different|separate|one) (day|days)
        ({arrange}|find) ... (individual|separate) [<length>] {meeting} ... with <who>
        (see|meet|meet with|talk to|speak to) <who> ... (separately|individually|one by one|one at a time)
        ({arrange}|find) ... (1:1s|1-1s|one-to-ones|one-on-ones|one to ones) ... with (<who> ... <who>|each)
    """),
    Goal("book.chain", each.chain, "meet Ann before I meet Bo, both next week", """
        (meet|see|talk|speak) ... <who> ... (before|after|then|afterwards) ... <who>
        [{arrange}|find] [me] [a|an] <length> ... <who> ... (before|after|then|afterwards) ... <who>
        [{arrange}|find] [me] [a|an] .. {meeting} ... <who> ... (before|after|then|afterwards) ... <who>
    """),
    Goal("move.anew", changing.find_anew, "find a new time for the budget review", """
        (find|look for|pick|choose|get|suggest|search for|work out) [me|us] (a|an|another|some) ... for
        (find|look for|pick|choose|get|suggest|search for|work out) [me|us] (a|an|another|some) ... of
    """),
    Goal("who.free", freedom.free, "is Ann free on Thursday at 14:00", """
        (who|whom|which of them) (is|are|will be) (free|available|busy) ... (<who>|<when>)
        (is|are) (everyone|everybody|anyone|anybody|they|we all) (free|available|busy) ... <when>
        (is|are|will|if|whether) <who> ... (free|available|busy|booked)
        (is|are|will) <who> and (i|me) ... (free|available|busy) ... <when>
        (is|will) .. (free|available|busy) ... <when>
        when (is|are|will) <who> ... (free|available)
        (am|will|would) i [be] (free|available|busy) ... <when>
        (do|will|would) i have [any|some|enough] [free] (time|room) .. (<length>|<when>)
        how much [free] time (do|will) i have ... <when>
        (have i|i have) [any|some|enough] (time|room) for <length>
        (what|which|any|show me|list|are there any) [free] (gaps|gap|openings|free time) ... (i|my|<when>)
    """),
    Goal("free", booking.find, "find a time for 30 minutes with Ann this week", """
        (look|search) <length>
        {seek} [me|us] .. (slot|slots|time|times|gap|gaps|hour|<length>|opening)
        (get|show|give|see) [me|us] .. (slot|slots|gap|gaps|free time|free times|openings)
        when (can|could|might|should|shall) ... (meet|talk|speak|call|get together|{meal}|see|catch up)
        when (are|is|will) (<who>|we|everybody|everyone) ... (free|available)
        when (am|will) i [be] [next] (free|available|open)
        when (do|will) i have [a|an|some|any] [free] (time|slot|gap|hour|<length>) [free] [<when>] $
        when (are|is|will) ... and (i|me) ... (free|available)
        when would ... (suit|work for|be good for|be possible)
        (is|are) there [any|a] (time|times|slot|slots|gap) [<when>] [for|to|when|with]
        (what|which) (time|times|slot|slots) (suit|suits|work|works|would work|are possible|are good|is good)
    """),
    Goal("move", changing.move, "move my 3pm on Tuesday to Wednesday at 10:00", """
        (move|reschedule|postpone|shift|delay|bring forward|put off|put back|bring ahead|pull forward|pull in)
        push [back|out] ... (<when>|<length>|{meeting})
        (bring|put|pull) ... (forward|back|off|ahead)
        (change|make) ... ({meeting}|<when>) ... (to|earlier|later)
        change (<quote>|my <when>|the <when>)
        start ... (earlier|later)
        change [the] (time|date|day) of
    """),
    Goal("end", ending.end, "end the weekly sync after March", """
        (end|stop|finish|discontinue|terminate|cease|conclude) ... ({meeting}|<quote>|<who>|<whose>|series)
    """),
    Goal("cancel", changing.cancel, "cancel the budget review on Thursday", """
        {cancel} ... ({meeting}|{calendar}|<when>|<who>|<whose>|<quote>)
        (take|clear|{cancel}) ... (off|from|on) (my|the) ({calendar}|schedule)
        (cancel|call off) ... (series|schedule)
    """),
    Goal("agenda", agenda.agenda, "what is on my calendar tomorrow", """
        ({ask}|{show}|is|are|am|do|did|does|have|has|any|if) ... (my|the|<when> [s]) [<when>|work] {calendar}
        (my|the|<when> s|today's|tomorrow's) (agenda|calendar|diary|day|schedule)
        (agenda|calendar|diary|schedule (for|on|of) <when>|schedule <when> $)
        (what|how|is|{show}) ... my [work|<when>|whole|meeting] (schedule|{stretch}|schedules|plan|plans)
        what (is|are) [there|else] [{planned}] [to do] [for|with me] <when>
        what (do|have|am|did|will|are|must|should) (i|we) ... <when>
        what (else ... <when>|(is|are|kind of|sort of) .. (meetings|appointments|events)|is up <when>|is next)
        [about|for] (what|which|how many) (meetings|appointments|events|calls)
        (any|my|all|all my|{last}) {meeting} [<when>] .. $
        [{give}|i] [me] [a|an|the] [{small}] ({gist}|list) (of|on) ... (meetings|appointments)
        [{give}|i] [me] [a|an|the] [{small}] ({gist}|list) (of|on) my ({stretch}|schedule)
        (am|are|is|do|does|have|if) (i|we|there|any|anything) ... ({meeting}|<when>|anything|free|busy)
        when (is|are|do|does|will|was|did) [my|the|our|i|we|this|next] ... ({meeting}|meet|<who>|see|<quote>)
        when (am|do|will|shall|did) i ... (meet|meeting|see|seeing)
        (when is|when are) <whose>
        what is (my|the|our) next {meeting}
        (for|at|on) (what|which) (time|day) (is|are|do|am) ... ({meeting}|meet|meeting)
        (what time|what day|which day) (i|am i|do i|we|have i|are we|will i)
        (when|what time|where) ... [my|the|our] next {meeting}
        (what time|what day|which day|where) (is|are|was|were) [my|the|our] ... {meeting}
        (what time|what day|which day|where) (do|does|did|will) (i|we) ... ({meeting}|<who>)
        {show} [me] [all] [of] [my|the|any] [upcoming|next] {meeting}
        (how|when) (busy|full|packed|free) (am|is|are|will)
        (am|are|is) (i|we) (free|busy|available|booked)
        (who|whom) (am|do) i (meeting|meet|seeing|see|talking|have)
        (where|what) do i have to be
        (where am i|do i have [any] (time|plans|anything)) [<when>]
        (anything|something) (on|in|for) ... (calendar|schedule|agenda|diary|<when>)
        (meetings|appointments|events|calls) [on|for] <when>
        [my|the] first (thing|{meeting}) [on|in] [my|the] ({calendar}|<when>)
        <when> (agenda|calendar|schedule|meetings|events|appointments) $
        [for|on|at] <when> what
    """),
    Goal("book", booking.book, "schedule 45 minutes with Ann next week", """
        {arrange} [me|us|in] ({meeting}|.. {meeting}|... {calendar}|... my schedule|<who>|.. <who>|... with)
        {arrange} ... {meeting} ... (<when>|<who>|with)
        (schedule|arrange|plan|fix|set up|pencil in|slot in) ... <when>
        (book|schedule|reserve|plan) .. <length>
        (block|reserve|hold|keep) [out|off|me] ... (<when>|<length>)
        ... (added|put) (to|on|in|into) (my|the) ({calendar}|schedule)
        (meet|invite|see <who>)
        [a|an] [new] {meeting} with
        <length> with
        (do|grab) ({meal}|a call|a drink) with
        (mark [in] my {calendar}|my {calendar} ... add)
        [a|an] {meeting} ... (<who>|with) ... <when>
        (<length>|.. (minutes|hour|hours)) (before|after) ... (block|book|schedule|reserve|keep|hold)
        (before|after|right after|right before) ... (block|book|schedule|reserve|keep|hold|arrange|set up)
    """),
    Goal("summarise", reading.summarise, "summarize the thread about the budget", """
        ({summarise}|digest)
        [{give}|i|read] [me] [a|an|the] [{small}] [{small}] {gist} [of|about|on|from|for]
        what (is|was|has been) (the (state|status|gist|upshot|outcome) of|said in|being said)
        what (is|was|has been) (happening (in|with)|going on (in|with))
        what (is|was|does) [in] [the|my|<whose>] ... {thread} ... (about|say|saying)
        what (did|does|has) <who> (say|said|write|think)
        (catch me up|bring me up to (speed|date)|get me up to (speed|date)) (on|about|with)
        (fill me in|brief me|update me) (on|about|with)
        where (do|does|did) (we|things|it|i) (stand|leave) (on|with)
    """),
    Goal("question", reading.question, "when does the contract end?", """
        {ask}
        (did|does|is|are|was|were|has|am)
        (do|have|had|can|could|should|would|will) (i|we|you|they|he|she|it|<who>|<whose>|the|my|our|any)
        (find|search|look up|look for|search for|look through|tell me about|remind me about)
        (anything|anybody|anyone|any) ... (about|on|from|by)
        {show} [me] [all] [the|my|everything|anything|any|<whose>] ... ({paper}|{mail}|about|from|on)
        (tell me|remind me) ({ask}|if|whether|everything)
        (in|from|since|until|by|for|at|to) {ask}
    """),
)  # fmt: skip
