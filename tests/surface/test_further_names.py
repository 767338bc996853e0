"""NumPy's and PyTorch's further names for joining, cutting, writing, integrating and counting."""

import numpy as np
import pytest

import diffkit as dk
from diffkit.testing import gradcheck, gradgradcheck

F = dk.nn.functional

A = np.arange(6.0).reshape(2, 3)
B = A[::-1] * 2
V = np.array([3.0, 1.0, 2.0, 2.0])
NAN = np.array([[4.0, np.nan, 1.0, 3.0], [np.nan, 2.0, 7.0, np.nan]])

#: (name, what diffkit gives, what NumPy gives)
LIKE_NUMPY = [
    *[(name, (lambda a, b, name=name: getattr(dk, name)((a, b))), (lambda a, b, name=name: getattr(np, name)((a, b))), (A, B))
      for name in ("hstack", "vstack", "dstack", "column_stack")],
    *[(f"{name} of vectors", (lambda a, b, name=name: getattr(dk, name)((a, b))),
       (lambda a, b, name=name: getattr(np, name)((a, b))), (V, V))
      for name in ("hstack", "vstack", "dstack", "column_stack")],
    *[(name, getattr(dk, name), getattr(np, name), (V,)) for name in ("atleast_1d", "atleast_2d", "atleast_3d", "vander")],
    *[(name, getattr(dk, name), getattr(np, name), (A,)) for name in ("fliplr", "flipud", "rot90", "diagflat", "argwhere")],
    *[(f"rot90 by {k}", (lambda a, k=k: dk.rot90(a, k)), (lambda a, k=k: np.rot90(a, k)), (A,)) for k in (-1, 2, 3, 4)],
    ("vander increasing", lambda v: dk.vander(v, 3, True), lambda v: np.vander(v, 3, True), (V,)),
    ("inner", dk.inner, np.inner, (A, B)),
    ("trapezoid", dk.trapezoid, np.trapezoid, (A,)),
    ("trapezoid at places", dk.trapezoid, np.trapezoid, (V, np.array([0.0, 1.0, 3.0, 7.0]))),
    ("trapezoid of a matrix", lambda a: dk.trapezoid(a, dx=0.5, dim=0), lambda a: np.trapezoid(a, dx=0.5, axis=0), (A,)),
    ("gradient", lambda v: dk.gradient(v)[0], np.gradient, (V,)),
    ("gradient with spacing", lambda v: dk.gradient(v, spacing=0.5, edge_order=2)[0],
     lambda v: np.gradient(v, 0.5, edge_order=2), (V,)),
    ("gradient at places", lambda v, x: dk.gradient(v, spacing=(x,), edge_order=2)[0],
     lambda v, x: np.gradient(v, x, edge_order=2), (V, np.array([0.0, 1.0, 3.0, 7.0]))),
    ("nansum", lambda a: dk.nansum(a, 1), lambda a: np.nansum(a, 1), (NAN,)),
    ("nanmean", lambda a: dk.nanmean(a, 1), lambda a: np.nanmean(a, 1), (NAN,)),
    ("nanquantile", lambda a: dk.nanquantile(a, 0.3, 1), lambda a: np.nanquantile(a, 0.3, 1), (NAN,)),
    ("nanquantile of all", lambda a: dk.nanquantile(a, 0.3), lambda a: np.nanquantile(a, 0.3), (NAN,)),
    ("histc", lambda v: dk.histc(v, 3, 0, 3), lambda v: np.histogram(v, 3, (0, 3))[0], (V,)),
    ("bucketize", dk.bucketize, np.searchsorted, None),
    ("unique rows", lambda a: dk.unique(a, dim=0), lambda a: np.unique(a, axis=0), (np.array([[1, 2], [0, 5], [1, 2]]),)),
    ("cov with weights", lambda a: dk.cov(a, fweights=dk.tensor([1, 2, 1]), aweights=dk.tensor([0.2, 0.5, 0.3])),
     lambda a: np.cov(a, fweights=[1, 2, 1], aweights=np.float32([0.2, 0.5, 0.3])), (A,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "ours", "theirs", "inputs"), LIKE_NUMPY, ids=[case[0] for case in LIKE_NUMPY]
)
def test_like_numpy(name, ours, theirs, inputs):
    if inputs is None:  # the arguments are the other way round in NumPy
        got, want = ours(dk.tensor(V), dk.tensor([1.0, 2.0])), theirs(np.array([1.0, 2.0]), V)
    else:
        got, want = ours(*map(dk.tensor, inputs)), theirs(*inputs)
    assert tuple(got.shape) == np.shape(want)
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-12)


