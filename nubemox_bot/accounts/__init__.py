"""People's own users in Proxmox VE, for its web page: made, and let into a pool."""
