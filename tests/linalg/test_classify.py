"""`linalg.classify` against matrices whose kind is known, at and beside the tolerances."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffkit
from diffkit.errors import ArgumentError, ShapeError
from diffkit.linalg import classify

f32, f64 = diffkit.float32, diffkit.float64
PROPERTIES = (
    "symmetric",
    "skew_symmetric",
    "hermitian",
    "positive_definite",
    "positive_semidefinite",
    "orthogonal",
    "unitary",
    "permutation",
)
COMPLEX = hasattr(diffkit, "complex128")


def kinds(A, **tolerances):
    """The names of the properties that hold; of a real matrix, without those that say the same again."""
    found = classify(A, **tolerances)
    again = () if found.dtype.is_complex else ("hermitian", "unitary")
    if again:
        assert (found.hermitian, found.unitary) == (found.symmetric, found.orthogonal)
    return {name.replace("_", " ") for name in PROPERTIES if getattr(found, name) and name not in again}


def turn(angle):
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s], [s, c]])


DEFINITE = "positive definite, positive semidefinite"
KNOWN = {
    "identity": (
        [[1, 0], [0, 1]],
        f"symmetric, {DEFINITE}, orthogonal, permutation",
    ),
    "exchange": ([[0, 1], [1, 0]], "symmetric, orthogonal, permutation"),
    "cycle": ([[0, 1, 0], [0, 0, 1], [1, 0, 0]], "orthogonal, permutation"),
    "signed exchange": ([[0, -1], [1, 0]], "skew symmetric, orthogonal"),
    "rotation": (turn(0.3), "orthogonal"),
    "reflection": ([[0.6, 0.8], [0.8, -0.6]], "symmetric, orthogonal"),
    "definite": ([[2, -1], [-1, 2]], f"symmetric, {DEFINITE}"),
    "singular": ([[1.0, 2.0], [2.0, 4.0]], "symmetric, positive semidefinite"),
    "indefinite": ([[1, 2], [2, 1]], "symmetric"),
    "negative": ([[-1, 0], [0, -2]], "symmetric"),
    "skew": ([[0.0, 3.0], [-3.0, 0.0]], "skew symmetric"),
    "zero": ([[0, 0], [0, 0]], "symmetric, skew symmetric, positive semidefinite"),
    "triangular": ([[1, 1], [0, 1]], ""),
    "positive but lopsided": ([[2.0, 1.0], [0.0, 2.0]], ""),
    "two in a column": ([[1, 0], [1, 0]], ""),
    "no one in a row": ([[0, 0], [0, 1]], "symmetric, positive semidefinite"),
    "single": ([[3.0]], f"symmetric, {DEFINITE}"),
    "minus one": ([[-1]], "symmetric, orthogonal"),
    "one": ([[1]], f"symmetric, {DEFINITE}, orthogonal, permutation"),
}


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int32"])
@pytest.mark.parametrize("name", KNOWN)
def test_known_kinds(name, dtype):
    values, expected = KNOWN[name]
    array = np.array(values)
    if dtype.startswith("int") and array.dtype.kind == "f" and (array % 1).any():
        pytest.skip("fractions are no integers")
    assert kinds(diffkit.tensor(array.astype(dtype))) == set(filter(None, expected.split(", ")))


@pytest.mark.parametrize("dtype", [diffkit.bool, diffkit.uint8])
def test_bools_and_unsigned(dtype):
    assert "permutation" in kinds(diffkit.tensor([[0, 1], [1, 0]], dtype=dtype))
    assert kinds(diffkit.tensor([[0, 1], [1, 1]], dtype=dtype)) == {"symmetric"}
    # -1 is 255 modulo 256, which does not make this skew
    if dtype is diffkit.uint8:
        assert kinds(diffkit.tensor([[0, 255], [1, 0]], dtype=dtype)) == set()


def test_no_rows():
    for dtype in (f64, diffkit.int64):
        found = classify(diffkit.zeros(0, 0, dtype=dtype))
        assert all(getattr(found, name) for name in PROPERTIES)
        assert (found.indices, found.rtol) == ((), 0)
        assert "no entries" in repr(found)


# ---- evidence ----


def test_evidence_names_the_place():
    A = diffkit.tensor([[1.0, 2.0, 3.0], [2.0, 1.0, 4.5], [3.0, 4.0, 1.0]], dtype=f64)
    symmetric = classify(A).evidence["symmetric"]
    assert (symmetric.holds, symmetric.value, symmetric.at) == (False, 0.5, (1, 2))
    assert symmetric.limit == classify(A).rtol * 4.5
    assert classify(A, atol=0.5).symmetric
    skew = classify(A).evidence["skew_symmetric"]
    assert (skew.value, skew.at) == (8.5, (1, 2))
    assert classify(A).evidence["positive_definite"].measure == "not symmetric"


@pytest.mark.parametrize("seed", range(5))
def test_eigenvalues_against_numpy(seed):
    A = np.random.default_rng(seed).normal(size=(6, 6))
    A = A + A.T + 2 * seed * np.eye(6)
    evidence = classify(diffkit.tensor(A)).evidence["positive_definite"]
    smallest = np.linalg.eigvalsh(A)[0]
    assert evidence.value == pytest.approx(smallest, rel=1e-10)
    assert evidence.holds == (smallest > 0)


def test_permutations_are_told():
    order = [3, 0, 2, 1]
    P = diffkit.eye(4)[order]
    found = classify(P)
    assert found.indices == tuple(order)
    x = diffkit.arange(4.0)
    assert (P @ x).tolist() == x[list(found.indices)].tolist()
    assert classify(diffkit.ones(2, 2)).indices is None
    assert "p = (3, 0, 2, 1)" in repr(found)
    assert "..." in repr(classify(diffkit.eye(50)))


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ([[1, 0], [1, 0]], "column 0 has 2 ones"),
        ([[0, 0], [1, 1]], "row 0 has no ones"),
        ([[0, 1], [2, 0]], r"A\[1, 0\] = 2"),
        ([[0.5, 0], [0, 1]], r"A\[0, 0\] = 0.5"),
    ],
)
def test_why_it_is_no_permutation(matrix, reason):
    assert re.search(reason, str(classify(matrix).evidence["permutation"]))


def test_the_table_shows_every_property_once():
    text = repr(classify(diffkit.eye(2, dtype=f64)))
    lines = text.splitlines()
    assert lines[0].startswith("2 x 2 matrix of float64, rtol=4.4e-15")
    assert [line[:23].strip() for line in lines[1:]] == [
        "symmetric",
        "skew-symmetric",
        "positive definite",
        "positive semidefinite",
        "orthogonal",
        "permutation",
    ]
    assert [line[25:28].strip() for line in lines[1:]] == ["yes", "no", "yes", "yes", "yes", "yes"]


# ---- tolerances ----


@pytest.mark.parametrize(("dtype", "eps"), [(f32, 2.0**-23), (f64, 2.0**-52)])
def test_rounding_is_forgiven_and_little_more(dtype, eps):
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(30, 30)))[0]
    Q = diffkit.tensor(Q, dtype=dtype)
    found = classify(Q)
    assert found.rtol == 300 * eps
    assert found.orthogonal
    assert not classify(Q * (1 + 300 * eps)).orthogonal
    A = diffkit.tensor(rng.normal(size=(30, 30)), dtype=dtype)
    B = (A @ A.T) @ A @ A.T  # symmetric but for rounding
    assert not bool((B == B.T).all())
    assert classify(B).symmetric
    B[3, 7] += 301 * eps * float(B.abs().max())
    assert not classify(B).symmetric


def test_the_limits_are_the_stated_ones():
    A = diffkit.eye(2, dtype=f64)
    A[0, 1] = 1e-3
    for tolerances, symmetric in [
        ({"atol": 1e-3}, True),
        ({"atol": 0.999e-3}, False),
        ({"rtol": 1e-3}, True),
        ({"rtol": 0.999e-3}, False),
        ({"rtol": 0.0, "atol": 1e-3}, True),
    ]:
        assert classify(A, **tolerances).symmetric is symmetric
    big = A * 1000  # relative to the largest entry
    assert classify(big, rtol=1e-3).symmetric
    assert not classify(big, atol=1e-3).symmetric


def test_semidefinite_within_rounding():
    x = np.random.default_rng(1).normal(size=(5, 3))
    gram = diffkit.tensor(x @ x.T)  # of rank 3, so two eigenvalues are 0 but for rounding
    found = classify(gram)
    assert (found.positive_definite, found.positive_semidefinite) == (False, True)
    assert not classify(gram - 1e-9 * diffkit.eye(5, dtype=f64)).positive_semidefinite
    assert classify(gram + 1e-9 * diffkit.eye(5, dtype=f64)).positive_definite
    # computing eigenvalues rounds, so no tolerance means that of float64
    assert classify(diffkit.tensor([[1, 1], [1, 1]]), rtol=0.0).positive_semidefinite


def test_near_permutations():
    P = diffkit.tensor([[1e-16, 1 + 1e-15], [1.0, -1e-16]], dtype=f64)
    assert classify(P).indices == (1, 0)
    assert not classify(P, rtol=0.0).permutation


def test_integers_are_compared_exactly():
    big = 2**53
    assert not classify(diffkit.tensor([[0, big + 1], [big, 0]])).symmetric
    assert classify(diffkit.tensor([[0, big + 1], [big + 1, 0]])).symmetric
    assert not classify(diffkit.tensor([[0, big + 1], [-big, 0]])).skew_symmetric
    assert classify(diffkit.tensor([[0, big + 1], [-big - 1, 0]])).skew_symmetric
    assert not classify(diffkit.tensor([[0, -(2**63)], [-(2**63), 0]])).skew_symmetric


def test_huge_and_tiny_entries():
    for size in (1e300, 1e-300, 1.7e308):
        A = diffkit.tensor([[1.0, -1.0], [1.0, 1.0]], dtype=f64) * size
        assert kinds(A) == set()
        assert not math.isnan(classify(A).evidence["orthogonal"].value)
        assert kinds(A.abs() * diffkit.tensor([[1.0, 0], [0, 1.0]], dtype=f64)) == {
            "symmetric",
            "positive definite",
            "positive semidefinite",
        }


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(5)), st.lists(st.sampled_from([-1.0, 1.0]), min_size=5, max_size=5))
def test_signed_permutations_are_orthogonal(order, signs):
    found = classify(diffkit.tensor(np.diag(signs)[list(order)]))
    assert found.orthogonal
    assert found.permutation == (min(signs) > 0)
    assert found.indices == (tuple(order) if min(signs) > 0 else None)


# ---- complex ----


@pytest.mark.skipif(not COMPLEX, reason="no complex dtypes")
def test_complex_kinds():
    for dtype in ("complex64", "complex128"):

        def tensor(values, dtype=dtype):
            return diffkit.tensor(np.array(values), dtype=getattr(diffkit, dtype))

        definite = {"hermitian", *DEFINITE.split(", ")}
        assert kinds(tensor([[2, 1j], [-1j, 2]])) == definite
        assert kinds(tensor([[0, 1j], [1j, 0]])) == {"symmetric", "unitary"}
        assert kinds(tensor([[0, -1j], [1j, 0]])) == {"skew symmetric", "hermitian", "unitary"}
        assert kinds(tensor(turn(0.3) * 1j)) == {"unitary"}
        assert kinds(tensor([[0, 1], [1, 0]])) == {
            "symmetric",
            "hermitian",
            "orthogonal",
            "unitary",
            "permutation",
        }
        assert "not Hermitian" in repr(classify(tensor([[1j]])))
        # a rotation by an imaginary angle is orthogonal without being unitary
        c, s = math.cosh(1), 1j * math.sinh(1)
        assert kinds(tensor([[c, s], [-s, c]])) == {
            "hermitian",
            "positive definite",
            "positive semidefinite",
            "orthogonal",
        }


# ---- what is refused ----


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2), (2, 2, 2)])
def test_only_square_matrices(shape):
    with pytest.raises(ShapeError, match=r"classify.*square"):
        classify(diffkit.ones(shape))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_entries_are_finite(bad):
    A = diffkit.eye(3)
    A[1, 2] = bad
    with pytest.raises(ArgumentError, match=r"A\[1, 2\] is"):
        classify(A)


def test_tolerances_are_not_negative():
    for tolerances in ({"rtol": -1e-9}, {"atol": -1.0}, {"atol": math.nan}):
        with pytest.raises(ArgumentError, match="tolerances"):
            classify(diffkit.eye(2), **tolerances)


def test_lists_arrays_and_tracked_tensors():
    assert kinds([[1, 2], [2, 1]]) == kinds(np.array([[1, 2], [2, 1]])) == {"symmetric"}
    assert classify(diffkit.eye(2, requires_grad=True) * 2).symmetric
    with pytest.raises(TypeError):
        classify("matrix")
