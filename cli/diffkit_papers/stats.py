"""What a reading log says of its reader: weeks, the funnel through the passes, verdicts, venues and tags.

`statistics` is a pure function on rows; `reading_stats` reads them from a database.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import NormalDist, median
from typing import TYPE_CHECKING, Any

from diffkit_papers.errors import DatabaseProblem
from diffkit_papers.finding import matching
from diffkit_papers.passes import QUESTIONS, State, Verdict

if TYPE_CHECKING:
    pass

FINISHED = (State.DONE, State.RECALLED)
LEVEL = 0.95  # of the interval around a drop rate
WEEK = timedelta(weeks=1)

Document = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A paper as far as statistics go; `added` is the day in the reader's time zone."""

    id: int
    state: State
    venue: str
    tags: tuple[str, ...]
    added: date


@dataclass(frozen=True)
class Sitting:
    """A stretch of reading; the one with a verdict ended its pass."""

    paper_id: int
    pass_id: int
    number: int
    minutes: float | None
    verdict: Verdict | None
    day: date


def reading_stats(
    db: sqlite3.Connection,
    query: str = "",
    *,
    weeks: int = 12,
    groups: int = 8,
    today: date | None = None,
) -> Document:
    """`statistics` of the papers that match `query`."""
    condition = matching(db, query)
    rows = db.execute(
        f"SELECT id, state, venue, added_at FROM papers WHERE {condition.sql}", condition.values
    ).fetchall()
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for paper, tag in db.execute("SELECT paper_id, tag FROM tags"):
        tags[paper].append(tag)
    try:
        entries = [
            Entry(id, State(state), venue, tuple(tags[id]), local_day(added))
            for id, state, venue, added in rows
        ]
        sittings = _sittings(db, {entry.id for entry in entries})
    except (ValueError, TypeError, OverflowError) as error:
        message = f"the database holds what diffkit never wrote ({error})"
        raise DatabaseProblem(message, fix="put back a copy: diffkit paper restore") from error
    now = today or datetime.now().date()
    return statistics(entries, sittings, today=now, weeks=weeks, groups=groups)


def _sittings(db: sqlite3.Connection, papers: Container[int]) -> list[Sitting]:
    rows = db.execute(
        "SELECT paper_id, passes.id, number, minutes, verdict, ended_at "
        "FROM sittings JOIN passes ON passes.id = pass_id ORDER BY sittings.id"
    )
    return [
        Sitting(paper, begun, number, minutes, Verdict(verdict) if verdict else None, local_day(ended))
        for paper, begun, number, minutes, verdict, ended in rows
        if paper in papers
    ]


def statistics(
    entries: Sequence[Entry], sittings: Sequence[Sitting], *, today: date, weeks: int, groups: int
) -> Document:
    """The document of `diffkit paper stats`: the last `weeks` weeks, and at most `groups` venues and tags."""
    states = Counter(entry.state for entry in entries)
    return {
        "papers": len(entries),
        "minutes": _minutes(sittings),
        "states": {state.value: states[state] for state in State},
        "weeks": _weeks(entries, sittings, today, weeks),
        "streak": _streak({_monday(sitting.day) for sitting in sittings}, _monday(today)),
        "funnel": _funnel(entries, sittings),
        "passes": [_pass(number, sittings) for number in QUESTIONS],
        "venues": _groups("venue", entries, sittings, lambda entry: (entry.venue,), groups),
        "tags": _groups("tag", entries, sittings, lambda entry: entry.tags, groups),
    }


def interval(successes: int, trials: int) -> tuple[float, float] | None:
    """Wilson's interval around a rate; None without trials. It is honest about few trials, too."""
    if not trials:
        return None
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    rate = successes / trials
    middle = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * sqrt(rate * (1 - rate) / trials + (z / (2 * trials)) ** 2) / (1 + z * z / trials)
    return max(0.0, middle - half), min(1.0, middle + half)


