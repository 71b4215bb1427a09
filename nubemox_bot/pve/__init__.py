"""The shared Proxmox VE service layer: the one way from the bot to a cluster.

`client` speaks HTTP and is the only user of proxmoxer; `translation` turns PVE's answers into
`errors`; everything else is named after the noun it reads or changes.
"""
