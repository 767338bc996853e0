"""The reading graph: order, cycles, and that no title breaks a picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffkit_papers.graph import CIRCLED, PREREQUISITE, Edge, Graph, Node, cycles, mermaid, page, svg

SVG = "{http://www.w3.org/2000/svg}"
COUNT = 8


def nodes(count: int = COUNT) -> list[Node]:
    return [Node(id, f"key{id}", f"Title {id}", "new") for id in range(count)]


def places(picture: str) -> dict[str, tuple[float, float]]:
    """Key -> left upper corner of its box."""
    found = {}
    for box in ElementTree.fromstring(picture).iter(f"{SVG}g"):
        x, y = re.findall(r"[\d.]+", box.attrib["transform"])
        found["".join(box.findall(f"{SVG}text")[0].itertext())] = (float(x), float(y))
    return found


EDGES = st.lists(
    st.builds(
        Edge,
        st.integers(0, COUNT - 1),
        st.integers(0, COUNT - 1),
        st.sampled_from([PREREQUISITE, PREREQUISITE, CIRCLED]),
    ).filter(lambda edge: edge.source != edge.target),
    max_size=14,
    unique=True,
)


@settings(deadline=None)
@given(EDGES)
def test_what_is_read_first_stands_to_the_left_and_no_boxes_overlap(edges: list[Edge]) -> None:
    graph = Graph(nodes(), edges)
    place = places(svg(graph))
    assert len(place) == COUNT
    corners = list(place.values())
    assert not any(
        abs(x1 - x2) < 230 and abs(y1 - y2) < 46
        for i, (x1, y1) in enumerate(corners)
        for x2, y2 in corners[:i]
    )
    closing = {(circle[i - 1], circle[i]) for circle in cycles(edges) for i in range(len(circle))}
    for edge in edges:
        if edge.kind == PREREQUISITE and (edge.source, edge.target) not in closing:
            assert place[f"key{edge.source}"][0] < place[f"key{edge.target}"][0]


@settings(deadline=None)
@given(EDGES)
def test_cycles_are_cycles_and_there_are_none_in_a_tidy_graph(edges: list[Edge]) -> None:
    links = {(edge.source, edge.target) for edge in edges if edge.kind == PREREQUISITE}
    for circle in cycles(edges):
        assert {(circle[i - 1], circle[i]) for i in range(len(circle))} <= links
    reached = {link for link in links}
    for middle in range(COUNT):  # Warshall
        reached |= {
            (a, b)
            for a in range(COUNT)
            for b in range(COUNT)
            if (a, middle) in reached and (middle, b) in reached
        }
    assert bool(cycles(edges)) == any((id, id) in reached for id in range(COUNT))
    tidy = [Edge(min(edge.source, edge.target), max(edge.source, edge.target), edge.kind) for edge in edges]
    assert cycles(tidy) == []


def test_circled_papers_stand_to_the_right_of_where_they_were_circled() -> None:
    edges = [Edge(0, 4, PREREQUISITE), Edge(4, 1, CIRCLED), Edge(1, 2, CIRCLED)]
    place = places(svg(Graph(nodes(5), edges)))
    assert place["key0"] < place["key4"] < place["key1"] < place["key2"]


def test_a_circle_is_drawn_in_its_own_colour() -> None:
    tidy = svg(Graph(nodes(2), [Edge(0, 1, PREREQUISITE)]))
    circle = svg(Graph(nodes(2), [Edge(0, 1, PREREQUISITE), Edge(1, 0, PREREQUISITE)]))
    assert 'class="prerequisite cycle"' not in tidy
    assert circle.count('class="prerequisite cycle"') == 3  # two links and the legend


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_title_or_address_breaks_a_picture(title: str, url: str) -> None:
    graph = Graph([Node(1, "key", title, "new", url)], [])
    root = ElementTree.fromstring(svg(graph))
    assert root.findall(f".//{SVG}g")
    assert not root.findall(f".//{SVG}script")
    page(graph).encode()
    assert len(mermaid(graph).splitlines()) == 9


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", "file:///etc/passwd"])
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    assert "<a " not in svg(Graph([Node(1, "key", "T", "new", url)], []))


def test_mermaid() -> None:
    graph = Graph(
        [Node(1, "one", 'A "quoted" <b>title</b>; end', "new"), Node(2, "two", "深度学习", "done")],
        [Edge(2, 1, PREREQUISITE), Edge(1, 2, CIRCLED)],
    )
    assert mermaid(graph).splitlines()[:5] == [
        "flowchart LR",
        '    p1["one<br/>A #34;quoted#34; #60;b#62;title#60;#47;b#62;#59; end"]:::new',
        '    p2["two<br/>深度学习"]:::done',
        "    p2 --> p1",
        "    p1 -.-> p2",
    ]


def test_an_empty_graph_is_a_picture_too() -> None:
    ElementTree.fromstring(svg(Graph([], [])))
