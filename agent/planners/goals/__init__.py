"""What may be wished for: the table of goals with their wordings, and what makes the plan of each."""
