"""The REST edge, under `/api/proxmox`: the same services as in Slack, for programs."""
