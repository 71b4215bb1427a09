"""Consoles: a one-time link, a page, and a proxied screen or terminal."""
