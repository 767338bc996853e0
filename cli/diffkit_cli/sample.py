"""Draw from a distribution; what was observed stands beside what is exact, with its error."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from diffkit_cli.errors import CommandError, ExitCode, one_line
from diffkit_cli.inputs import Number, parse_array, parse_number, parse_numbers
from diffkit_cli.output import Output, Table, new_file, output_options, progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z95 = 1.959963984540054
BLOCK = 65_536  # draws at a time; a constant, so that the same seed gives the same draws
MAX_DRAWS = 10**10
MAX_CATEGORIES = 1_000_000


@dataclass(frozen=True)
class Kind:
    """A distribution: its class in `diffkit.distributions`, its parameters with their defaults."""

    name: str
    parameters: Mapping[str, Number | None]
    whole: bool = False  # draws are integers
    counted: bool = False  # described by the frequency of each outcome rather than by moments


KINDS = {
    "normal": Kind("Normal", {"loc": 0.0, "scale": 1.0}),
    "uniform": Kind("Uniform", {"low": 0.0, "high": 1.0}),
    "exponential": Kind("Exponential", {"rate": None}),
    "poisson": Kind("Poisson", {"rate": None}, whole=True),
    "binomial": Kind("Binomial", {"total_count": None, "probs": None}, whole=True),
    "bernoulli": Kind("Bernoulli", {"probs": None}, whole=True, counted=True),
    "categorical": Kind("Categorical", {"probs": None}, whole=True, counted=True),
    "multinomial": Kind("Multinomial", {"total_count": 1.0, "probs": None}, whole=True, counted=True),
}


@dataclass
class Tally:
    """What is kept of the draws: frequencies of outcomes, or power sums around the exact mean."""

    n: int = 0
    counts: Any = 0
    centre: float = 0.0
    powers: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # of degree 1, 2 and 4
    low: float = math.inf
    high: float = -math.inf


@click.command()
@click.option("--dist", type=click.Choice(sorted(KINDS)), required=True, help="The distribution.")
@click.option("-n", "n", type=click.IntRange(1, MAX_DRAWS), default=1000, show_default=True, help="Draws.")
@click.option(
    "--probs", metavar="P,P,...", help="Probability, or probabilities that sum to 1, such as 1/6,5/6."
)
@click.option("--total-count", metavar="K", help="Trials in each draw. [multinomial: 1]")
@click.option("--loc", metavar="V", help="Mean of normal. [0]")
@click.option("--scale", metavar="V", help="Standard deviation of normal. [1]")
@click.option("--low", metavar="V", help="Lower end of uniform. [0]")
@click.option("--high", metavar="V", help="Upper end of uniform. [1]")
@click.option("--rate", metavar="V", help="Rate of exponential or poisson.")
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="The same seed gives the same draws. [random]"
)
@click.option("--rows", type=click.IntRange(1, 100_000), metavar="K", help="Print the first K draws instead.")
@click.option(
    "--out", type=click.Path(dir_okay=False), metavar="FILE.NPY", help="Write all draws to this file."
)
@output_options
def sample(
    dist: str,
    n: int,
    seed: int | None,
    rows: int | None,
    out: str | None,
    output: Output,
    **options: str | None,
) -> None:
    """Draw from a distribution, and say how what was observed agrees with what is exact.

    \b
    diffkit sample --dist multinomial --probs 1/6,1/6,1/6,1/6,1/6,1/6 -n 600000 --seed 0
    diffkit sample --dist normal --loc 3 --scale 2 -n 10000 --out draws.npy

    bernoulli, categorical and multinomial give the count and the relative frequency of each outcome, with its
    standard error and a 95 % interval (Wilson); the others give the mean and the variance with theirs. The
    seed is always printed: with it the draws can be repeated.
    """
    if out is not None and not out.endswith(".npy"):
        raise click.UsageError(f"--out {out}: the name must end in .npy")
    kind = KINDS[dist]
    parameters = _parameters(dist, kind, options)
    seed = secrets.randbits(32) if seed is None else seed
    distribution = _distribution(kind, parameters)
    tally = Tally(centre=0.0 if kind.counted else float(distribution.mean))
    head: list[object] = []
    with _writer(out, n) as keep:
        for block in _blocks(distribution, kind.whole, n, seed):
            keep(block)
            _add(tally, block, kind, parameters)
            if rows is not None and len(head) < rows:
                head += block[: rows - len(head)].tolist()
    table = _frequencies(tally, kind, parameters) if kind.counted else _moments(tally, distribution)
    document: dict[str, object] = {
        "distribution": dist,
        "parameters": {
            name: str(value) if isinstance(value, Fraction) else value for name, value in parameters.items()
        },
        "n": n,
        "seed": seed,
        "result": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
    }
    notes = [f"seed {seed}"] + ([f"wrote {n} draws to {out}"] if out else [])
    if rows is not None:
        document["rows"] = head
        table = _rows_table(head)
    output.emit(document, table, notes=notes)


def _parameters(dist: str, kind: Kind, options: Mapping[str, str | None]) -> dict[str, Any]:
    """The parameters of the distribution, read from the options that belong to it."""
    for name, text in options.items():
        if text is not None and name not in kind.parameters:
            known = ", ".join("--" + parameter.replace("_", "-") for parameter in kind.parameters)
            raise click.UsageError(f"--{name.replace('_', '-')} is not for {dist}, which takes {known}")
    parameters: dict[str, Any] = {}
    for name, default in kind.parameters.items():
        text = options[name]
        if text is None and default is None:
            raise click.UsageError(f"{dist} needs --{name.replace('_', '-')}")
        if name == "probs" and dist in ("categorical", "multinomial"):
            parameters[name] = _probabilities(str(text))
            continue
        value = default if text is None else parse_number(text)
        if name == "total_count":
            if (isinstance(value, Fraction) and value.denominator != 1) or not 0 <= float(value or 0) < 2**53:
                raise click.UsageError(f"--total-count {text}: give a whole number of trials")
            value = int(value or 0)
        elif not math.isfinite(float(value or 0)):
            raise click.UsageError(f"--{name} {text}: give a finite number")
        parameters[name] = value
    return parameters


def _probabilities(text: str) -> list[Any]:
    """Probabilities that sum to 1: exactly when typed as fractions, to 1e-9 when typed as decimals."""
    parsed = parse_array(text).tolist() if text.startswith("@") else parse_numbers(text)
    if not isinstance(parsed, list) or any(isinstance(p, list) or not 0 <= p <= 1 for p in parsed):
        raise click.UsageError("--probs: give a list of probabilities between 0 and 1, such as 1/6,5/6")
    if len(parsed) > MAX_CATEGORIES:
        raise click.UsageError(f"--probs: {len(parsed)} probabilities, at most {MAX_CATEGORIES} are taken")
    total = sum(parsed)
    if abs(total - 1) > 1e-9:
        raise click.UsageError(
            f"--probs: they sum to {float(total):.12g}, not 1: fractions such as 1/6 are exact"
        )
    return parsed


def _distribution(kind: Kind, parameters: Mapping[str, Any]) -> Any:
    import diffkit

    def value(name: str, parameter: Any) -> Any:
        if name == "total_count":
            return parameter
        numbers = [float(p) for p in parameter] if isinstance(parameter, list) else float(parameter)
        return diffkit.tensor(numbers, dtype=diffkit.float64)

    try:
        made = getattr(diffkit.distributions, kind.name)
        return made(**{name: value(name, parameter) for name, parameter in parameters.items()})
    except (ValueError, TypeError, RuntimeError) as error:
        raise CommandError(f"{kind.name}: {one_line(error)}", ExitCode.USAGE) from error


def _blocks(distribution: Any, whole: bool, n: int, seed: int) -> Iterator[NDArray[Any]]:
    """All draws, in blocks whose size depends on the distribution alone."""
    import diffkit

    diffkit.manual_seed(seed)
    size = max(1, BLOCK // math.prod(distribution.event_shape))
    with progress(n, "sampling") as advance:
        for start in range(0, n, size):
            block = distribution.sample((min(size, n - start),)).numpy()
            yield block.astype("int64") if whole else block
            advance(len(block))


def _add(tally: Tally, block: NDArray[Any], kind: Kind, parameters: Mapping[str, Any]) -> None:
    import numpy as np

    tally.n += len(block)
    if kind.name == "Multinomial":
        tally.counts = tally.counts + block.sum(axis=0)
    elif kind.counted:
        outcomes = 2 if kind.name == "Bernoulli" else len(parameters["probs"])
        tally.counts = tally.counts + np.bincount(block, minlength=outcomes)
    else:
        # around the exact mean the power sums lose nothing to cancellation
        distance = block - tally.centre
        for index, degree in enumerate((1, 2, 4)):
            tally.powers[index] += float((distance**degree).sum())
        tally.low = min(tally.low, float(block.min()))
        tally.high = max(tally.high, float(block.max()))


def _frequencies(tally: Tally, kind: Kind, parameters: Mapping[str, Any]) -> Table:
    """Count and relative frequency of each outcome, with standard error and Wilson interval."""
    from diffkit.probability import wilson_interval

    probs = parameters["probs"]
    exact = [1 - probs, probs] if kind.name == "Bernoulli" else probs
    trials = tally.n * parameters.get("total_count", 1)
    table = Table(["outcome", "count", "frequency", "stderr", "low95", "high95", "exact"], [])
    rows: list[list[object]] = []
    for outcome, (count, p) in enumerate(zip(tally.counts.tolist(), exact, strict=True)):
        if trials:
            frequency = count / trials
            error = math.sqrt(frequency * (1 - frequency) / trials)
            rows.append([outcome, count, frequency, error, *wilson_interval(count, trials, Z95), float(p)])
        else:
            rows.append([outcome, count, None, None, None, None, float(p)])
    table.rows = rows
    return table


def _moments(tally: Tally, distribution: Any) -> Table:
    """Mean and variance (over n - 1) as observed, with their standard errors, beside the exact ones."""
    n = tally.n
    first, second, fourth = tally.powers
    mean = tally.centre + first / n
    rows: list[list[object]] = []
    if n > 1:
        variance = (second - first * first / n) / (n - 1)
        error = math.sqrt(variance / n)
        rows.append(["mean", mean, error, mean - Z95 * error, mean + Z95 * error, float(distribution.mean)])
        # Var(s^2) is (mu4 - sigma^4) / n to first order
        error = math.sqrt(max(0.0, fourth / n - (second / n) ** 2) / n)
        low, high = max(0.0, variance - Z95 * error), variance + Z95 * error
        rows.append(["variance", variance, error, low, high, float(distribution.variance)])
    else:
        rows.append(["mean", mean, None, None, None, float(distribution.mean)])
    rows += [
        [name, value, None, None, None, None] for name, value in (("min", tally.low), ("max", tally.high))
    ]
    return Table(["quantity", "observed", "stderr", "low95", "high95", "exact"], rows)


def _rows_table(head: Sequence[Any]) -> Table:
    if head and isinstance(head[0], list):
        return Table([f"x{index}" for index in range(len(head[0]))], head)
    return Table(["x"], [[value] for value in head])


@contextmanager
def _writer(path: str | None, n: int) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Yields a function that appends a block to the .npy file `path`, which appears when all are there."""
    if path is None:
        yield lambda block: None
        return
    import numpy as np

    with new_file(path) as file:

        def keep(block: NDArray[Any]) -> None:
            if not file.tell():
                shape = (n, *block.shape[1:])
                header = {"descr": block.dtype.str, "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
            file.write(np.ascontiguousarray(block).tobytes())

        yield keep
