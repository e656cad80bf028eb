"""The cheapest way to give each of a few rows a column of its own: what meetings that must lie apart cost at
least.
"""

from __future__ import annotations

from collections.abc import Sequence


def matching(rows: Sequence[dict[int, int]]) -> int | None:
    """The least sum of one entry from each row, all from different columns; None: there is no such choice.

    The Hungarian method with potentials (Kuhn 1955), row by row.
    """
    cheapest = [min(row, key=lambda c: (row[c], c)) for row in rows if row]
    if len(cheapest) < len(rows):
        return None
    if len(set(cheapest)) == len(rows):
        return sum(row[c] for row, c in zip(rows, cheapest, strict=True))
    columns = sorted({c for row in rows for c in row})
    if len(columns) < len(rows):
        return None
    never = sum(max(row.values()) for row in rows) + 1
    costs = [[row.get(c, never) for c in columns] for row in rows]
    wide = len(columns)
    by_row, by_column = [0] * (len(rows) + 1), [0] * (wide + 1)
    taken, way = [0] * (wide + 1), [0] * (wide + 1)
    for number in range(1, len(rows) + 1):
        taken[0], at = number, 0
        least: list[int | None] = [None] * (wide + 1)
        visited = [False] * (wide + 1)
        while taken[at]:
            visited[at] = True
            row, step, then = taken[at], None, 0
            for column in range(1, wide + 1):
                if visited[column]:
                    continue
                slack = costs[row - 1][column - 1] - by_row[row] - by_column[column]
                known = least[column]
                if known is None or slack < known:
                    least[column] = known = slack
                    way[column] = at
                if step is None or known < step:
                    step, then = known, column
            for column in range(wide + 1):
                if visited[column]:
                    by_row[taken[column]] += step or 0
                    by_column[column] -= step or 0
                elif (known := least[column]) is not None:
                    least[column] = known - (step or 0)
            at = then
        while at:
            taken[at] = taken[way[at]]
            at = way[at]
    total = sum(costs[taken[c] - 1][c - 1] for c in range(1, wide + 1) if taken[c])
    return total if total < never else None
