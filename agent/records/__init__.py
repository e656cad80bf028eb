"""What is kept of runs: plans, steps, events, approvals, effects, schedules."""
