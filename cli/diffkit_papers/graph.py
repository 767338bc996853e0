"""The papers that hang together: what was circled in which, and what has to be read before what.

`mermaid`, `svg` and `page` are pure functions of a `Graph`, which `reading_graph` takes from a database.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from statistics import fmean
from typing import Any
from xml.etree.ElementTree import Element

from diffkit_papers import store, views
from diffkit_papers.drawing import add, drawing, shortened, written
from diffkit_papers.finding import matching
from diffkit_papers.ordering import cut_circles
from diffkit_papers.passes import State
from diffkit_papers.records import LinkKind

PREREQUISITE, CIRCLED = LinkKind.PREREQUISITE, LinkKind.CIRCLED

WIDTH, HEIGHT = 230, 46  # of a paper's box
GAP_X, GAP_Y = 70, 16
MARGIN = 24
LEGEND, LEGEND_WIDTH = 40, 900
SWEEPS = 4  # over the columns, to get crossing lines apart

MERMAID_LOOKS = {
    "new": "fill:#ddf4ff,color:#1b1f24",
    "reading": "fill:#fff8c5,color:#1b1f24",
    "parked": "fill:#eaeef2,color:#1b1f24",
    "dropped": "fill:#ffebe9,color:#1b1f24",
    "done": "fill:#dafbe1,color:#1b1f24",
    "waiting": "fill:#fbefff,color:#1b1f24",
    "recalled": "fill:#aceebb,color:#1b1f24",
}
STYLE = """
.paper rect, .swatch { stroke: var(--line); rx: 5; }
.paper .key { font-weight: 600; }
.paper:hover rect { stroke: var(--ink); }
path { fill: none; stroke: var(--faint); stroke-width: 1.5; }
path.circled { stroke-dasharray: 5 4; }
path.cycle { stroke: var(--alarm); stroke-width: 2; }
marker path { fill: context-stroke; stroke: none; }
"""


@dataclass(frozen=True)
class Node:
    """A paper in the graph."""

    id: int
    key: str
    label: str
    state: str
    url: str = ""


@dataclass(frozen=True)
class Edge:
    """Read `source` before `target` (a prerequisite), or `target` was circled in `source`."""

    source: int
    target: int
    kind: LinkKind


@dataclass(frozen=True)
class Graph:
    nodes: Sequence[Node]
    edges: Sequence[Edge]


def reading_graph(db: sqlite3.Connection, query: str = "") -> Graph:
    """The papers with links, as far as one end of a link matches `query`."""
    condition = matching(db, query)
    links = db.execute(
        f"WITH wanted AS (SELECT id FROM papers WHERE {condition.sql}) SELECT paper_id, target_id, kind "
        "FROM links WHERE paper_id IN wanted OR target_id IN wanted ORDER BY id",
        condition.values,
    ).fetchall()
    first = {(row["paper_id"], row["target_id"]) for row in links if row["kind"] == PREREQUISITE}
    edges = [
        Edge(row["target_id"], row["paper_id"], PREREQUISITE)
        if row["kind"] == PREREQUISITE
        else Edge(row["paper_id"], row["target_id"], CIRCLED)
        for row in links
        # what was circled and then found to be needed first is one line, not two
        if row["kind"] == PREREQUISITE or (row["paper_id"], row["target_id"]) not in first
    ]
    linked = {id for edge in edges for id in (edge.source, edge.target)}
    rows = db.execute(
        "SELECT * FROM papers WHERE id IN (SELECT paper_id FROM links UNION SELECT target_id FROM links) "
        "ORDER BY id"
    )
    papers = store.papers_of(db, [row for row in rows if row["id"] in linked])
    nodes = [Node(paper.id, paper.key, paper.label, paper.state, views.address(paper)) for paper in papers]
    return Graph(nodes, edges)


def graph(db: sqlite3.Connection, query: str = "") -> dict[str, Any]:
    """The papers with links, the links and the cycles, as a document."""
    return graph_document(reading_graph(db, query))


def graph_document(graph: Graph) -> dict[str, Any]:
    """Papers, links and cycles, with papers named by their keys."""
    keys = {node.id: node.key for node in graph.nodes}
    return {
        "papers": [{"key": node.key, "title": node.label, "state": node.state} for node in graph.nodes],
        "links": [
            {"from": keys[edge.source], "to": keys[edge.target], "kind": edge.kind.value}
            for edge in graph.edges
        ],
        "cycles": [[keys[id] for id in circle] for circle in cycles(graph.edges)],
    }


def cycles(edges: Iterable[Edge]) -> list[list[int]]:
    """Circles of papers each of which is to be read before the next; one for each way around."""
    return _acyclic(edges)[0]


def mermaid(graph: Graph) -> str:
    """The graph for Markdown viewers that draw Mermaid."""
    lines = ["flowchart LR"]
    for node in graph.nodes:
        label = f"{_mermaid_text(node.key)}<br/>{_mermaid_text(shortened(node.label, 40))}"
        lines.append(f'    p{node.id}["{label}"]:::{node.state}')
    for edge in graph.edges:
        arrow = "-->" if edge.kind == PREREQUISITE else "-.->"
        lines.append(f"    p{edge.source} {arrow} p{edge.target}")
    lines += [f"    classDef {state} {look}" for state, look in MERMAID_LOOKS.items()]
    return "\n".join(lines) + "\n"


def svg(graph: Graph) -> str:
    """The graph as a picture: what is to be read first stands on the left."""
    return written(_picture(graph))


def page(graph: Graph) -> str:
    """The picture as a page of its own; each paper leads to its address."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Reading graph</title>\n'
        "<style>body { margin: 0; } svg { display: block; } "
        "@media (prefers-color-scheme: dark) { body { background: #0d1117; } }</style>\n"
        f"<body>\n{written(_picture(graph))}</body>\n</html>\n"
    )


