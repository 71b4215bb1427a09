"""Slack's rules for the blocks that hold structured text and data."""

from playground.slack.checks import Place
from playground.slack.texts import texts_of

PARTS = ("text", "link", "user", "usergroup", "channel", "emoji", "date", "broadcast", "color")
PART_NEEDS = {
    "text": "text",
    "link": "url",
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "emoji": "name",
    "date": "timestamp",
    "broadcast": "range",
    "color": "value",
}


def rich_text(place: Place) -> None:
    place.only("type", "block_id", "elements")
    for element in place.items("elements", 1, 1000):
        if element.is_object():
            _rich_element(element)


def _rich_element(place: Place) -> None:
    kind = str(place.value.get("type"))
    if kind == "rich_text_list":
        place.only("type", "style", "elements", "indent", "offset", "border")
        place.choice("style", ("bullet", "ordered"), required=True)
        place.integer("indent", 0, 8)
        place.integer("border", 0, 1)
        for item in place.items("elements", 1, 1000):
            if item.is_object():
                item.choice("type", ("rich_text_section",), required=True)
                _parts(item)
    elif kind in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
        place.integer("border", 0, 1)
        _parts(place)
    else:
        place.child("type").fail(f"unsupported type: {kind}")


def _parts(place: Place) -> None:
    for part in place.items("elements", 0, 10_000):
        if not part.is_object():
            continue
        part.choice("type", PARTS, required=True)
        needed = PART_NEEDS.get(str(part.value.get("type")))
        if needed:
            part.needs(needed)
        if part.value.get("type") == "text":
            part.string("text", 100_000, least=1, required=True)


def table(place: Place) -> None:
    place.only("type", "block_id", "rows", "column_settings")
    for row in place.items("rows", 1, 100):
        if not isinstance(row.value, list):
            row.fail("must be an array")
            continue
        if len(row.value) > 20:
            row.fail("no more than 20 items allowed")
        for index, cell in enumerate(row.value):
            _cell(Place(cell, f"{row.pointer}/{index}", row.problems))
    for column in place.items("column_settings", 0, 20, required=False):
        if column.value is not None and column.is_object():
            column.only("align", "is_wrapped")
            column.choice("align", ("left", "center", "right"))
            column.flag("is_wrapped")


def _cell(place: Place, *, rich: bool = True) -> None:
    if not place.is_object():
        return
    kind = place.value.get("type")
    if kind == "raw_text":
        place.only("type", "text", "emoji")
        place.string("text", 3000, least=1, required=True)
    elif kind == "raw_number":
        place.only("type", "value", "text")
        if not _is_number(place.value.get("value")):
            place.fail("missing required field: value")
    elif kind == "rich_text" and rich:
        rich_text(place)
    else:
        place.child("type").fail(f"unsupported type: {kind}")


def data_table(place: Place) -> None:
    place.only("type", "block_id", "caption", "rows", "page_size", "row_header_column_index")
    if isinstance(place.value.get("caption"), dict):
        place.text("caption", 3000, required=True)
    else:
        place.string("caption", 3000, required=True)
    place.integer("page_size", 1, 100)
    place.integer("row_header_column_index", 0, 19)
    rows = place.items("rows", 2, 101)
    widths = set()
    for number, row in enumerate(rows):
        if not isinstance(row.value, list):
            row.fail("must be an array")
            continue
        widths.add(len(row.value))
        if not 1 <= len(row.value) <= 20:
            row.fail("must have between 1 and 20 columns")
        for index, cell in enumerate(row.value):
            _cell(Place(cell, f"{row.pointer}/{index}", row.problems), rich=number > 0)
    if len(widths) > 1:
        place.child("rows").fail("all rows must have the same number of columns")
    if sum(len(text) for text in texts_of(place.value)) > 20_000:
        place.fail("must be less than 20001 characters")


def data_visualization(place: Place) -> None:
    place.only("type", "block_id", "title", "chart")
    place.string("title", 50, required=True)
    if not place.needs("chart") or not place.child("chart").is_object():
        return
    chart = place.child("chart")
    kind = chart.value.get("type")
    if kind == "pie":
        for segment in chart.items("segments", 1, 6):
            if segment.is_object():
                segment.string("label", 20, required=True)
                if not _is_number(segment.value.get("value")) or segment.value["value"] <= 0:
                    segment.child("value").fail("must be more than 0")
    elif kind in {"line", "bar", "area"}:
        _series(chart)
    else:
        chart.child("type").fail(f"unsupported type: {kind}")


def _series(chart: Place) -> None:
    categories: list[object] = []
    if chart.needs("axis_config") and chart.child("axis_config").is_object():
        axis = chart.child("axis_config")
        axis.string("x_label", 50)
        axis.string("y_label", 50)
        for category in axis.items("categories", 1, 20):
            categories.append(category.value)
            if not isinstance(category.value, str) or not 1 <= len(category.value) <= 20:
                category.fail("must be less than 21 characters")
    for series in chart.items("series", 1, 6):
        if not series.is_object():
            continue
        series.string("name", 20, required=True)
        points = series.items("data", 1, 20)
        labels = [point.value.get("label") for point in points if point.is_object()]
        if labels != categories:
            series.child("data").fail("must have one point per category")
        for point in points:
            if isinstance(point.value, dict) and not _is_number(point.value.get("value")):
                point.child("value").fail("must be a number")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def plan(place: Place) -> None:
    place.only("type", "block_id", "title", "tasks")
    _either_text(place, "title", 150)
    for task in place.items("tasks", 1, 50, required=False):
        if task.is_object():
            _task(task, ("pending", "in_progress", "complete", "error"))


def task_card(place: Place) -> None:
    # A card of its own says what is happening; only a plan lists what is still to come.
    _task(place, ("in_progress", "complete", "error"))


def _task(place: Place, states: tuple[str, ...]) -> None:
    place.only("type", "block_id", "task_id", "title", "status", "details", "output", "sources")
    place.string("task_id", 255, required=True)
    _either_text(place, "title", 150)
    place.choice("status", states)
    for key in ("details", "output"):
        if place.has(key) and place.child(key).is_object():
            rich_text(place.child(key))
    for source in place.items("sources", 0, 100, required=False):
        if source.is_object():
            source.needs("url")


def _either_text(place: Place, key: str, longest: int) -> None:
    if isinstance(place.value.get(key), dict):
        place.text(key, longest, required=True)
    else:
        place.string(key, longest, required=True)
