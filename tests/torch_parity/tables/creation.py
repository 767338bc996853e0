"""New tensors, and conversions between dtypes."""

from ..spec import Spec, spec

ANY = [(), (0,), (2, 3)]
SIZES = "2, 3 | (2, 3) | [2] | 0, 2 | () | 2, dtype=t.int64 | (2,), dtype=t.bool"
DRAWN = {"values": False, "gradient": "random"}


def created(names: str, calls: str, **more: object) -> list[Spec]:
    return spec(names, calls, **more)


# fmt: off
SPECS = [
    *created("zeros ones", SIZES + "| 2, requires_grad=True | 2, device='cpu'", bad="-1 | 'a' | 2, 'b'"),
    *created("empty", SIZES, values=False, bad="-1"),
    *created("full", "(2, 3), 1 | (2,), 0.5 | (), True | (2,), 3, dtype=t.float64 | [2], 1.5", bad="(-1,), 0"),
    *created("eye", "3 | 2, 4 | 0 | 2, dtype=t.int64", bad="-1"),
    *created("arange", "5 | 2, 7 | 1, 10, 3 | 5, 1, -2 | 2.5 | 0.0, 1.0, 0.25 | 3, dtype=t.float64 | start=1, end=4 | 0",
             bad="1, 5, -1 | 0, 1, 0 | nan"),
    *created("linspace", "0, 1, 5 | -1.0, 2.0, 4 | 3, 3, 1 | 0, 1, 0 | 0, 1, steps=3, dtype=t.float64 | 0, 10, 6, dtype=t.int64",
             bad="0, 1, -1"),
    *created("logspace", "0, 2, 3 | 0, 1, 4, 2.0 | -1, 1, steps=3, base=10.0, dtype=t.float64", bad="0, 1, -1"),
    *created("tensor asarray", "1 | 1.5 | True | [1, 2] | [1, 2.5] | [[1, 2], [3, 4]] | [] | [True, False] | [1], dtype=t.float64"
             "| [[], []] | 2, dtype=t.bool | [1.5, 2.5], dtype=t.int64 | np.arange(3) | np.ones((2, 2)) | np.float32(1.5)",
             bad="[[1], [1, 2]] | 'a' | [None]"),
    *created("from_numpy", "np.arange(3) | np.ones((2, 3)) | np.ones((2, 3), np.float32).T | np.array(2.0)", bad="[1]"),
    *spec("from_dlpack", "x", x=ANY),
    *spec("zeros_like ones_like", "x | x, dtype=t.float64", x=ANY),
    *spec("empty_like", "x | x, dtype=t.float64", x=ANY, values=False, gradient="uninitialised"),
    *spec("full_like", "x, 1 | x, 2, dtype=t.int64 | x, 0.5, dtype=t.float32", x=ANY),
    *spec("rand_like randn_like", "x | x, dtype=t.float64", x=ANY, **DRAWN),
    *spec("randint_like", "x, 5 | x, 2, 7", x=ANY, **DRAWN),
    *created("rand randn", "2, 3 | (2, 3) | 0 | () | 2, dtype=t.float64 | size=(2,) | 2, requires_grad=True", **DRAWN, bad="-1"),
    *created("randint", "5, (2, 3) | 2, 7, (2,) | 5, (2,), dtype=t.float64", **DRAWN, bad="0, (2,) | 5, 2, (2,)"),
    *created("randperm", "5 | 0 | 4, dtype=t.int32", **DRAWN, bad="-1"),
    *created("normal", "0.0, 1.0, (2, 3) | mean=0.0, std=1.0, size=(2,)", **DRAWN, bad="0.0, -1.0, (2,)"),
    *spec("normal", "x, 1.0 | 0.0, y | x, y", x=[(3,)], y=[(3,)], domain=(0.5, 2), **DRAWN),
    *spec("bernoulli", "x | x, 0.5", x=ANY, domain=(0, 1), **DRAWN),
    *spec("poisson", "x", x=ANY, domain=(0.5, 3), **DRAWN),
    *spec("binomial", "x.round(), y", x=[(3,)], y=[(3,)], domain=(0.1, 0.9), **DRAWN),
    *spec("multinomial", "x, 2 | x, 5, True", x=[(4,), (3, 4)], domain=(0.1, 1), **DRAWN, bad="x, 9 | x, 0"),
    *spec("clone", "x", x=ANY),
    # ---- like a tensor ----
    *spec("new_zeros new_ones", "x, 2 | x, (2, 3) | x, 2, 3 | x, (2,), dtype=t.int64", home="method", x=ANY, bad="x, -1"),
    *spec("new_empty", "x, 2 | x, (2, 3)", home="method", x=ANY, values=False),
    *spec("new_full", "x, (2,), 1 | x, [2, 3], 1, dtype=t.float64", home="method", x=ANY),
    *spec("new_tensor", "x, [1, 2] | x, 1.0 | x, [1.5], dtype=t.float64", home="method", x=ANY),
    # ---- conversions ----
    *spec("double float int long short char byte bool cfloat cdouble", "x", home="method", x=ANY, domain=(0, 3)),
    *spec("to", "x, t.float64 | x, dtype=t.int64 | x, 'cpu' | x, x | x, t.float32, copy=True", home="method", x=ANY,
          domain=(0, 3), bad="x, 'nowhere'"),
    *spec("type", "x, t.float64 | x, t.int64", home="method", x=ANY, domain=(0, 3)),
    *spec("type_as", "x, y", home="method", x=ANY, y=ANY),
    *spec("contiguous cpu detach", "x", home="method", x=[(2, 3)]),
    *spec("tolist", "x", home="method", x=ANY, gradient="Python numbers"),
    *spec("item", "x", home="method", x=[(), (1,)], gradient="a Python number", bad="t.ones(2)"),
]
# fmt: on
