"""Classes made by `value`, against the same made by `dataclass`."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from diffkit_papers.values import replace, value


class Plain:
    name: str
    number: int = 3
    parts: tuple[str, ...] = ()

    @property
    def twice(self) -> int:
        return 2 * self.number


Ours = value(type("Plain", (Plain,), dict(vars(Plain))))
Theirs = dataclasses.dataclass(frozen=True)(type("Plain", (Plain,), dict(vars(Plain))))


@pytest.mark.parametrize(
    ("given", "named"), [(("a",), {}), (("a", 4), {}), ((), {"name": "b", "parts": ("x",)})]
)
def test_a_value_is_what_a_dataclass_is(given: tuple[object, ...], named: dict[str, object]) -> None:
    ours, theirs = Ours(*given, **named), Theirs(*given, **named)
    assert repr(ours) == repr(theirs)
    assert (vars(ours), ours.twice) == (vars(theirs), theirs.twice)
    assert ours == Ours(*given, **named)
    assert hash(ours) == hash(theirs)
    assert ours != replace(ours, number=9) == Ours(ours.name, 9, ours.parts)
    assert ours != theirs
    assert vars(replace(ours, number=9)) == vars(dataclasses.replace(theirs, number=9))


def test_its_parts_are_those_of_a_dataclass() -> None:
    assert Ours.__match_args__ == Theirs.__match_args__
    assert list(inspect.signature(Ours).parameters) == list(inspect.signature(Theirs).parameters)
    for wrong in ((), ("a", 1, (), 4)):
        with pytest.raises(TypeError):
            Ours(*wrong)
    with pytest.raises(TypeError):
        replace(Ours("a"), unknown=1)
