"""The workspace in a browser: a page that shows what one person sees, live, and acts for them."""

from playground.page.server import Page, Panel, Persona, Tip

__all__ = ["Page", "Panel", "Persona", "Tip"]
