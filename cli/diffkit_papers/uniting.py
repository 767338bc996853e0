"""One life from two of the same paper: of a preprint and what was published, or of one log on two machines.

A pure function. Nothing of either is left out and nothing stands twice. Where both were read apart, the
history that came further decides where the paper stands; the other one stays as done before a reopening.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from diffkit_papers.life import Life, Reading, Reopening, history
from diffkit_papers.passes import LAST_PASS, State, next_number, state, was_recalled

T = TypeVar("T")
Identity = tuple[int, str, int]


def unite(mine: Life, theirs: Life, given: Iterable[str], reason: str, at: str) -> Life:
    """`mine` with what `theirs` adds.

    `given` are the fields of the paper that now have their values from there. A history is set aside for a
    `reason`, `at` a time.
    """
    sources = _added(mine.sources, theirs.sources, lambda one: one.identity)
    places = [[one.identity for one in sources].index(one.identity) for one in theirs.sources]
    origins = {name: places[theirs.provenance.get(name, 0)] for name in given if places}
    reviews = _added(mine.reviews, theirs.reviews, lambda one: (one.section, one.reviewed_at))
    if len(reviews) > len(mine.reviews):
        reviews = tuple(sorted(reviews, key=lambda one: one.reviewed_at))  # the last one of a section counts
    passes, sittings, reopenings = _histories(mine, theirs, reason, at)
    where = {one: place for place, one in enumerate(_identities(passes))}

    def moved(life: Life) -> list[Any]:
        own = _identities(life.passes)
        place = {None: None} | {number: where[one] for number, one in enumerate(own)}
        return [replace(link, reading=place[link.reading]) for link in life.links]

    return Life(
        added_at=min(filter(None, (mine.added_at, theirs.added_at)), default=""),
        priority=mine.priority or theirs.priority,
        passes=passes,
        sittings=sittings,
        reopenings=reopenings,
        reviews=reviews,
        notes=_added(mine.notes, theirs.notes, lambda one: (one.text, one.created_at)),
        links=_added(moved(mine), moved(theirs), lambda one: (one.kind, one.key)),
        files=_added(mine.files, theirs.files, lambda one: one.sha256),
        sources=sources,
        provenance=mine.provenance | origins,
    )


def _added(mine: Sequence[T], theirs: Sequence[T], identity: Callable[[T], Hashable]) -> tuple[T, ...]:
    found = {identity(one): one for one in reversed(theirs)}
    known = {identity(one) for one in mine}
    return (*mine, *(one for one in theirs if found.get(identity(one)) is one and identity(one) not in known))


def _histories(mine: Life, theirs: Life, reason: str, at: str) -> tuple[Any, Any, Any]:
    """Passes, sittings and reopenings of both: what only the shorter history has, then the further one."""
    if _events(theirs) <= _events(mine):
        return mine.passes, mine.sittings, mine.reopenings
    # what contains the other goes on where that ended, even if it was then taken up from the beginning
    swapped = _events(mine) <= _events(theirs) or _reach(theirs) > _reach(mine)
    further, other = (theirs, mine) if swapped else (mine, theirs)
    known, own = _identities(further.passes), _identities(other.passes)
    apart = [one for one in own if one not in known]
    where = {one: place for place, one in enumerate([*apart, *known])}
    answers = dict(zip(own, other.passes, strict=True))
    passes = [answers[one] for one in apart]
    passes += [_answered(one, answers.get(name)) for name, one in zip(known, further.passes, strict=True)]
    sittings: dict[bool, list[Any]] = {True: [], False: []}
    for sitting in other.sittings:
        name = own[sitting.reading]
        sittings[name in apart].append(replace(sitting, reading=where[name]))
    late = [replace(one, reading=where[known[one.reading]]) for one in further.sittings]
    reopenings = [replace(one, after=where[own[one.after]]) for one in other.reopenings]
    if apart:
        reopenings.append(Reopening(number=1, after=len(apart) - 1, reason=reason, reopened_at=at))
    reopened = [replace(one, after=where[known[one.after]]) for one in further.reopenings]
    return (
        tuple(passes),
        (*sittings[True], *late, *(one for one in sittings[False] if one not in late)),
        (*(one for one in reopenings if one not in reopened), *reopened),
    )


def _answered(one: Reading, other: Reading | None) -> Reading:
    """A pass that both know, with the answers of both in the order of time."""
    more = [answer for answer in other.answers if answer not in one.answers] if other else []
    if not more:
        return one
    return replace(one, answers=tuple(sorted((*one.answers, *more), key=lambda given: given.answered_at)))


def _identities(passes: Sequence[Reading]) -> list[Identity]:
    """What tells passes apart: number, beginning, and which of several that would be the same."""
    seen: Counter[tuple[int, str]] = Counter()
    found = []
    for one in passes:
        found.append((one.number, one.started_at, seen[one.number, one.started_at]))
        seen[one.number, one.started_at] += 1
    return found


def _events(life: Life) -> set[Hashable]:
    names = _identities(life.passes)
    answers = {(name, given) for name, one in zip(names, life.passes, strict=True) for given in one.answers}
    ends = {(names[one.reading], replace(one, reading=0)) for one in life.sittings}
    return {*names, *answers, *ends, *((names[one.after], replace(one, after=0)) for one in life.reopenings)}


def _reach(life: Life) -> tuple[int, bool, str]:
    """How far a history came; of two that came equally far, the one that went on later."""
    done = history(life)
    recalled = was_recalled(done, ((one.section, one.reviewed_at) for one in life.reviews))
    last = max((at for one in done for at in (one.started_at, one.ended_at or "")), default="")
    reached = next_number(done) or LAST_PASS + 1
    return reached * bool(done), state(done, recalled) is State.RECALLED, last
