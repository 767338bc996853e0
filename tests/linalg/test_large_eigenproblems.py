"""Eigenvectors of matrices that are divided, with spectra that are hard to divide, against SciPy."""

import numpy as np
import pytest
import scipy.linalg

import diffkit as dk


def tridiagonal(diagonal, below):
    return np.diag(diagonal) + np.diag(below, 1) + np.diag(below, -1)


def glued(coupling):
    """Wilkinson's matrices of 21 rows, which have pairs of eigenvalues, glued together: crowds of them."""
    diagonal, below = np.abs(np.arange(-10.0, 11)), np.ones(21)
    below[-1] = coupling
    return tridiagonal(np.tile(diagonal, 20), np.tile(below, 20)[:-1])


def with_spectrum(values, seed=1):
    basis, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))
    product = basis * values @ basis.T
    return (product + product.T) / 2


def noise(n, seed=0):
    return np.random.default_rng(seed).standard_normal((n, n))


MATRICES = {
    "noise, two parts": noise(193) + noise(193).T,
    "noise, four parts": noise(401) + noise(401).T,
    "noise, eight parts": noise(769) + noise(769).T,
    "second difference": tridiagonal(np.full(385, 2.0), np.full(384, -1.0)),
    "zero diagonal": tridiagonal(np.zeros(400), np.ones(399)),
    "glued": glued(1.0),
    "barely glued": glued(1e-8),
    "not quite glued": glued(1e-15),
    "Wilkinson's": tridiagonal(np.abs(np.arange(-150.0, 151)), np.ones(300)),
    "three values": with_spectrum(np.repeat([1.0, 2.0, 3.0], [200, 100, 90])),
    "nearly one value": with_spectrum(1 + 1e-13 * np.arange(200)),
    "powers of two": with_spectrum(2.0 ** -np.arange(200)),
    "rank two": noise(390)[:, :2] @ noise(390)[:, :2].T,
    "graded": tridiagonal(10.0 ** -np.linspace(0, 30, 200), 10.0 ** -np.linspace(1, 31, 199)),
    "arrow": np.diag(np.arange(200) / 200) + (np.arange(200) == 0) + (np.arange(200) == 0)[:, None],
    "identity": np.eye(200),
    "ones": np.ones((200, 200)),
    "zeros": np.zeros((200, 200)),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("name", MATRICES)
def test_eigenvectors_of_hard_spectra(name, dtype):
    a = MATRICES[name].astype(dtype)
    n, epsilon = len(a), np.finfo(dtype).eps
    found = dk.linalg.eigh(dk.tensor(a))
    values, vectors = (part.numpy().astype(np.float64) for part in found)
    expected = scipy.linalg.eigvalsh(a.astype(np.float64))
    norm = np.abs(expected).max()
    assert (np.diff(values) >= 0).all()
    assert np.abs(values - expected).max() <= n * epsilon * norm
    assert np.linalg.norm(a @ vectors - vectors * values) <= 2 * n * epsilon * norm
    assert np.linalg.norm(vectors.T @ vectors - np.eye(n)) <= 2 * n * epsilon
