"""The last looks at a plan: whether it does all that was said, and nothing else. What is lost is asked."""
