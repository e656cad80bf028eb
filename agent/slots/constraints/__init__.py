"""What a meeting must keep to: each rule as the set of starts it bars.

`rule` says what a rule is; `of_request`, `of_person` and `of_meeting` make them, in the order in which a
conflict names them.
"""
