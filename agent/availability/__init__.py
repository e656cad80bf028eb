"""Who has time when: calendars, working hours, days off, journeys, rooms, and what a wish says of them."""
