"""The smallest apps that do a part of what Nubemox does, each run as a process of its own."""
