"""Several meetings at once.

`model` has what is wanted and what holds between meetings; `problem` puts that as `ties` between the
candidates of each two; `search` is branch and bound, with the cheapest `assignment` as its bound; `find` is
the door.
"""
