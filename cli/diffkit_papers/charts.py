"""The statistics of reading as a picture, and as bars of characters for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from diffkit_papers.drawing import add, drawing, shortened, written
from diffkit_papers.views import counted

WIDTH = 760
MARGIN = 24
COLUMN_HEIGHT = 140
ROW = 24
NAME_WIDTH = 190

STYLE = """
.bar { fill: var(--bar); }
.axis { stroke: var(--line); }
"""


def bar(value: float, largest: float, cells: int = 24) -> str:
    """A bar of eighths of characters; anything above zero shows."""
    if largest <= 0 or value <= 0:
        return ""
    eighths = max(1, round(value / largest * cells * 8))
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def stats_svg(document: Mapping[str, Any]) -> str:
    """The picture of what `stats.statistics` returns."""
    funnel, passes = document["funnel"], document["passes"]
    groups = [(kind, document[f"{kind}s"]) for kind in ("venue", "tag") if document[f"{kind}s"]]
    rows = len(funnel) + len(passes) + sum(len(rows) for _, rows in groups)
    height = MARGIN + COLUMN_HEIGHT + 90 + rows * ROW + (2 + len(groups)) * 50
    root = drawing(WIDTH, height, "Reading statistics", STYLE)
    y = _columns(root, document["weeks"], MARGIN)
    shares = [
        (stage["stage"], stage["papers"], f"{stage['papers']}" + _percent(stage["share"])) for stage in funnel
    ]
    y = _rows(root, "How far papers come", shares, y)
    spent = [(f"pass {one['pass']}", one["median_minutes"] or 0, _pass_text(one)) for one in passes]
    y = _rows(root, "Minutes for a pass (median)", spent, y)
    for kind, found in groups:
        sizes = [(group[kind], group["papers"], f"{group['papers']}") for group in found]
        y = _rows(root, f"Papers by {kind}", sizes, y)
    return written(root)


def _columns(root: Element, weeks: Sequence[Mapping[str, Any]], y: float) -> float:
    """Minutes of each week as columns; returns where the next chart begins."""
    add(root, "text", "Minutes by week", x=MARGIN, y=y + 8, class_="heading")
    largest = max((week["minutes"] for week in weeks), default=0)
    step = (WIDTH - 2 * MARGIN) / max(1, len(weeks))
    base = y + 40 + COLUMN_HEIGHT
    labelled = max(1, round(80 / step))
    for number, week in enumerate(weeks):
        x = MARGIN + number * step
        height = COLUMN_HEIGHT * week["minutes"] / largest if largest else 0
        column = add(root, "rect", x=x, y=base - height, width=step * 0.8, height=height, class_="bar")
        papers = counted(week["papers"], "paper")
        add(column, "title", f"{week['week']}: {week['minutes']:g} minutes, {papers}")
        if week["minutes"] and step > 34:
            middle = x + step * 0.4
            text = f"{week['minutes']:.0f}"
            add(root, "text", text, x=middle, y=base - height - 5, class_="faint", text_anchor="middle")
        if number % labelled == 0:
            add(root, "text", week["week"], x=x, y=base + 16, class_="faint")
    add(root, "line", x1=MARGIN, x2=WIDTH - MARGIN, y1=base, y2=base, class_="axis")
    return base + 60


def _rows(root: Element, title: str, rows: Sequence[tuple[str, float, str]], y: float) -> float:
    """Bars to the right, each with its name before and its figures behind."""
    add(root, "text", title, x=MARGIN, y=y, class_="heading")
    largest = max((value for _, value, _ in rows), default=0)
    room = WIDTH - 2 * MARGIN - NAME_WIDTH - 190
    for number, (name, value, text) in enumerate(rows):
        top = y + 14 + number * ROW
        length = room * value / largest if largest else 0
        add(root, "text", shortened(name, 26), x=MARGIN, y=top + 13)
        bar_ = add(root, "rect", x=MARGIN + NAME_WIDTH, y=top, width=length, height=16, class_="bar")
        add(bar_, "title", f"{name}: {text}")
        add(root, "text", text, x=MARGIN + NAME_WIDTH + length + 8, y=top + 13, class_="faint")
    return y + len(rows) * ROW + 50


def _percent(share: float | None) -> str:
    return "" if share is None else f" ({share:.0%})"


def _pass_text(one: Mapping[str, Any]) -> str:
    if not one["finished"]:
        return "none finished"
    median = f"{one['median_minutes']:g} min, " if one["median_minutes"] is not None else ""
    return f"{median}{one['finished']} finished, {one['drop_rate']:.0%} dropped"
