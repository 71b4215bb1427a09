"""Leases: until when a guest may live, and what happens then."""
