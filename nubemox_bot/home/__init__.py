"""The Home tab: everything of one person's in one place, kept true while they look at it."""