def test_all_nan_has_no_median():
    nothing = dk.tensor([float("nan")] * 3)
    assert np.isnan(dk.nanmedian(nothing).item())
    assert np.isnan(dk.nanquantile(nothing, 0.5).item())
    assert dk.nansum(nothing).item() == 0


def test_the_mode_is_the_smallest_of_the_most_frequent():
    values, indices = dk.mode(dk.tensor([[5, 2, 5, 2], [1, 1, 1, 9]]))
    assert values.tolist() == [2, 1]
    assert indices.tolist() == [3, 2]


def test_runs():
    values, inverse, counts = dk.unique_consecutive(dk.tensor([1, 1, 2, 1]), True, True)
    assert (values.tolist(), inverse.tolist(), counts.tolist()) == ([1, 2, 1], [0, 0, 1, 2], [2, 1, 1])


def test_combinations_are_those_of_itertools():
    from itertools import combinations, combinations_with_replacement

    for n in range(5):
        for r in range(1, 4):
            x = dk.arange(n)
            assert dk.combinations(x, r).tolist() == [list(row) for row in combinations(range(n), r)]
            rows = [list(row) for row in combinations_with_replacement(range(n), r)]
            assert dk.combinations(x, r, with_replacement=True).tolist() == rows


def test_writing_leaves_the_original_alone():
    x, at = dk.zeros(3), dk.tensor([2, 0])
    for written in (
        x.index_copy(0, at, dk.ones(2)),
        x.index_fill(0, at, 1),
        x.put(at, dk.ones(2)),
        x.masked_scatter(dk.tensor([True, False, True]), dk.ones(3)),
        x.select_scatter(dk.tensor(1.0), 0, 0).select_scatter(dk.tensor(1.0), 0, 2),
        x.slice_scatter(dk.ones(2), step=2),
    ):
        assert written.tolist() == [1, 0, 1]
        assert x.tolist() == [0, 0, 0]


def test_in_place_forms_write_to_their_own_memory():
    x = dk.zeros(2, 3)
    row = x[0]
    row.index_add_(0, dk.tensor([0, 0]), dk.ones(2), alpha=2)
    row.put_(dk.tensor([2]), dk.tensor([7.0]))
    x.fill_diagonal_(5)
    assert x.tolist() == [[5, 0, 7], [0, 5, 0]]
    assert x.cumsum_(1) is x
    assert x.tolist() == [[5, 5, 12], [0, 5, 5]]


def at(*positions):
    return dk.tensor(positions)


