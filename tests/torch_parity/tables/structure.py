"""Shapes, views, cutting, joining, repeating, triangles."""

from ..spec import index, of, spec

ANY = [(), (4,), (2, 3), (2, 3, 4)]
MATRIX = [(3, 3), (2, 4), (4, 2), (2, 3, 4), (0, 3)]

SPECS = [
    # ---- views ----
    *spec("reshape", "x, (4, 3) | x, (-1,) | x, (2, -1, 3)", x=[(3, 4), (2, 6), (2, 3, 2)], bad="x, (5, 2) | x, (-1, -1)"),
    *spec("reshape", "x, 4, 3 | x, -1 | x, (12,)", home="method", x=[(3, 4), (2, 3, 2)], bad="x, 5"),
    *spec("view", "x, 4, 3 | x, -1 | x, (2, 6)", home="method", x=[(3, 4), (2, 3, 2)], bad="x, 5 | x.mT, 12"),
    *spec("view_as reshape_as", "x, y", home="method", x=[(3, 4)], y=[(2, 6)], bad="x, t.ones(5)"),
    *spec("permute", "x, (2, 0, 1) | x, (-1, 0, 1)", x=[(2, 3, 4)], bad="x, (0, 1) | x, (0, 0, 1)"),
    *spec("permute", "x, 2, 0, 1 | x, (1, 2, 0)", home="method", x=[(2, 3, 4)], bad="x, 0, 1"),
    *spec("transpose swapaxes swapdims", "x, 0, -1 | x, {d}, 0", x=ANY, bad="t.ones(2), 0, 1"),
    *spec("movedim moveaxis", "x, 0, -1 | x, 1, 0 | x, (0, 1), (1, 2) | x, -1, 0", x=[(2, 3, 4)],
          bad="x, 0, 3 | x, (0, 1), (0,) | x, (0, 0), (0, 1)"),  # fmt: skip
    *spec("t", "x", x=[(), (4,), (2, 3)], bad="t.ones(2, 2, 2)"),
    *spec("adjoint", "x", x=[(2, 3), (2, 3, 4)], bad="t.ones(2)"),
    *spec("squeeze", "x | x, 0 | x, -1 | x, dim=(0, 1)", x=[(1, 3), (2, 1), (1, 1, 4), (2, 3)], bad="x, 5"),
    *spec("unsqueeze", "x, 0 | x, -1 | x, dim=0", x=ANY, bad="x, 7 | x, -7"),
    *spec("flatten", "x | x, 1 | x, 0, -2 | x, start_dim=1, end_dim=-1", x=[(2, 3, 4), (2, 3, 1, 2)],
          bad="x, 5 | x, 2, 1"),  # fmt: skip
    *spec("flatten ravel", "x", x=[(), (0,), (2, 3)]),
    *spec("unflatten", "x, 1, (2, 2) | x, -1, (-1, 2) | x, dim=1, sizes=(4, 1)", x=[(2, 4), (3, 4)],
          bad="x, 1, (3, 2) | x, 5, (2, 2)"),  # fmt: skip
    *spec("expand", "x, 2, 3 | x, (4, 2, 3) | x, -1, 3 | x, 2, -1, 3", home="method", x=[(2, 1), (1, 3)], bad="x, 5, 5"),
    *spec("expand_as", "x, y", home="method", x=[(3,), (2, 1), ()], y=[(2, 3)], bad="x, t.ones(5, 5)"),
    *spec("broadcast_to", "x, (2, 3) | x, (4, 2, 3)", x=[(3,), (2, 1), (1, 3), ()], bad="t.ones(3), (2, 4)"),
    *spec("broadcast_tensors", "x, y | x", x=[(3,), (2, 1), ()], y=[(2, 3), (3,), (2,)], bad="x, t.ones(5, 7)"),
    *spec("sum_to_size", "x, 1, 3 | x, (3,) | x, 2, 1 | x, 2, 3", home="method", x=[(2, 3)], bad="x, 5"),
    *spec("view_as_real", "x", x=[(2, 3)]),
    *spec("diagonal", "x | x, 1 | x, -1 | x, offset=0, dim1=1, dim2=0", x=MATRIX, bad="t.ones(2) | x, 0, 0, 0"),
    *spec("select", "x, 0, 0 | x, 1, -1 | x, dim=-1, index=1", x=[(2, 3), (2, 3, 4)], bad="x, 0, 5 | x, 7, 0"),
    *spec("narrow", "x, 0, 0, 1 | x, 1, 1, 2 | x, dim=-1, start=1, length=1 | x, 1, -2, 2", x=[(2, 3), (2, 3, 4)],
          bad="x, 0, 1, 5 | x, 0, 0, -1 | x, 7, 0, 1"),  # fmt: skip
    *spec("unfold", "x, 0, 2, 1 | x, -1, 3, 2 | x, 1, 1, 1", home="method", x=[(3, 4), (2, 5)], bad="x, 0, 9, 1"),
    *spec("T mT H mH", "x", home="attribute", x=[(2, 3)]),
    # ---- cutting ----
    *spec("split", "x, 2 | x, 2, dim=-1 | x, [1, 3], 1 | x, (1, 3), dim=1", x=[(3, 4), (5, 4)],
          bad="x, [1, 1], 1 | x, -1 | x, 2, 7"),  # fmt: skip
    *spec("chunk", "x, 2 | x, 3, dim=-1 | x, 2, 1 | x, 9", x=[(3, 4), (5, 4)], bad="x, 0 | x, 2, 7"),
    *spec("tensor_split", "x, 2 | x, 3, dim=-1 | x, (1, 2), 1 | x, (1, 7) | x, t.tensor([1, 3])", x=[(3, 4), (5, 4)],
          bad="x, 0 | x, 2, 7"),  # fmt: skip
    *spec("hsplit", "x, 2 | x, (1, 2)", x=[(4,), (3, 4)], bad="t.tensor(1.0), 1 | x, 3"),
    *spec("vsplit", "x, 2 | x, (1, 2)", x=[(4, 3)], bad="t.ones(4), 2 | x, 3"),
    *spec("dsplit", "x, 2 | x, (1, 2)", x=[(2, 3, 4)], bad="t.ones(4, 4), 2 | x, 3"),
    *spec("unbind", "x | x, -1 | x, dim=0", x=[(3,), (3, 4)], bad="t.tensor(1.0) | x, 7"),
    # ---- joining ----
    *spec("cat concat concatenate", "(x, y) | [x, y, x] | (x, y), dim=0 | (x, y), -2", x=[(2, 3), (1, 3, 2)],
          y=[(4, 3), (1, 3, 2)], bad="[] | (t.ones(2, 3), t.ones(3, 4)) | (x, y), 7 | (t.tensor(1.0), t.tensor(1.0))"),  # fmt: skip
    *spec("stack", "(x, y) | [x, y, x], 1 | (x, y), dim=-1", x=[(2, 3), (4,)], y=[(2, 3), (4,)],
          bad="[] | (t.ones(2), t.ones(3)) | (x, y), 7"),  # fmt: skip
    *spec("hstack dstack column_stack vstack row_stack", "(x, y) | [x, y, x]", x=[(), (4,), (2, 3)],
          y=[(), (4,), (2, 3)], bad="[] | (t.ones(2, 3, 4), t.ones(3, 4, 5))"),  # fmt: skip
    *spec("atleast_1d atleast_2d atleast_3d", "x | x, y | (x, y)", x=[(), (3,), (2, 3), (2, 3, 4)], y=[(), (2,)]),
    *spec("block_diag", "x, y | x", x=[(2, 3), (3,), ()], y=[(1, 2), (2, 2)], bad="t.ones(2, 2, 2)"),
    *spec("cartesian_prod", "x | x, y | x, y, x", x=[(3,), (2,)], y=[(2,), (3,)], bad="t.ones(2, 2), x"),
    *spec("combinations", "x | x, 3 | x, r=2, with_replacement=True | x, 0 | x, 1", x=[(4,), (3,)],
          bad="t.ones(2, 2) | x, -1"),  # fmt: skip
    *spec("meshgrid", "x, y | x, y, indexing='ij' | (x, y), indexing='xy'", x=[(3,), ()], y=[(2,), (4,)],
          bad="t.ones(2, 2), x | x, y, indexing='no'"),  # fmt: skip
    # ---- order of elements ----
    *spec("flip", "x, (0,) | x, (0, 1) | x, [-1]", x=[(3, 4), (2, 3, 2)], bad="x, (0, 0) | x, (7,)"),
    *spec("fliplr", "x", x=[(3, 4), (2, 3, 2)], bad="t.ones(3)"),
    *spec("flipud", "x", x=[(4,), (3, 4)], bad="t.tensor(1.0)"),
    *spec("roll", "x, 1 | x, 2, 0 | x, (1, -1), (0, 1) | x, shifts=-1, dims=1", x=[(3, 4), (2, 3, 2)],
          bad="x, (1, 2), (0,) | x, 1, 7"),  # fmt: skip
    *spec("rot90", "x | x, 2 | x, -1 | x, 1, (1, 0) | x, k=3, dims=[0, -1]", x=[(3, 4), (2, 3, 2)],
          bad="t.ones(3) | x, 1, (0, 0)"),  # fmt: skip
    # ---- repeating ----
    *spec("repeat", "x, 2, 3 | x, (2, 1, 3) | x, 0, 2", home="method", x=[(2, 3), (3,)], bad="t.ones(2, 2), 3"),
    *spec("tile", "x, (2,) | x, (2, 3) | x, (1, 2, 2)", x=[(2, 3), (3,), ()]),
    *spec("repeat_interleave", "x, 2 | x, 2, 0 | x, 3, dim=-1 | x, t.tensor([1, 0, 2]), dim=-1", x=[(3,), (2, 3)],
          bad="x, -1 | x, t.tensor([1, 2]), dim=-1"),  # fmt: skip
    # ---- triangles and diagonals ----
    *spec("tril triu", "x | x, 1 | x, diagonal=-1", x=MATRIX, bad="t.ones(3)"),
    *spec("diag", "x | x, 1 | x, diagonal=-1", x=[(3,), (3, 3), (2, 4)], bad="t.ones(2, 2, 2)"),
    *spec("diag_embed", "x | x, 1 | x, -1 | x, 0, 0, 2 | x, offset=1, dim1=1, dim2=0", x=[(3,), (2, 3)],
          bad="x, 0, 1, 1"),  # fmt: skip
    *spec("diagflat", "x | x, 1 | x, offset=-1", x=[(), (3,), (2, 2)]),
    *spec("vander", "x | x, 4 | x, N=3, increasing=True", x=[(4,), (0,)], bad="t.ones(2, 2)"),
    # ---- reading at positions ----
    *spec("gather", "x, 1, i | x, dim=-1, index=i", x=[(3, 4)], i=index((3, 2), 4), bad="x, 0, t.tensor([[9]]) | x, 1, t.tensor([0])"),
    *spec("take", "x, i", x=[(3, 4), (12,)], i=index((2, 5), 12), bad="x, t.tensor([99])"),
    *spec("take_along_dim", "x, i, 1 | x, i, dim=-1 | x, i.reshape(-1)", x=[(3, 4)], i=index((3, 2), 4),
          bad="x, t.tensor([[9]]), 1"),  # fmt: skip
    *spec("index_select", "x, 0, i | x, dim=-1, index=i", x=[(3, 4), (3, 3, 3)], i=index((5,), 3),
          bad="x, 0, t.tensor([9]) | x, 7, i | x, 0, t.tensor([[0]])"),  # fmt: skip
    *spec("masked_select", "x, x > 0.5", x=[(3, 4), (6,), ()], ties=False, bad="x, t.ones(7, 9) > 0",
          without={name: "complex numbers have no order" for name in ("complex64", "complex128")}),  # fmt: skip
    *spec("tril_indices triu_indices", "3, 4 | 4, 3, 1 | 3, 3, offset=-1", bad="-1, 2"),
    *spec("diagonal", "x, dim1=0, dim2=-1", home="method", x=[of("number", 2, 3, 3)]),
]  # fmt: skip
