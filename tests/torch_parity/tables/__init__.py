"""The tables: a line for each name, by subject."""

from ..spec import Spec
from . import (
    creation,
    elementwise,
    fourier,
    networks,
    order,
    products,
    questions,
    reductions,
    structure,
    writing,
)

ALL: list[Spec] = [
    *elementwise.SPECS,
    *reductions.SPECS,
    *order.SPECS,
    *structure.SPECS,
    *writing.SPECS,
    *products.SPECS,
    *networks.SPECS,
    *fourier.SPECS,
    *creation.SPECS,
    *questions.SPECS,
]
