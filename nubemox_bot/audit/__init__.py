"""Who did what: recorded before it happens, and kept so that a change to it shows."""
