"""Writing at positions, under masks and through views."""

from ..spec import index, mask, permuted, spec

# fmt: off
SPECS = [
    *spec("scatter", "x, 1, i, y | x, 1, i, 2 | x, dim=1, index=i, src=y | x, 1, i, value=2", x=[(3, 4)],
          i=[permuted(4, 4)], y=[(3, 4)], bad="x, 1, t.tensor([[9]]), y"),
    *spec("scatter", "x, 0, i, y | x, -1, i, y", x=[(5,)], i=[permuted(3, 5)], y=[(4,)]),
    *spec("scatter_add", "x, 1, i, y | x, dim=-1, index=i, src=y", x=[(3, 4)], i=[index((3, 5), 4)], y=[(3, 5)],
          bad="x, 1, t.tensor([[9]]), y"),
    *spec("index_add", "x, 1, i, y | x, dim=-1, index=i, source=y | x, 1, i, y, alpha=2", x=[(3, 4)],
          i=[index((5,), 4)], y=[(3, 5)], bad="x, 1, t.tensor([9]), y | x, 1, i, t.ones(2, 2)"),
    *spec("index_copy", "x, 1, i, y | x, dim=-1, index=i, source=y", x=[(3, 4)], i=[permuted(2, 4)], y=[(3, 2)],
          bad="x, 1, t.tensor([9, 8]), y | x, 1, i, t.ones(2, 2)"),
    *spec("index_fill", "x, 1, i, 2 | x, dim=-1, index=i, value=1 | x, 1, i, y", x=[(3, 4)], i=[index((2,), 4)], y=[()],
          bad="x, 1, t.tensor([9]), 2"),
    *spec("index_put", "x, (i,), y | x, (i, i), y[0] | x, [i], y, accumulate=True", x=[(4, 3)], i=[permuted(2, 3)],
          y=[(2, 3), (3,)], bad="x, (t.tensor([9]),), y"),
    *spec("put", "x, i, y | x, i, y, accumulate=True", x=[(3, 4)], i=[permuted(3, 12)], y=[(3,)],
          bad="x, t.tensor([99]), y[:1] | x, i, t.ones(2)"),
    *spec("put", "x, i, y, True", x=[(3, 4)], i=[index((6,), 3)], y=[(6,)]),
    *spec("masked_fill", "x, m, 2 | x, m, y", x=[(3, 4), ()], m=[mask(4), mask(3, 4)], y=[()], bad="x, t.ones(7) > 0, 1"),
    *spec("masked_scatter", "x, m, y", x=[(3, 4)], m=[mask(4), mask(3, 4), mask(3, 1)], y=[(12,), (4, 4)],
          bad="t.ones(3), t.ones(3) > 0, t.ones(2)"),
    *spec("select_scatter", "x, y, 1, 2 | x, y, dim=-1, index=0", x=[(3, 4)], y=[(3,)], bad="x, t.ones(7), 1, 0"),
    *spec("slice_scatter", "x, y, 1, 1, 3 | x, y, dim=-1, start=0, end=4, step=2", x=[(3, 4)], y=[(3, 2)],
          bad="x, t.ones(7), 1, 0"),
    *spec("diagonal_scatter", "x, y | x, y, 1", x=[(3, 4)], y=[(3,)], bad="x, t.ones(7)"),
    # ---- methods in place only ----
    *spec("copy_", "x.clone(), y", home="method", x=[(2, 3), (4,)], y=[(3,), ()], bad="t.ones(2), t.ones(3)"),
    *spec("fill_", "x.clone(), 2 | x.clone(), y", home="method", x=[(2, 3), ()], y=[()], bad="x, t.ones(2)"),
    *spec("zero_", "x.clone()", home="method", x=[(2, 3), (), (0,)]),
    *spec("fill_diagonal_", "x.clone(), 2 | x.clone(), 2, wrap=True", home="method", x=[(3, 3), (7, 3), (2, 4), (3, 3, 3)],
          bad="t.ones(3), 1 | t.ones(2, 3, 4), 1"),
    *spec("index_put_", "x.clone(), (i,), y", home="method", x=[(4, 3)], i=[permuted(2, 4)], y=[(2, 3), (3,)]),
]
# fmt: on
