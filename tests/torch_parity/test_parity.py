"""Values, dtypes, shapes, gradients and errors of every shared name."""

import functools

import numpy as np
import pytest

import diffkit as dk

from . import run
from .run import torch
from .spec import COMPLEX, FLOATS, INTEGERS, WIDE_UNSIGNED
from .tables import ALL

#: A name that only one of the libraries has is not compared.
SHARED = [one for one in ALL if run.is_shared(one)]
BY_ID = {}
for one in SHARED:
    BY_ID.setdefault(one.id, []).append(one)

every_name = pytest.mark.parametrize("specs", BY_ID.values(), ids=BY_ID)
pytestmark = pytest.mark.filterwarnings("ignore")

DTYPES = [name for name in ("bool", *INTEGERS, *WIDE_UNSIGNED, *FLOATS, *COMPLEX) if hasattr(dk, name)]


def report(found):
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:12])


def laid_out_cases(one, dtypes=("float64",)):
    """Every case with its inputs in row-major order, the largest inputs in every other layout too."""
    largest = max(one.rows(), key=lambda row: sum(len(x.shape) for x in row.values()))
    for call, row in one.cases():
        for layout in run.LAYOUTS if row == largest else run.LAYOUTS[:1]:
            fits = layout == "contiguous" or any(run.has_layout(layout, x.shape) for x in row.values())
            if fits and (one.ties or layout != "expanded"):
                yield from (
                    run.Case(one, call, row, dtype, layout) for dtype in dtypes if dtype not in one.without
                )


@every_name
def test_values_and_layouts(specs):
    found = []
    for one in specs:
        for case in laid_out_cases(one):
            found += run.compare(case, case.called)
    report(found)


@every_name
def test_dtypes(specs):
    """Every call of the first inputs, and the first call of the others, in every dtype."""
    found = []
    for one in [one for one in specs if one.inputs]:
        for call, row in one.cases():
            if row != one.rows()[0] and call != one.cases()[0][0]:
                continue
            for dtype in [dtype for dtype in DTYPES if dtype not in one.without]:
                case = run.Case(one, call, row, dtype)
                found += run.compare(case, case.called)
    report(found)


@every_name
def test_gradients(specs):
    found = []
    for one in [one for one in specs if one.gradient is True and one.values]:
        for case in laid_out_cases(one, [dtype for dtype in ("float64", "complex128") if dtype in DTYPES]):
            found += run.compare(case, case.gradients)
    report(found)


@every_name
def test_invalid_calls(specs):
    """What PyTorch refuses is refused with an error of diffkit's own."""
    for one in specs:
        for call in one.bad:
            case = run.Case(one, call, one.rows()[0], "float32")
            _, refused = run.outcome(functools.partial(case.called, torch))
            _, error = run.outcome(functools.partial(case.called, dk))
            assert refused is not None, f"PyTorch takes {one.name}({call})"
            assert error is not None, f"diffkit takes {one.name}({call}); PyTorch says: {refused}"
            assert run.is_clear(error), f"{one.name}({call}): {error!r}"


SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, 1e-40, 1.0, -1.0, 0.5, 1e30, -2.5, 3.5]


@every_name
@pytest.mark.parametrize("dtype", FLOATS)
def test_special_values(specs, dtype):
    found = []
    for one in [one for one in specs if one.special]:
        for call in one.calls:
            found += special_differences(one, call.replace("{d}", "0"), dtype)
    report(found)


def special_differences(one, call, dtype):
    with np.errstate(all="ignore"):
        values = np.array(SPECIAL, dtype=dtype)
    letters = [k for k in sorted(one.inputs) if k in call]
    grids = np.meshgrid(*[values] * len(letters), indexing="ij")
    row = {k: one.inputs[k][0] for k in letters}
    case = run.Case(one, call, row, dtype)
    case.arrays = {
        k: run.laid_out("contiguous", grid.ravel()) for k, grid in zip(letters, grids, strict=True)
    }
    return run.compare(case, case.called)


METHODS = [
    one
    for specs in BY_ID.values()
    for one in specs
    if one.home in ("top", "functional") and hasattr(torch.Tensor, one.name) and not one.no_method
]


@pytest.mark.parametrize("one", METHODS, ids=[f"{one.id}-{i}" for i, one in enumerate(METHODS)])
def test_methods(one):
    """The method does what the function does."""
    assert hasattr(dk.Tensor, one.name)
    found = []
    for call, row in one.cases():
        if call.partition(",")[0] not in row:
            continue
        case = run.Case(one, call, row, "float64")
        found += run.compare(case, case.as_method)
    report(found)


IN_PLACE = [
    one
    for specs in BY_ID.values()
    for one in specs
    if one.home != "attribute"
    and hasattr(torch.Tensor, one.name + "_")
    and hasattr(dk.Tensor, one.name + "_")
    and not one.no_in_place
]


@pytest.mark.parametrize("one", IN_PLACE, ids=[f"{one.id}-{i}" for i, one in enumerate(IN_PLACE)])
def test_in_place(one):
    """`name_` changes its receiver, with the same result, gradients and refusals."""

    found = []
    for call, row in one.cases():
        if call.partition(",")[0] not in row:
            continue
        for dtype in DTYPES if row == one.rows()[0] else FLOATS:
            if dtype not in one.without:
                case = run.Case(one, call, row, dtype)
                found += run.compare(case, case.in_place)
        if one.gradient is True:
            case = run.Case(one, call, row, "float64")
            found += run.compare(case, case.in_place_gradients)
    report(found)
