"""Requests: what was asked for, the plan of it, who decides, and the quota that it takes."""
