"""All looks at a whole plan, in their order: the first that sees something lost, turned or made up asks.

Each knows the wish and its plan, and nothing of how the one came of the other. Those that try what other
words become come last: each try takes the time of a plan.
"""

from __future__ import annotations

from deskhand.agent.planners.checks.at_last import beside_the_time, glued, idle, no_text, one_of_two_days
from deskhand.agent.planners.checks.bodies import half_a_text
from deskhand.agent.planners.checks.depends import condition_lost, time_left_out
from deskhand.agent.planners.checks.led_by import verb_lost
from deskhand.agent.planners.checks.left_aside import left_aside
from deskhand.agent.planners.checks.lengths import length_lost
from deskhand.agent.planners.checks.looks_or_does import looks_or_does
from deskhand.agent.planners.checks.not_now import waits
from deskhand.agent.planners.checks.one_of_many import one_of_many, one_of_two_times
from deskhand.agent.planners.checks.plan_shown import Again
from deskhand.agent.planners.checks.same_day import lost_day
from deskhand.agent.planners.checks.unsaid import not_said
from deskhand.agent.planners.checks.waiting_for import other_way_round
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_LOOKS = (
    glued, no_text, verb_lost, other_way_round, length_lost, lost_day, not_said, one_of_two_days,
    beside_the_time, one_of_many, one_of_two_times, looks_or_does, half_a_text, condition_lost, time_left_out,
    waits,
)  # fmt: skip
_TRIES = (left_aside, idle)


def overlooked(request: Request, made: Plan, again: Again) -> Unclear | None:
    """The question about what a plan does nothing of, or does though nobody said it; None where all is well.

    :param again: the plan of other words.
    """
    return next((question for look in _LOOKS if (question := look(request, made)) is not None), None) or next(
        (question for look in _TRIES if (question := look(request, made, again)) is not None), None
    )
