"""Questions about tensors and dtypes."""

from ..spec import spec

ANY = [(), (0,), (2, 3)]
ANSWER = {"gradient": "a plain answer"}
DTYPES = "t.float32, t.int64 | t.bool, t.uint8 | t.float64, t.float32 | t.int32, t.int64 | t.uint8, t.int32"

# fmt: off
SPECS = [
    *spec("is_tensor numel is_floating_point is_complex", "x", x=ANY, **ANSWER),
    *spec("equal", "x, y | x, x", x=[(2, 3), (3,)], y=[(2, 3), (2, 3)], **ANSWER),
    *spec("allclose", "x, y | x, x | x, y, atol=9.0 | x, y, 10.0", x=[(2, 3), (3,)], y=[(2, 3), (2, 3)], **ANSWER,
          bad="t.ones(2), t.ones(3)"),
    *spec("promote_types", DTYPES, **ANSWER),
    *spec("can_cast", DTYPES, **ANSWER),
    *spec("result_type", "x, 2 | x, 2.5 | x, True | x, x | 1, 2.0", x=[(2, 3)], **ANSWER),
    *spec("broadcast_shapes", "(2, 1), (3,) | (), (2,) | (1,), (4, 1), (3, 1, 1)", bad="(2,), (3,)", **ANSWER),
    *spec("dim nelement element_size is_contiguous stride storage_offset", "x", home="method",
          x=[(), (2, 3)], **ANSWER),
    *spec("stride", "x, 0 | x, -1", home="method", x=[(2, 3)], bad="x, 5", **ANSWER),
    *spec("is_same_size", "x, y", x=[(2, 3), (3,)], y=[(2, 3), (2,)], **ANSWER),
    *spec("size", "x | x, 0 | x, -1 | x, dim=1", home="method", x=[(2, 3)], bad="x, 5", **ANSWER),
    *spec("shape ndim itemsize nbytes dtype requires_grad is_leaf", "x", home="attribute", x=ANY, **ANSWER),
]
# fmt: on