def _acyclic(edges: Iterable[Edge]) -> tuple[list[list[int]], dict[int, set[int]]]:
    """The cycles among prerequisites, and what stands before each paper without the link that closes each."""
    before: defaultdict[int, set[int]] = defaultdict(set)
    for edge in edges:
        if edge.kind == PREREQUISITE:
            before[edge.target].add(edge.source)
    circles = cut_circles(before, lambda circle: (circle[-2], circle[-1]))
    return [circle[:0:-1] for circle in circles], before


def _columns(graph: Graph) -> list[list[int]]:
    """The papers by column: every prerequisite that can, and most that was circled, points to the right."""
    order = {id: place for place, id in enumerate(_order(graph))}
    forward: defaultdict[int, list[int]] = defaultdict(list)
    for edge in graph.edges:
        if order[edge.source] < order[edge.target]:
            forward[edge.target].append(edge.source)
    column: dict[int, int] = {}
    for id in order:
        column[id] = max((column[source] + 1 for source in forward[id]), default=0)
    columns: list[list[int]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for node in graph.nodes:
        columns[column[node.id]].append(node.id)
    return columns


def _order(graph: Graph) -> Iterator[int]:
    """Prerequisites before what needs them; of the papers free to come, first one that no other circled."""
    before = _acyclic(graph.edges)[1]
    missing = {node.id: len(before.get(node.id, ())) for node in graph.nodes}
    wished = Counter(edge.target for edge in graph.edges if edge.kind == CIRCLED)
    after: defaultdict[int, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        if edge.kind == CIRCLED or edge.source in before[edge.target]:
            after[edge.source].append(edge)
    free = [(wished[id], id) for id, count in missing.items() if not count]
    heapify(free)
    done: set[int] = set()
    while free:
        _, id = heappop(free)
        if id in done:
            continue  # it was pushed again when fewer stood before it
        done.add(id)
        yield id
        for edge in after[id]:
            wished[edge.target] -= edge.kind == CIRCLED
            missing[edge.target] -= edge.kind == PREREQUISITE
            if not missing[edge.target]:
                heappush(free, (wished[edge.target], edge.target))


def _untangled(columns: list[list[int]], edges: Iterable[Edge]) -> list[list[int]]:
    """Each paper near the middle of those it is linked with, from left to right and back."""
    beside: defaultdict[int, list[int]] = defaultdict(list)
    for edge in edges:
        beside[edge.source].append(edge.target)
        beside[edge.target].append(edge.source)
    place = {id: float(row) - len(column) / 2 for column in columns for row, id in enumerate(column)}
    for sweep in range(SWEEPS):
        for column in columns[:: 1 if sweep % 2 == 0 else -1]:
            middle = {id: fmean(map(place.__getitem__, beside[id] or [id])) for id in column}
            column.sort(key=middle.__getitem__)
            place |= {id: float(row) - len(column) / 2 for row, id in enumerate(column)}
    return columns


def _picture(graph: Graph) -> Element:
    columns = _untangled(_columns(graph), graph.edges)
    tallest = max(map(len, columns), default=0)
    height = 2 * MARGIN + tallest * (HEIGHT + GAP_Y) + LEGEND
    width = max(2 * MARGIN + len(columns) * (WIDTH + GAP_X) - GAP_X, LEGEND_WIDTH)
    root = drawing(width, height, "Reading graph", STYLE)
    place = {
        id: (
            MARGIN + left * (WIDTH + GAP_X),
            MARGIN + (row + (tallest - len(column)) / 2) * (HEIGHT + GAP_Y),
        )
        for left, column in enumerate(columns)
        for row, id in enumerate(column)
    }
    _draw_arrowhead(root)
    closing = {
        link for circle in cycles(graph.edges) for link in zip(circle, circle[1:] + circle[:1], strict=True)
    }
    for edge in graph.edges:
        kind: str = edge.kind
        if kind == PREREQUISITE and (edge.source, edge.target) in closing:
            kind += " cycle"
        _draw_edge(root, place[edge.source], place[edge.target], kind)
    for node in graph.nodes:
        _draw_node(root, node, *place[node.id])
    _draw_legend(root, height - LEGEND, bool(closing))
    return root


def _draw_arrowhead(root: Element) -> None:
    marker = add(
        add(root, "defs"),
        "marker",
        id="arrow",
        viewBox="0 0 8 8",
        refX=7,
        refY=4,
        markerWidth=10,
        markerHeight=10,
        markerUnits="userSpaceOnUse",
        orient="auto-start-reverse",
    )
    add(marker, "path", d="M 0 0 L 8 4 L 0 8 z")


def _draw_edge(root: Element, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
    """A curve between the sides of two boxes that face each other, or around from right to right."""
    away = 1 if start[0] <= end[0] else -1
    x1 = start[0] + (WIDTH if away > 0 else 0)
    x2 = end[0] + (0 if start[0] < end[0] else WIDTH)
    y1, y2 = start[1] + HEIGHT / 2, end[1] + HEIGHT / 2
    bend = away * max(GAP_X / 2, abs(x2 - x1) / 3)
    back = -bend if start[0] != end[0] else bend
    curve = f"M {x1:.1f} {y1:.1f} C {x1 + bend:.1f} {y1:.1f} {x2 + back:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    add(root, "path", d=curve, class_=kind, marker_end="url(#arrow)")


def _draw_node(root: Element, node: Node, x: float, y: float) -> None:
    web = re.match("https?://", node.url)
    parent = add(root, "a", href=node.url) if web else root
    box = add(parent, "g", class_="paper", transform=f"translate({x:.1f} {y:.1f})")
    add(box, "title", f"{node.label} ({node.state})")
    add(box, "rect", width=WIDTH, height=HEIGHT, style=f"fill: var(--{node.state})")
    add(box, "text", shortened(node.key, 30), x=10, y=19, class_="key")
    add(box, "text", shortened(node.label, 36), x=10, y=36, class_="faint")


def _draw_legend(root: Element, y: float, with_cycle: bool) -> None:
    x = float(MARGIN)
    for state in State:
        add(
            root,
            "rect",
            x=x,
            y=y,
            width=14,
            height=14,
            rx=3,
            style=f"fill: var(--{state.value})",
            class_="swatch",
        )
        add(root, "text", state.value, x=x + 20, y=y + 12, class_="faint")
        x += 85
    lines: list[tuple[str, str]] = [("read first", PREREQUISITE), ("circled", CIRCLED)]
    if with_cycle:
        lines.append(("each waits for the other", f"{PREREQUISITE} cycle"))
    for text, kind in lines:
        add(root, "path", d=f"M {x:.1f} {y + 7:.1f} h 30", class_=kind, marker_end="url(#arrow)")
        add(root, "text", text, x=x + 38, y=y + 12, class_="faint")
        x += 115


def _mermaid_text(text: str) -> str:
    """Anything but letters, digits, spaces and a few signs as a character code of Mermaid."""
    return re.sub(r"[^\w .,()-]", lambda match: f"#{ord(match[0])};", text)