GRADIENTS = [
    ("hstack", lambda x, y: dk.hstack((x, y)), [(2, 1), (2, 2)]),
    ("dstack", lambda x, y: dk.dstack((x, y)), [(2, 2), (2, 2)]),
    ("block_diag", dk.block_diag, [(1, 2), (2, 1)]),
    ("cartesian_prod", dk.cartesian_prod, [(2,), (3,)]),
    ("combinations", dk.combinations, [(4,)]),
    ("rot90", dk.rot90, [(2, 3)]),
    ("unflatten", lambda x: x.unflatten(0, (2, -1)), [(4,)]),
    ("diag_embed", lambda x: dk.diag_embed(x, 1), [(2, 2)]),
    ("vander", dk.vander, [(3,)]),
    ("index_copy", lambda x, y: x.index_copy(1, at(2, 0), y), [(2, 3), (2, 2)]),
    ("index_fill", lambda x, y: x.index_fill(1, at(2, 0), y), [(2, 3), ()]),
    ("put", lambda x, y: x.put(at(2, 0), y), [(2, 2), (2,)]),
    ("put adding", lambda x, y: x.put(at(2, 2), y, accumulate=True), [(2, 2), (2,)]),
    ("masked_scatter", lambda x, y: x.masked_scatter(dk.tensor([True, False, True]), y), [(3,), (3,)]),
    ("select_scatter", lambda x, y: x.select_scatter(y, 0, 1), [(2, 3), (3,)]),
    ("diagonal_scatter", lambda x, y: x.diagonal_scatter(y), [(2, 2), (2,)]),
    ("index_add_", lambda x, y: (x * 1).index_add_(0, at(1, 1), y, alpha=2), [(2,), (2,)]),
    ("cumsum_", lambda x: (x * 1).cumsum_(0), [(4,)]),
    ("addr", dk.addr, [(2, 3), (2,), (3,)]),
    ("addbmm", dk.addbmm, [(2, 2), (2, 2, 2), (2, 2, 2)]),
    ("inner", dk.inner, [(2, 3), (2, 3)]),
    ("trapezoid", dk.trapezoid, [(4,), (4,)]),
    ("cumulative_trapezoid", dk.cumulative_trapezoid, [(4,)]),
    ("gradient", lambda x: dk.gradient(x, edge_order=2)[0], [(5,)]),
    ("nanmean", lambda x: dk.nanmean(x, 1), [(2, 3)]),
    ("nanmedian", lambda x: dk.nanmedian(x, 1)[0], [(2, 3)]),
    ("nanquantile", lambda x: dk.nanquantile(x, 0.3, 1), [(2, 4)]),
    ("renorm", lambda x: dk.renorm(x, 2, 0, 0.5), [(2, 3)]),
    ("pairwise_distance", F.pairwise_distance, [(2, 3), (2, 3)]),
    ("logit", lambda x: dk.logit(dk.sigmoid(x)), [(4,)]),
    ("float_power", lambda x: dk.float_power(x.abs(), 1.5), [(4,)]),
    *[(name, getattr(F, name), [(5,)])
      for name in ("celu", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "tanhshrink")],
    ("threshold", lambda x: F.threshold(x, 0.1, -1.0), [(5,)]),
    ("softmin", lambda x: F.softmin(x, 0), [(4,)]),
    ("glu", F.glu, [(2, 4)]),
    ("prelu", F.prelu, [(2, 3), (3,)]),
    ("gelu with tanh", lambda x: F.gelu(x, approximate="tanh"), [(4,)]),
    ("cov with weights", lambda x: dk.cov(x, aweights=dk.tensor([0.2, 0.5, 0.3], dtype=dk.float64)), [(2, 3)]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fn", "shapes"), GRADIENTS, ids=[case[0] for case in GRADIENTS])
def test_gradients_to_second_order(name, fn, shapes):
    rng = np.random.default_rng(7)
    inputs = [dk.tensor(rng.uniform(-2, 2, shape), requires_grad=True) for shape in shapes]
    assert gradcheck(fn, inputs, atol=1e-7, rtol=1e-6)
    assert gradgradcheck(fn, inputs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: dk.hsplit(dk.ones(5), 2),
        lambda: dk.vsplit(dk.ones(5), 5),
        lambda: dk.unflatten(dk.ones(6), 0, (4, 2)),
        lambda: dk.block_diag(dk.ones(1, 1, 1)),
        lambda: dk.combinations(dk.ones(3), -1),
        lambda: dk.rot90(dk.ones(2, 2), 1, (0, 0)),
        lambda: dk.ones(3).index_copy(0, at(0), dk.ones(2)),
        lambda: dk.ones(3).put(at(5), dk.ones(1)),
        lambda: dk.ones(3).masked_scatter(dk.ones(3) > 0, dk.ones(2)),
        lambda: dk.ones(3).slice_scatter(dk.ones(2), step=0),
        lambda: dk.ones(2, 3, 4).fill_diagonal_(1),
        lambda: dk.gradient(dk.ones(1)),
        lambda: dk.trapezoid(dk.ones(3), dk.ones(2)),
        lambda: dk.histc(dk.ones(3), 0),
        lambda: dk.mode(dk.ones(0)),
        lambda: F.glu(dk.ones(3)),
        lambda: F.prelu(dk.ones(2, 3), dk.ones(2)),
        lambda: dk.cov(dk.ones(2, 3), fweights=dk.ones(3)),
        lambda: dk.renorm(dk.ones(2, 3), 2, 5, 1.0),
    ],
)
def test_clear_refusals(call):
    with pytest.raises(dk.DiffkitError):
        call()
