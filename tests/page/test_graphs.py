"""A guest's graph as a person sees it on the page."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.process


def test_a_graph_is_drawn_and_can_be_seen(screen, demo):
    demo.cluster.guest(107).set_usage(cpu=0.4, mem=300 * 1024**2)
    screen.open(demo.url, "ana", "acme")

    screen.says("/nubemox ct graph db-1 --hours 48")
    shown = screen.sees("over the last 2 days", within_s=60)
    picture = screen.await_(lambda: screen.every("img[alt^=Graphs]", shown))

    width = screen.await_(lambda: picture[0].get_property("naturalWidth"), what="the picture")
    assert width == 1600
    assert "Processor: " in picture[0].get_property("alt")
