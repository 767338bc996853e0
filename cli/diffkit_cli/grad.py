"""Value and gradient of an expression, or of a function in a Python file."""

from __future__ import annotations

import inspect
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from diffkit_cli.errors import CommandError, ExitCode, one_line
from diffkit_cli.inputs import parse_array
from diffkit_cli.output import Output, Table, output_options

Function = Callable[..., Any]


@click.command()
@click.argument("expression", required=False)
@click.option(
    "--at", "at", multiple=True, metavar="NAME=VALUE", help="A value: 3, 1/6, [1, 2], @x.csv, @x.npy."
)
@click.option(
    "--file", "file", metavar="MODEL.PY:NAME", help="Differentiate this function instead (runs the file)."
)
@click.option("--wrt", multiple=True, metavar="NAME", help="Differentiate by this name only. [default: all]")
@click.option("--hessian", is_flag=True, help="Also print the second derivatives.")
@output_options
def grad(
    expression: str | None,
    at: tuple[str, ...],
    file: str | None,
    wrt: tuple[str, ...],
    hessian: bool,
    output: Output,
) -> None:
    """Value and gradient of EXPRESSION, exact to rounding, in 64-bit floats.

    \b
    diffkit grad "2*dot(x, x)" --at "x=[0,1,2,3]"
    diffkit grad "sum((X @ w - y)^2)" --at X=@X.csv --at w=[0,0] --at y=@y.csv --wrt w
    diffkit grad --file model.py:loss --at "x=[1, 2]" --hessian

    An expression has numbers, names, lists, + - * / @ ^ (also **), comparisons, .T, indices such as
    x[1:3, -1], and calls such as exp(x), sum(x, dim=0), norm(x), where(x > 0, x, 0). The result must be a
    scalar. A function from a file may use all of Python; it gets its arguments by name, as tensors.
    """
    if (expression is None) == (file is None):
        raise click.UsageError("give either an expression or --file MODEL.PY:NAME")
    values = dict(_assignment(text) for text in at)
    if len(values) < len(at):
        raise click.UsageError("a name was given twice with --at: give each name once")
    if file is not None:
        function, names, label = _from_file(file, values)
    else:
        function, names, label = _from_expression(str(expression), values)
    for name in wrt:
        if name not in names:
            raise click.UsageError(f"--wrt {name}: no such name here, known are {', '.join(names) or 'none'}")
    _report(function, values, list(dict.fromkeys(wrt)) or names, hessian, label, output)


def _assignment(text: str) -> tuple[str, Any]:
    match = re.fullmatch(r"\s*([^\W\d]\w*)\s*=(.*)", text, re.DOTALL)
    if match is None:
        raise click.UsageError(f"--at {text[:60]!r}: write NAME=VALUE, such as --at x=[1,2]")
    return match[1], parse_array(match[2].strip())


def _from_expression(text: str, values: Mapping[str, Any]) -> tuple[Function, list[str], str]:
    from diffkit_cli.expression import parse

    expression = parse(text)
    missing = [name for name in expression.names if name not in values]
    if missing:
        raise click.UsageError(f"no value for {', '.join(missing)}: add --at {missing[0]}=VALUE")
    unused = [name for name in values if name not in expression.names]
    if unused:
        raise click.UsageError(f"--at {unused[0]}: the expression has no variable of that name")
    return lambda **tensors: expression.evaluate(tensors), list(expression.names), text


