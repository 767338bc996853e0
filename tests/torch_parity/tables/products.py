"""Products of vectors and matrices, and linear algebra."""

from ..spec import of, spec

SQUARE = [(3, 3), (2, 3, 3), (1, 1)]
DEFINITE = [of("positive definite", *shape) for shape in SQUARE]
AFFINE = "x, y, z | x, y, z, beta=2 | x, y, z, alpha=0.5, beta=0.5 | x, y, z, beta=0"

# fmt: off
SPECS = [
    *spec("dot", "x, y", x=[(4,), (0,)], y=[(4,), (0,)], bad="t.ones(2), t.ones(3) | t.ones(2, 2), t.ones(2)"),
    *spec("vdot", "x, y", x=[(4,), (0,)], y=[(4,), (0,)], bad="t.ones(2), t.ones(3)"),
    *spec("inner", "x, y", x=[(4,), (2, 3), (), (2, 2, 3)], y=[(4,), (4, 3), (2,), (3,)], bad="t.ones(2), t.ones(3)"),
    *spec("mv", "x, y", x=[(2, 3), (0, 3)], y=[(3,)], bad="t.ones(2, 3), t.ones(2)"),
    *spec("mm", "x, y", x=[(2, 3), (0, 3), (2, 0)], y=[(3, 4), (3, 2), (0, 3)], bad="t.ones(2, 3), t.ones(2, 3)"),
    *spec("bmm", "x, y", x=[(2, 3, 4), (0, 3, 4)], y=[(2, 4, 2), (0, 4, 2)], bad="t.ones(2, 3), t.ones(3, 2)"),
    *spec("matmul", "x, y", x=[(3,), (2, 3), (3,), (2, 1, 2, 3), (2, 3, 4)], y=[(3,), (3,), (3, 2), (4, 3, 2), (4, 5)],
          bad="t.ones(2, 3), t.ones(2, 3) | t.tensor(1.0), t.ones(2)"),
    *spec("outer ger", "x, y", x=[(2,), (0,)], y=[(3,), (2,)], bad="t.ones(2, 2), t.ones(2)"),
    *spec("addmm", AFFINE, x=[(2, 4), (4,), (2, 1)], y=[(2, 3)], z=[(3, 4)], bad="t.ones(7), y, z"),
    *spec("addmv", AFFINE, x=[(2,), ()], y=[(2, 3)], z=[(3,)], bad="t.ones(7), y, z"),
    *spec("baddbmm", AFFINE, x=[(2, 2, 4), (4,)], y=[(2, 2, 3)], z=[(2, 3, 4)], bad="t.ones(7), y, z"),
    *spec("addbmm", AFFINE, x=[(2, 4)], y=[(3, 2, 3)], z=[(3, 3, 4)], bad="t.ones(7), y, z"),
    *spec("addr", AFFINE, x=[(2, 3), (3,)], y=[(2,)], z=[(3,)], bad="t.ones(7), y, z"),
    *spec("einsum", "'ij,jk->ik', x, y | 'ij,jk', x, y | 'ij->ji', x | 'ij->', x | '...j,jk->...k', x, y",
          x=[(2, 3)], y=[(3, 4)], bad="'ij,jk', x, x | 'i', x"),
    *spec("tensordot", "x, y, dims=1 | x, y, dims=([1], [0]) | x, x, dims=([0, 1], [0, 1])", x=[(2, 3)], y=[(3, 4)],
          bad="x, x, dims=1"),
    *spec("kron", "x, y", x=[(2, 3), (2,), ()], y=[(2, 2), (3,), (2, 2)]),
    *spec("cross", "x, y, dim=-1 | x, y, dim=1", x=[(2, 3), (1, 3)], y=[(2, 3), (2, 3)],
          bad="t.ones(2, 4), t.ones(2, 4), dim=1"),
    *spec("trace", "x", x=[(3, 3), (2, 4), (0, 3)], bad="t.ones(3)"),
    *spec("cdist", "x, y | x, y, 1 | x, y, p=inf | x, y, 3.0", x=[(3, 2), (2, 3, 2)], y=[(4, 2)], bad="x, t.ones(4, 5)"),
    # ---- linalg ----
    *spec("matmul", "x, y", home="linalg", x=[(2, 3)], y=[(3, 4)]),
    *spec("cross", "x, y | x, y, dim=-1", home="linalg", x=[(2, 3), (3,)], y=[(2, 3), (2, 3)]),
    *spec("vecdot", "x, y | x, y, dim=0", home="linalg", x=[(2, 3)], y=[(2, 3)], bad="t.ones(2), t.ones(3)"),
    *spec("diagonal", "x | x, offset=1 | x, dim1=0, dim2=1", home="linalg", x=[(3, 4), (2, 3, 3)]),
    *spec("det slogdet", home="linalg", x=SQUARE, ties=False, bad="t.ones(2, 3)"),
    *spec("det slogdet", x=SQUARE, ties=False, bad="t.ones(2, 3)"),
    *spec("inv", home="linalg", x=DEFINITE, bad="t.ones(2, 3)"),
    *spec("inverse", x=DEFINITE, bad="t.ones(2, 3)"),
    *spec("cholesky", home="linalg", x=DEFINITE, bad="t.ones(2, 3) | -t.ones(1, 1)"),
    *spec("cholesky", x=DEFINITE, bad="t.ones(2, 3)"),
    *spec("solve", "x, y", home="linalg", x=[of("positive definite", 3, 3)], y=[(3,), (3, 2)], bad="x, t.ones(4)"),
    *spec("matrix_power", "x, 0 | x, 3 | x, -2", home="linalg", x=DEFINITE, bad="t.ones(2, 3), 2"),
    *spec("matrix_power", "x, 0 | x, 3 | x, -2", x=DEFINITE, bad="t.ones(2, 3), 2"),
    *spec("matrix_norm", "x | x, 'nuc' | x, 2 | x, inf | x, -1 | x, 1, keepdim=True", home="linalg", x=[(3, 4), (2, 3, 3)],
          bad="t.ones(2)"),
    *spec("vector_norm", "x | x, 1 | x, inf, 0 | x, 3, dim=-1, keepdim=True", home="linalg", x=[(4,), (3, 4)]),
    *spec("norm", "x | x, 1, 0 | x, 'fro' | x, dim=-1 | x, 2, keepdim=True", home="linalg", x=[(3, 4)]),
    *spec("matrix_rank", "x", home="linalg", x=[(3, 4), (3, 3)], gradient="the result is integers"),
    *spec("pinv", "x", home="linalg", x=[(3, 4), (4, 3), (2, 3, 3)], tolerance=1e7),
    *spec("cond", "x | x, 1 | x, 'fro'", home="linalg", x=DEFINITE, tolerance=4096.0),
    *spec("svdvals", "x", home="linalg", x=[(3, 4), (2, 3, 3)], tolerance=1024.0),
    *spec("eigvalsh", "x", home="linalg", x=DEFINITE, tolerance=1024.0),
    *spec("matrix_exp", home="linalg", x=SQUARE, tolerance=1024.0, bad="t.ones(2, 3)"),
    *spec("matrix_exp", x=SQUARE, tolerance=1024.0, bad="t.ones(2, 3)"),
    *spec("multi_dot", "[x, y, z] | (x, y)", home="linalg", x=[(2, 3), (3,)], y=[(3, 4)], z=[(4, 2), (4,)], bad="[x, x]"),
    *spec("solve_triangular", "x, y, upper=True | x, y, upper=False | x, y, upper=True, unitriangular=True",
          home="linalg", x=[of("positive definite", 3, 3)], y=[(3, 2)], bad="x, t.ones(4, 2), upper=True"),
]
# fmt: on