def _weeks(entries: Iterable[Entry], sittings: Iterable[Sitting], today: date, count: int) -> list[Document]:
    """The last `count` weeks, oldest first, those without reading too."""
    by_week: defaultdict[date, list[Sitting]] = defaultdict(list)
    for sitting in sittings:
        by_week[_monday(sitting.day)].append(sitting)
    added = Counter(_monday(entry.added) for entry in entries)
    mondays = [_monday(today) - WEEK * back for back in reversed(range(count))]
    return [
        {
            "week": f"{monday:%G-W%V}",
            "from": monday.isoformat(),
            "added": added[monday],
            "papers": len({sitting.paper_id for sitting in by_week[monday]}),
            "passes": sum(sitting.verdict is not None for sitting in by_week[monday]),
            "minutes": _minutes(by_week[monday]),
        }
        for monday in mondays
    ]


def _streak(mondays: set[date], this_week: date) -> Document:
    """Weeks in a row with reading; the current one may still be without."""
    longest = run = 0
    previous = None
    for monday in sorted(mondays):
        run = run + 1 if previous is not None and monday - previous == WEEK else 1
        longest = max(longest, run)
        previous = monday
    alive = previous is not None and this_week - previous <= WEEK
    return {"weeks": run if alive else 0, "longest": longest}


def _funnel(entries: Sequence[Entry], sittings: Iterable[Sitting]) -> list[Document]:
    """How many papers came how far."""
    passed: dict[int, set[int]] = {number: set() for number in QUESTIONS}
    begun: set[int] = set()
    for sitting in sittings:
        begun.add(sitting.paper_id)
        if sitting.verdict is Verdict.CONTINUE:
            passed[sitting.number].add(sitting.paper_id)
    stages = {"added": len(entries), "begun": len(begun)}
    stages |= {f"through pass {number}": len(papers) for number, papers in passed.items()}
    return [
        {"stage": stage, "papers": count, "share": count / len(entries) if entries else None}
        for stage, count in stages.items()
    ]


def _pass(number: int, sittings: Iterable[Sitting]) -> Document:
    """Verdicts and minutes of all readings of one pass."""
    own = [sitting for sitting in sittings if sitting.number == number]
    verdicts = Counter(sitting.verdict for sitting in own if sitting.verdict)
    ended = {sitting.pass_id for sitting in own if sitting.verdict}
    spent: defaultdict[int, float] = defaultdict(float)
    for sitting in own:
        if sitting.minutes is not None and sitting.pass_id in ended:
            spent[sitting.pass_id] += sitting.minutes
    finished = verdicts.total()
    drops = verdicts[Verdict.DROP]
    bounds = interval(drops, finished)
    return {
        "pass": number,
        "finished": finished,
        **{verdict.value: verdicts[verdict] for verdict in Verdict},
        "drop_rate": drops / finished if finished else None,
        "drop_rate_interval": [round(bound, 4) for bound in bounds] if bounds else None,
        "median_minutes": median(spent.values()) if spent else None,
        "minutes": _minutes(own),
    }


def _groups(
    name: str,
    entries: Iterable[Entry],
    sittings: Iterable[Sitting],
    names: Callable[[Entry], Iterable[str]],
    limit: int,
) -> list[Document]:
    """The venues or tags with most papers; those with equally many by name."""
    minutes: defaultdict[int, float] = defaultdict(float)
    for sitting in sittings:
        minutes[sitting.paper_id] += sitting.minutes or 0.0
    members: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for group in names(entry):
            if group:
                members[group].append(entry)
    largest = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))[:limit]
    return [
        {
            name: group,
            "papers": len(own),
            "done": sum(entry.state in FINISHED for entry in own),
            "dropped": sum(entry.state is State.DROPPED for entry in own),
            "minutes": round(sum(minutes[entry.id] for entry in own), 1),
        }
        for group, own in largest
    ]


def _minutes(sittings: Iterable[Sitting]) -> float:
    return round(sum(sitting.minutes or 0.0 for sitting in sittings), 1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def local_day(stamp: str) -> date:
    """The reader's day of a time stamp in UTC."""
    return datetime.fromisoformat(stamp).astimezone().date()