def _from_file(location: str, values: Mapping[str, Any]) -> tuple[Function, list[str], str]:
    """The function `NAME` of `MODEL.PY:NAME`, wrapped so that its errors name their line."""
    import importlib.util

    path, colon, name = location.rpartition(":")
    if not colon or not name.isidentifier():
        raise click.UsageError(f"--file {location!r}: write MODEL.PY:NAME, such as model.py:loss")
    if not Path(path).is_file():
        raise CommandError(f"no file {path!r}", ExitCode.NOT_FOUND, fix="check the path")
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    if spec is None or spec.loader is None:
        raise click.UsageError(f"--file {path!r}: not a Python file, its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(Path(path).resolve().parent))  # so that it can import its neighbours
    _guarded(spec.origin, spec.loader.exec_module, module)
    function = getattr(module, name, None)
    if not callable(function):
        raise CommandError(f"{path} defines no function {name!r}", ExitCode.NOT_FOUND, fix="check the name")
    try:
        inspect.signature(function).bind(**values)
    except TypeError as error:
        raise click.UsageError(
            f"{name}{inspect.signature(function)}: {error}; pass arguments with --at"
        ) from None
    return lambda **tensors: _guarded(spec.origin, function, **tensors), list(values), location


def _guarded(path: str | None, run: Function, *args: Any, **kwargs: Any) -> Any:
    """Call the user's code; an exception becomes one line with the last place inside the user's file."""
    try:
        return run(*args, **kwargs)
    except SyntaxError as error:
        raise CommandError(f"{error.filename}:{error.lineno}: {error.msg}", fix="mend the file") from error
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
        place = f"{path}:{frames[-1].lineno} in {frames[-1].name}" if frames else str(path)
        text = one_line(error)
        kind = type(error).__name__
        raise CommandError(f"{place}: {kind}: {text}" if text != kind else f"{place}: {kind}") from error


def _report(
    function: Function,
    values: Mapping[str, Any],
    wrt: Sequence[str],
    hessian: bool,
    label: str,
    output: Output,
) -> None:
    import diffkit

    tensors = {name: diffkit.tensor(value, dtype=diffkit.float64) for name, value in values.items()}
    for name in wrt:
        tensors[name].requires_grad_(True)
    value = _scalar(function(**tensors))
    if value.requires_grad:
        value.backward()
    gradients = {
        name: diffkit.zeros_like(tensors[name]) if (grad := tensors[name].grad) is None else grad
        for name in wrt
    }
    rows: list[tuple[str, str, object]] = [("value", "[]", value.item())]
    rows += [(f"d/d{name}", str(list(g.shape)), _plain(g)) for name, g in gradients.items()]
    document: dict[str, object] = {"function": label, "value": value.item(), "gradient": gradients}
    if hessian:
        second = _hessian(function, tensors, wrt)
        document["hessian"] = second
        rows += [
            (f"d2/d{a} d{b}", str(list(block.shape)), _plain(block))
            for a, blocks in second.items()
            for b, block in blocks.items()
        ]
    document = {key: _detached(item) for key, item in document.items()}
    output.emit(document, Table(["quantity", "shape", "value"], rows))


def _scalar(value: Any) -> Any:
    import diffkit

    if not isinstance(value, diffkit.Tensor):
        kind = type(value).__name__
        raise CommandError(
            f"the function returned {kind}, not a tensor", fix="compute with its tensor arguments"
        )
    if value.numel() != 1 or not value.dtype.is_floating_point:
        shape = list(value.shape)
        message = f"the result has shape {shape} and dtype {value.dtype}; a gradient needs one real number"
        raise CommandError(message, fix="put sum(...) or mean(...) around it")
    return value.reshape(())


def _hessian(function: Function, tensors: Mapping[str, Any], wrt: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Blocks of second derivatives: `[a][b]` has the shape of a, then the shape of b."""
    import diffkit

    fixed = {name: tensor.detach() for name, tensor in tensors.items()}

    def of(*arguments: Any) -> Any:
        return _scalar(function(**{**fixed, **dict(zip(wrt, arguments, strict=True))}))

    blocks = diffkit.hessian(of, argnums=tuple(range(len(wrt))))(*(fixed[name] for name in wrt))
    return {a: dict(zip(wrt, row, strict=True)) for a, row in zip(wrt, blocks, strict=True)}


def _detached(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _detached(value) for key, value in item.items()}
    return item.detach().numpy() if hasattr(item, "detach") else item


def _plain(tensor: Any) -> object:
    """Nested lists in which a whole number is written without its `.0`."""

    def shorten(item: Any) -> Any:
        if isinstance(item, list):
            return [shorten(part) for part in item]
        return int(item) if item.is_integer() and abs(item) < 1e15 else item

    return shorten(tensor.detach().numpy().tolist())
