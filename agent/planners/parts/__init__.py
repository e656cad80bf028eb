"""Wishes of several parts: taken apart, conditions and pronouns settled, and their plans joined into one."""
