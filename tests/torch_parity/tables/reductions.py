"""Reductions over axes, and running sums and products."""

from ..spec import Spec, of, spec

SHAPES = [(), (5,), (3, 4), (2, 3, 4)]
WITH_EMPTY = [*SHAPES, (0,), (2, 0, 3)]
FORMS = "x | x, {d} | x, dim={d}, keepdim=True | x, axis={d}, keepdims=True"
SEVERAL = "x, (0, 2) | x, dim=(-1, 0), keepdim=True | x, [0, 1]"
NO_AXIS = "t.ones(2, 3), 2 | t.ones(2, 3), dim=-3 | t.ones(2, 3), (0, 0)"
APART = {"x": [of("distinct", *shape) for shape in SHAPES], "ties": False}


def over_axes(names: str, forms: str = FORMS, shapes: list = WITH_EMPTY, **more: object) -> list[Spec]:
    several = spec(names, SEVERAL, x=[(2, 3, 4), (3, 1, 2)], **more)
    return [*spec(names, forms, x=shapes, bad=NO_AXIS, special=True, **more), *several]


# fmt: off
SPECS = [
    *over_axes("sum nansum", FORMS + "| x, dtype=t.float64 | x, {d}, dtype=t.float32"),
    *over_axes("mean nanmean"),
    *over_axes("var std", "x | x, {d} | x, {d}, keepdim=True | x, {d}, unbiased=False | x, unbiased=False"
               "| x, {d}, correction=0 | x, dim={d}, correction=0.5"),
    *over_axes("var_mean std_mean", "x | x, {d} | x, {d}, keepdim=True | x, dim={d}, correction=0"),
    *over_axes("amax amin", FORMS, SHAPES),
    *over_axes("logsumexp", "x, {d} | x, dim={d}, keepdim=True", SHAPES),
    *over_axes("all any", FORMS, gradient="the result is bool"),
    *over_axes("count_nonzero", "x | x, {d}", WITH_EMPTY, gradient="the result is integers"),
    *spec("prod", FORMS + "| x, dtype=t.float64", x=WITH_EMPTY, bad="t.ones(2, 3), 2", special=True, domain=(-1.5, 1.5)),
    *spec("max min median", "x | x, {d} | x, {d}, True | x, dim={d}, keepdim=True", **APART,
          bad="t.ones(2, 3), 2 | t.ones(2, 0), 1"),
    *spec("nanmedian", "x | x, {d} | x, {d}, True | x, dim={d}, keepdim=True", **APART, bad="t.ones(2, 3), 2"),
    *spec("max min", "x, y", x=[(4,), (2, 3)], y=[(4,), (3,)], special=True, bad="t.ones(2), t.ones(3)"),
    *spec("argmax argmin", "x | x, {d} | x, {d}, True | x, dim={d}, keepdim=True", **APART,
          bad="t.ones(2, 3), 2 | t.ones(0)", gradient="positions"),
    *spec("aminmax", "x | x, dim={d} | x, dim={d}, keepdim=True", x=SHAPES, bad="t.ones(0) | x, dim=7", special=True),
    *spec("norm", "x | x, 1 | x, 2, {d} | x, p=inf, dim={d} | x, 3, {d}, keepdim=True | x, -inf | x, 0, {d} | x, 'fro'",
          x=SHAPES, gradient=True, domain=(0.2, 3.0), bad="x, 2, 7"),
    # ---- running ----
    *spec("cumsum", "x, {d} | x, dim={d} | x, {d}, dtype=t.float64", x=WITH_EMPTY, bad="t.ones(2), 1 | x", special=True),
    *spec("cumprod", "x, {d} | x, dim={d} | x, {d}, dtype=t.float64", x=WITH_EMPTY, bad="t.ones(2), 1 | x",
          special=True, domain=(-1.5, 1.5)),
    *spec("cummax cummin", "x, {d} | x, dim={d}", x=[*SHAPES, (2, 0)], bad="t.ones(2), 1", special=True),
    *spec("logcumsumexp", "x, {d} | x, dim={d}", x=WITH_EMPTY, bad="t.ones(2), 1", special=True),
    *spec("diff", "x | x, dim=0 | x, 2 | x, n=1, dim=-1, prepend=y | x, append=y, prepend=y",
          x=[(5,), (3, 4)], y=[(2,), (3, 1)], bad="t.tensor(1.0) | x, -1 | x, 1, 5"),
    *spec("trapezoid trapz cumulative_trapezoid", "x | x, dim=0 | x, dx=0.5 | x, y | x, y, dim=-1 | x, dx=2, dim=0",
          x=[(5,), (3, 4), (2, 3, 4)], y=[(5,), (4,), (3, 4)], bad="x, t.ones(7)"),
    *spec("gradient", "x | x, spacing=0.5 | x, dim=0 | x, edge_order=2 | x, spacing=2.0, dim=-1",
          x=[(5,), (3, 4)], bad="t.ones(1) | x, dim=7"),
    # ---- statistics ----
    *spec("quantile nanquantile", "x, 0.3 | x, 0.5, {d} | x, t.tensor([0.1, 0.6, 1.0], dtype=x.dtype), {d}"
          "| x, 0.4, dim={d}, keepdim=True | x, 0.35, interpolation='lower' | x, 0.35, {d}, interpolation='nearest'"
          "| x, 0.35, interpolation='higher' | x, 0.35, interpolation='midpoint'",
          **APART, bad="x, 1.5 | x, -0.1 | x, 0.5, 7"),
    *spec("cov", "x | x, correction=0 | x, fweights=t.tensor([1, 2, 1, 3]) | x, aweights=y", x=[(4,), (3, 4)],
          y=[of("distribution", 4)], bad="t.ones(2, 2, 2)"),
    *spec("corrcoef", "x", x=[(4,), (3, 4)], bad="t.ones(2, 2, 2)"),
    *spec("dist", "x, y | x, y, 1 | x, y, p=inf | x, y, 3", x=[(4,), (2, 3)], y=[(4,), (3,)], bad="t.ones(2), t.ones(3)"),
    *spec("renorm", "x, 2, 0, 1.5 | x, 1, -1, 0.5 | x, p=2, dim=1, maxnorm=1.0", x=[(3, 4), (2, 3, 2)],
          bad="x, 2, 7, 1.0"),
    *spec("histc", "x | x, 5 | x, bins=4, min=-1, max=2", x=[(20,), (4, 5)], gradient="no derivative",
          bad="x, 0 | x, 3, 2, 1"),
]
# fmt: on
