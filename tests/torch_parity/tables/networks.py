"""Activations, losses and layers."""

from ..spec import Spec, index, of, spec

ONE = [(), (0,), (5,), (2, 3)]
REDUCED = "x, y | x, y, reduction='sum' | x, y, reduction='none'"


def named(names: str, calls: str = "x", **more: object) -> list[Spec]:
    return spec(names, calls, home="functional", **more)


def activation(names: str, calls: str = "x", **more: object) -> list[Spec]:
    return named(names, calls, x=ONE, special=True, **more)


# fmt: off
SPECS = [
    *activation("relu relu6 selu silu mish softsign logsigmoid sigmoid tanh hardswish tanhshrink"),
    # PyTorch's own derivative has the precision of float32.
    *activation("hardsigmoid", tolerance=1e9),
    *spec("selu", "x", x=ONE, special=True),
    *activation("leaky_relu", "x | x, 0.2 | x, negative_slope=0.3"),
    *activation("elu", "x | x, 0.5 | x, alpha=2.0"),
    *activation("celu", "x | x, 0.5 | x, alpha=2.0"),
    *spec("celu", "x | x, 0.5 | x, alpha=2.0", x=ONE),
    *activation("gelu", "x | x, approximate='tanh'"),
    *activation("softplus", "x | x, 2 | x, beta=0.5, threshold=1"),
    *activation("hardtanh", "x | x, -0.5, 2.0 | x, min_val=-2, max_val=0.1"),
    *activation("hardshrink softshrink", "x | x, 1.0"),
    *activation("threshold", "x, 0.5, -1.0 | x, threshold=0, value=2"),
    *spec("threshold", "x, 0.5, -1.0", x=ONE),
    *spec("hardshrink", "x, 0.25", x=[(2, 3)]),
    *spec("prelu", "x, y", x=[(2, 3)], y=[(1,), (3,)]),
    *named("prelu", "x, y", x=[(2, 3), (2, 3)], y=[(1,), (3,)]),
    *named("softmax log_softmax softmin", "x, {d} | x, dim={d} | x, {d}, dtype=t.float64", x=[(), (5,), (2, 3)],
           special=True, bad="x, 7"),
    *spec("softmax log_softmax", "x, {d} | x, dim={d}", x=[(), (5,), (2, 3), (0, 2), (2, 0)], special=True, bad="x, 7"),
    *named("glu", "x | x, 0", x=[(4, 6), (2, 4)], bad="t.ones(3)"),
    *named("normalize", "x | x, 1 | x, p=1, dim=0 | x, 2, -1, 1e-3", x=[(2, 3), (3, 4)]),
    *named("one_hot", "i | i, 6 | i, num_classes=5", i=[index((4,), 5), index((2, 3), 5)], bad="i, 1 | t.tensor([-1])"),
    *named("linear", "x, y | x, y, z", x=[(4, 3), (3,), (2, 4, 3)], y=[(2, 3)], z=[(2,)], bad="x, t.ones(2, 5)"),
    *named("layer_norm", tolerance=512.0, calls="x, (3,) | x, (3,), y | x, (3,), y, z | x, (3,), eps=0.1", x=[(2, 3), (4, 2, 3)], y=[(3,)],
           z=[(3,)], bad="x, (4,) | x, (3,), t.ones(2)"),
    *spec("layer_norm", "x, (3,) | x, (3,), y, z", tolerance=512.0, x=[(2, 3), (4, 2, 3)], y=[(3,)], z=[(3,)],
          bad="x, (4,)"),
    *named("pairwise_distance", "x, y | x, y, 1 | x, y, p=3, eps=1e-3 | x, y, keepdim=True", x=[(4, 3), (3,)],
           y=[(4, 3), (4, 3)], bad="t.ones(2, 3), t.ones(2, 4)"),
    *spec("pairwise_distance", "x, y", x=[(4, 3)], y=[(4, 3)]),
    *named("cosine_similarity", "x, y | x, y, 0 | x, y, dim=-1, eps=1e-3", x=[(4, 3), (2, 3)], y=[(4, 3), (3,)],
           bad="t.ones(2, 3), t.ones(2, 4)"),
    *spec("cosine_similarity", "x, y | x, y, 0", x=[(4, 3)], y=[(4, 3)]),
    *named("dropout", "x, 0.0 | x, 0.5, False | x, p=0.5, training=False", x=[(2, 3), ()], bad="x, 1.5 | x, -0.1"),
    *spec("dropout", "x, 0.0, True | x, 0.5, False", x=[(2, 3)], bad="x, 1.5, True"),
    # ---- losses ----
    *named("mse_loss l1_loss smooth_l1_loss huber_loss", REDUCED, x=[(4,), (2, 3), ()], y=[(4,), (2, 3), ()],
           bad="t.ones(2), t.ones(3) | x, y, reduction='no'"),
    *named("huber_loss", "x, y, delta=0.5 | x, y, 'sum', 2.0", x=[(4,)], y=[(4,)]),
    *named("smooth_l1_loss", "x, y, beta=0.5 | x, y, beta=0.0", x=[(4,)], y=[(4,)]),
    *named("kl_div", REDUCED + "| x, y, reduction='batchmean' | x, y, log_target=True", x=[(4, 3)],
           y=[of("distribution", 4, 3)], bad="x, t.ones(7)"),
    *named("binary_cross_entropy", REDUCED + "| x, y, weight=y", x=[of("distribution", 4, 3)],
           y=[of("distribution", 4, 3)], bad="x, t.ones(7)"),
    *named("binary_cross_entropy_with_logits", REDUCED + "| x, y, weight=y | x, y, pos_weight=y", x=[(4, 3)],
           y=[of("distribution", 4, 3)], bad="x, t.ones(7)"),
    *named("nll_loss cross_entropy", "x, i | x, i, reduction='sum' | x, i, reduction='none' | x, i, y"
           "| x, i, weight=y, ignore_index=1 | x, i, ignore_index=0, reduction='none'",
           x=[(4, 3)], i=index((4,), 3), y=[of("distribution", 3)], bad="x, t.tensor([9, 0, 0, 0]) | x, t.tensor([0])"),
    *named("nll_loss cross_entropy", "x, i | x, i, reduction='none'", x=[(4, 3, 2), (3,)],
           i=[index((4, 2), 3), index((), 3)]),
    *named("cross_entropy", "x, i, label_smoothing=0.1 | x, y | x, y, label_smoothing=0.2, reduction='none'", x=[(4, 3)],
           i=index((4,), 3), y=[of("distribution", 4, 3)]),
]
# fmt: on
