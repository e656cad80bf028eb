"""Time as whole minutes in UTC.

`minutes` turns moments into them and back, `spans` is the arithmetic of stretches, `clocks` lays the wall
clocks of zones over them, `window` is the stretch asked about with what is known of it.
"""
