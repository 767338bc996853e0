"""What is measured, by theme. `CASES` has them all, in the order of the table."""

from cases import derivatives, elementwise, linalg, products, reductions, small, training
from cases.case import Case, Run

__all__ = ["CASES", "THEMES", "Case", "Run"]

THEMES = {
    "small operations": small.CASES,
    "elementwise, float32": elementwise.CASES,
    "reductions, scans and sorting, float32": reductions.CASES,
    "matrix products": products.CASES,
    "training steps, float32": training.CASES,
    "derivatives, float32": derivatives.CASES,
    "linear algebra, float64": linalg.CASES,
}
CASES = [case for cases in THEMES.values() for case in cases]
