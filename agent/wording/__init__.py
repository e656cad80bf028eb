"""What people get to read: a write in words, a brief as a page, hidden characters made visible, no secret."""
