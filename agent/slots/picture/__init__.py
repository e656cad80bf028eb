"""Who is free when, each in one's own local time: the `grid` of half hours for a terminal, and as `svg`."""
