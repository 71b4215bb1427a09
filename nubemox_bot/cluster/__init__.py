"""The cluster as people may see it: nodes, pools, the summary, and whether PVE answers."""
