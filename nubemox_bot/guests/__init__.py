"""VMs and containers: who sees which, and their power."""
