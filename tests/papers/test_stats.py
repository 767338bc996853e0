"""Statistics of reading, against pandas and against figures from the literature."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffkit_papers.charts import bar, stats_svg
from diffkit_papers.passes import State, Verdict
from diffkit_papers.stats import Entry, Sitting, interval, statistics

SVG = "{http://www.w3.org/2000/svg}"
TODAY = date(2026, 1, 1)  # a Thursday, in week 1 of 2026, which began in 2025


def report(entries: list[Entry], sittings: list[Sitting], weeks: int = 3) -> Any:
    return statistics(entries, sittings, today=TODAY, weeks=weeks, groups=3)


ENTRIES = [
    Entry(1, State.DONE, "NeurIPS", ("nlp", "cite"), date(2025, 12, 1)),
    Entry(2, State.DROPPED, "NeurIPS", ("nlp",), date(2025, 12, 28)),
    Entry(3, State.READING, "", (), date(2025, 12, 29)),
    Entry(4, State.NEW, "ICML", (), date(2026, 1, 1)),
]
SITTINGS = [
    Sitting(1, 10, 1, 12.0, Verdict.CONTINUE, date(2025, 12, 15)),
    Sitting(1, 11, 2, 30.0, None, date(2025, 12, 21)),
    Sitting(1, 11, 2, 25.5, Verdict.CONTINUE, date(2025, 12, 22)),
    Sitting(1, 12, 3, None, Verdict.CONTINUE, date(2025, 12, 28)),
    Sitting(2, 13, 1, 5.0, Verdict.DROP, date(2025, 12, 29)),
    Sitting(3, 14, 1, 8.0, None, date(2026, 1, 1)),
]


def test_a_small_log_counted_by_hand() -> None:
    found = report(ENTRIES, SITTINGS)
    assert (found["papers"], found["minutes"]) == (4, 80.5)
    assert found["states"] == {state.value: 0 for state in State} | {
        "done": 1,
        "dropped": 1,
        "reading": 1,
        "new": 1,
    }
    assert found["weeks"] == [
        {"week": "2025-W51", "from": "2025-12-15", "added": 0, "papers": 1, "passes": 1, "minutes": 42.0},
        {"week": "2025-W52", "from": "2025-12-22", "added": 1, "papers": 1, "passes": 2, "minutes": 25.5},
        {"week": "2026-W01", "from": "2025-12-29", "added": 2, "papers": 2, "passes": 1, "minutes": 13.0},
    ]
    assert found["streak"] == {"weeks": 3, "longest": 3}
    assert [(stage["stage"], stage["papers"]) for stage in found["funnel"]] == [
        ("added", 4),
        ("begun", 3),
        ("through pass 1", 1),
        ("through pass 2", 1),
        ("through pass 3", 1),
    ]
    first, second, third = found["passes"]
    assert (first["finished"], first["continue"], first["park"], first["drop"]) == (2, 1, 0, 1)
    assert (first["median_minutes"], first["minutes"]) == (8.5, 25.0)  # the open reading has no time yet
    assert (second["median_minutes"], third["median_minutes"], third["drop_rate"]) == (55.5, None, 0.0)
    assert found["venues"] == [
        {"venue": "NeurIPS", "papers": 2, "done": 1, "dropped": 1, "minutes": 72.5},
        {"venue": "ICML", "papers": 1, "done": 0, "dropped": 0, "minutes": 0.0},
    ]
    assert [tag["tag"] for tag in found["tags"]] == ["nlp", "cite"]


def test_an_empty_log() -> None:
    found = report([], [])
    assert found["funnel"][0] == {"stage": "added", "papers": 0, "share": None}
    assert found["passes"][0]["drop_rate"] is None
    assert found["streak"] == {"weeks": 0, "longest": 0}
    assert len(found["weeks"]) == 3


@pytest.mark.parametrize(
    ("days", "weeks", "longest"),
    [
        ([0], 1, 1),
        ([-7], 1, 1),  # this week may still come
        ([-14], 0, 1),
        ([0, -7, -21], 2, 2),
        ([-14, -21, -28, 0], 1, 3),
    ],
)
def test_weeks_in_a_row(days: list[int], weeks: int, longest: int) -> None:
    sittings = [Sitting(1, 1, 1, 1.0, None, TODAY + timedelta(days=day)) for day in days]
    assert report([], sittings)["streak"] == {"weeks": weeks, "longest": longest}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 5),
            st.integers(0, 60),
            st.sampled_from([None, *Verdict]),
            st.integers(0, 80).map(lambda back: TODAY - timedelta(days=back)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_weeks_against_pandas(rows: list[tuple[int, int, Verdict | None, date]]) -> None:
    pandas = pytest.importorskip("pandas")
    sittings = [Sitting(paper, paper, 1, float(n), verdict, day) for paper, n, verdict, day in rows]
    table = pandas.DataFrame(
        {
            "paper": [row[0] for row in rows],
            "minutes": [row[1] for row in rows],
            "ended": [row[2] is not None for row in rows],
        },
        index=pandas.to_datetime([row[3] for row in rows]),
    )
    expected = table.resample("W-SUN").agg({"paper": "nunique", "minutes": "sum", "ended": "sum"})
    found = {
        week["from"]: (week["papers"], week["minutes"], week["passes"])
        for week in report([], sittings, weeks=15)["weeks"]
    }
    for sunday, row in expected.iterrows():
        monday = (sunday - pandas.Timedelta(days=6)).date().isoformat()
        assert found.pop(monday) == (row["paper"], row["minutes"], row["ended"])
    assert set(found.values()) <= {(0, 0, 0)}


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_rate_is_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    assert interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_no_trials_have_no_interval() -> None:
    assert interval(0, 0) is None


def test_the_picture_shows_every_bar_in_proportion() -> None:
    root = ElementTree.fromstring(stats_svg(report(ENTRIES, SITTINGS)))
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {"Minutes by week", "2025-W51", "through pass 2", "NeurIPS", "nlp", "4 (100%)"} <= texts
    bars = {one.findtext(f"{SVG}title"): one.attrib for one in root.iter(f"{SVG}rect")}
    week = "2025-W51: 42 minutes, 1 paper"
    assert float(bars[week]["height"]) == 140
    assert float(bars["2025-W52: 25.5 minutes, 1 paper"]["height"]) == pytest.approx(140 * 25.5 / 42, abs=0.1)
    funnel = [float(bars[name]["width"]) for name in ("added: 4 (100%)", "begun: 3 (75%)")]
    assert funnel[1] / funnel[0] == pytest.approx(0.75, abs=1e-3)
    ElementTree.fromstring(stats_svg(report([], [])))


@pytest.mark.parametrize(
    ("value", "largest", "shown"),
    [(0, 0, ""), (0, 5, ""), (5, 5, "████"), (2.5, 5, "██"), (0.001, 5, "▏"), (1.4, 5, "█▏")],
)
def test_bars_of_characters(value: float, largest: float, shown: str) -> None:
    assert bar(value, largest, cells=4) == shown
