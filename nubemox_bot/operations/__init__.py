"""Durable changes: stored before they are acknowledged, driven to one end, told to the asker."""
