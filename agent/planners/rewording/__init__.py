"""A wish in plainer words before it is read: no fillers, telegrams and idioms; corrections set right."""
