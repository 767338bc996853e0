"""Sorting, ranks, searching, counting and distinct elements."""

from ..spec import index, of, spec

APART = {"x": [of("distinct", *shape) for shape in [(), (5,), (3, 4), (2, 3, 4)]], "ties": False}
COUNTED = "the result is integers"

# fmt: off
SPECS = [
    *spec("sort", "x | x, {d} | x, dim={d}, descending=True | x, {d}, True | x, stable=True, dim={d}", **APART,
          bad="t.ones(2), 1"),
    *spec("argsort", "x | x, {d} | x, dim={d}, descending=True | x, {d}, True | x, stable=True, dim={d}", **APART,
          gradient=COUNTED, bad="t.ones(2), 1"),
    *spec("msort", "x", **APART),
    *spec("topk", "x, 1 | x, 1, {d} | x, 1, dim={d}, largest=False", **APART, bad="t.ones(2), 3 | t.ones(2), -1"),
    *spec("topk", "x, 3 | x, 2, -1, False | x, k=3, largest=False | x, 3, 1, True, True | x, 0",
          x=[of("distinct", 3, 4)], ties=False),
    *spec("kthvalue", "x, 1 | x, 1, {d} | x, 1, dim={d}, keepdim=True", **APART, bad="t.ones(2), 3 | t.ones(2), 0"),
    *spec("kthvalue", "x, 3 | x, 2, 0 | x, k=3, keepdim=True", x=[of("distinct", 3, 4)], ties=False),
    *spec("mode", "x | x, {d} | x, dim={d}, keepdim=True", x=[of("number", 9, low=0, high=3), of("number", 4, 7)],
          bad="t.ones(2), 1", domain=(0, 3)),
    *spec("searchsorted", "x, y | x, y, right=True | x, y, side='right' | x, y, out_int32=True | x, 0.5 | x, 1",
          x=[of("ascending", 6)], y=[(3,), (2, 3), (), (0,)], gradient=COUNTED, bad="t.ones(2, 3), t.ones(3, 2)"),
    *spec("searchsorted", "x, y | x, y, right=True", x=[of("ascending", 2, 5)], y=[(2, 3)], gradient=COUNTED),
    *spec("bucketize", "y, x | y, x, right=True | y, x, out_int32=True | 1.0, x", x=[of("ascending", 6)],
          y=[(3,), (2, 3), (), (0,)], gradient=COUNTED, bad="y, t.ones(2, 2)"),
    *spec("bincount", "i | i, minlength=9 | i, x | i, weights=x, minlength=3", i=index((6,), 5), x=[(6,)],
          gradient="weights have none in PyTorch", bad="t.tensor([-1]) | t.tensor([1.0])"),
    *spec("isin", "x, y | x, y, invert=True | x, y, assume_unique=False | x, 1 | 2, x", x=[(5,), (2, 3), ()],
          y=[(3,), (2, 2), (4,)], gradient="the result is bool"),
    *spec("unique", "x | x, return_inverse=True | x, return_counts=True | x, True, True, True | x, dim=0"
          "| x, dim=-1, return_inverse=True, return_counts=True", x=[(8,), (3, 4), (0,), (2, 3, 2)],
          domain=(0, 2), gradient="distinct elements have none"),
    *spec("unique_consecutive", "x | x, return_inverse=True | x, return_counts=True | x, True, True | x, dim=0",
          x=[(8,), (3, 4), (0,)], domain=(0, 2), gradient="distinct elements have none"),
    *spec("nonzero", "x | x, as_tuple=True", x=[(), (5,), (3, 4), (0,), (2, 0)], domain=(0, 1), gradient=COUNTED),
    *spec("argwhere", "x", x=[(), (5,), (3, 4), (0,), (2, 0)], domain=(0, 1), gradient=COUNTED),
    *spec("is_nonzero", "x", x=[(), (1,), (1, 1)], gradient="a bool", bad="t.ones(2)"),
]
# fmt: on
