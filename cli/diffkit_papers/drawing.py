"""What the pictures of the reading log share: elements of an SVG, its colours by day and night, its text."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

# Not allowed in XML, escaped or not.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

STYLE = """
svg { --ink: #1b1f24; --faint: #6e7781; --line: #d0d7de; --paper: #ffffff; --bar: #0969da; --alarm: #cf222e;
  --new: #ddf4ff; --reading: #fff8c5; --parked: #eaeef2; --dropped: #ffebe9; --done: #dafbe1;
  --waiting: #fbefff; --recalled: #aceebb;
  background: var(--paper); font: 13px system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e6edf3; --faint: #8d96a0; --line: #30363d; --paper: #0d1117; --bar: #4493f8; --alarm: #f85149;
    --new: #0c2d4d; --reading: #3b2e00; --parked: #21262d; --dropped: #4c1a1a; --done: #0f3d1f;
    --waiting: #31204d; --recalled: #1a6334; } }
text { fill: var(--ink); }
.faint { fill: var(--faint); font-size: 11px; }
.heading { font-size: 15px; font-weight: 600; }
"""


def drawing(width: float, height: float, title: str, style: str = "") -> Element:
    """An empty SVG that fits its place on a page, with a title for those who hear it."""
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_number(width)} {_number(height)}",
            "width": _number(width),
            "height": _number(height),
            "role": "img",
        },
    )
    add(root, "title", title)
    add(root, "style", STYLE + style)
    return root


def add(parent: Element, name: str, text: str = "", **attributes: float | str) -> Element:
    """A further element inside `parent`; `class_` and `text_anchor` stand for `class` and `text-anchor`."""
    given = {
        key.rstrip("_").replace("_", "-"): _clean(value) if isinstance(value, str) else _number(value)
        for key, value in attributes.items()
    }
    element = SubElement(parent, name, given)
    if text:
        element.text = _clean(text)
    return element


def written(root: Element) -> str:
    """The file's text."""
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def shortened(text: str, cells: int) -> str:
    """At most `cells` columns wide, with an ellipsis where it was cut; Chinese characters take two."""
    from rich.cells import cell_len, set_cell_size

    text = " ".join(text.split())
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub(" ", text)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
