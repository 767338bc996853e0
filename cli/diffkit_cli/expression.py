"""Expressions such as `2*dot(x, x) + sum(exp(-A @ x))`: read without `eval`, bounded in size and depth.

Precedence, loosest first: comparisons; `+ -`; `* / @`; unary `+ -`; `^` or `**` (to the right, so `2^3^2` is
`2^9`); `.T`, `x[...]` and calls. Every number is a 64-bit float. The result of `parse` is a postfix program,
so neither a long sum nor its evaluation recurses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from diffkit_cli.errors import CommandError, ExitCode, one_line
from diffkit_cli.functions import CONSTANTS, FUNCTIONS, resolve, result_size

MAX_TEXT = 10_000
MAX_DEPTH = 100
MAX_NODES = 10_000
MAX_ELEMENTS = 10_000_000  # in one result
MAX_TOTAL_ELEMENTS = 100_000_000  # in all results of one evaluation

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<symbol>\*\*|<=|>=|==|!=|\.\.\.|[-+*/^@()\[\],:=<>.])"
)
# operator -> binding power; all of these group to the left
_BINARY = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 1),
    **dict.fromkeys(("+", "-"), 2),
    **dict.fromkeys(("*", "/", "@"), 3),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: take `arity` values off the stack, push the result of `kind` applied to them."""

    kind: str  # "number" "name" "unary" "binary" "call" "list" "transpose" "index"
    value: Any
    arity: int
    position: int
    extra: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Expression:
    """A parsed expression. `names` are its variables in order of appearance."""

    text: str
    program: tuple[Step, ...]
    names: tuple[str, ...]

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The value, computed with diffkit's tensors; `values` gives a tensor for each name."""
        stack: list[Any] = []
        total = 0
        for step in self.program:
            operands = stack[len(stack) - step.arity :]
            del stack[len(stack) - step.arity :]
            size = result_size(step.kind, step.value, [tuple(operand.shape) for operand in operands])
            total += size
            if size > MAX_ELEMENTS or total > MAX_TOTAL_ELEMENTS:
                limit = MAX_ELEMENTS if size > MAX_ELEMENTS else MAX_TOTAL_ELEMENTS
                _fail(self.text, step.position, f"more than {limit} elements are too many", ExitCode.BAD_DATA)
            try:
                stack.append(_apply(step, operands, values))
            except CommandError:
                raise
            except Exception as error:
                _fail(self.text, step.position, one_line(error), ExitCode.BAD_DATA)
        return stack[0]


def parse(text: str) -> Expression:
    """Read an expression; a mistake raises `CommandError` with a caret below the place."""
    if len(text) > MAX_TEXT:
        raise CommandError(
            f"the expression has {len(text)} characters, at most {MAX_TEXT} are read",
            ExitCode.USAGE,
            fix="put it into a file and use --file",
        )
    parser = _Parser(text)
    parser.expression(0, 0)
    if parser.kind != "end":
        parser.fail(f"unexpected {parser.token!r}")
    names = dict.fromkeys(step.value for step in parser.program if step.kind == "name")
    return Expression(text, tuple(parser.program), tuple(names))


class _Parser:
    """Precedence climbing over a list of tokens; appends steps to `program` in postfix order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.program: list[Step] = []
        self.tokens: list[tuple[str, str, int]] = []
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                _fail(text, position, f"unexpected character {text[position]!r}")
            if match.lastgroup != "space":
                self.tokens.append((str(match.lastgroup), match[0], position))
            position = match.end()
        self.tokens.append(("end", "end", len(text)))
        self.index = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.index][0]

    @property
    def token(self) -> str:
        return self.tokens[self.index][1]

    @property
    def position(self) -> int:
        return self.tokens[self.index][2]

    def fail(self, message: str, position: int | None = None) -> NoReturn:
        _fail(self.text, self.position if position is None else position, message)

    def at(self, *symbols: str) -> bool:
        return self.kind == "symbol" and self.token in symbols

    def take(self) -> str:
        token = self.token
        self.index += 1
        return token

    def expect(self, symbol: str, why: str) -> None:
        if not self.at(symbol):
            found = "the end" if self.kind == "end" else repr(self.token)
            self.fail(f"expected {symbol!r} {why}, found {found}")
        self.index += 1

    def emit(
        self,
        kind: str,
        value: Any,
        arity: int,
        position: int,
        extra: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
    ) -> None:
        if len(self.program) >= MAX_NODES:
            self.fail(f"more than {MAX_NODES} terms", position)
        self.program.append(Step(kind, value, arity, position, tuple(extra), options or {}))

    def expression(self, power: int, depth: int) -> None:
        """One operand, then every following operator that binds tighter than `power`."""
        if depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep")
        self.operand(depth)
        while self.kind == "symbol" and _BINARY.get(self.token, 0) > power:
            operator, position = self.token, self.position
            self.index += 1
            self.expression(_BINARY[operator], depth + 1)
            self.emit("binary", operator, 2, position)
            if _BINARY[operator] == 1 and self.kind == "symbol" and _BINARY.get(self.token) == 1:
                self.fail("comparisons cannot be chained: put brackets around one")

    def operand(self, depth: int) -> None:
        """A signed operand, or a postfix operand with its power: `-x^2` is `-(x^2)`, `2^-1` is one half."""
        if depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep")
        if self.at("+", "-"):
            position = self.position
            operator = self.take()
            self.operand(depth + 1)
            self.emit("unary", operator, 1, position)
            return
        self.primary(depth)
        if self.at("^", "**"):
            position = self.position
            self.index += 1
            self.operand(depth + 1)
            self.emit("binary", "^", 2, position)

    def primary(self, depth: int) -> None:
        position = self.position
        if self.kind == "number":
            value = float(self.take())
            if math.isinf(value):
                self.fail("the number is too large for a 64-bit float", position)
            self.emit("number", value, 0, position)
        elif self.kind == "name":
            self.named(depth)
        elif self.at("("):
            self.index += 1
            self.expression(0, depth + 1)
            self.expect(")", "to close the bracket")
        elif self.at("["):
            self.index += 1
            self.emit("list", None, self.arguments("]", depth), position)
        elif self.kind == "end":
            self.fail("a value is missing at the end")
        else:
            self.fail(f"a value is missing before {self.token!r}")
        while self.at(".", "["):
            position = self.position
            if self.take() == "[":
                self.emit("index", None, 1, position, self.indices())
            elif self.kind == "name" and self.token == "T":
                self.index += 1
                self.emit("transpose", None, 1, position)
            else:
                self.fail("only .T may follow a dot; write sum(x) rather than x.sum()", position)

    def named(self, depth: int) -> None:
        """A variable, a constant, or a call of a function of the list."""
        position = self.position
        name = self.take()
        if not self.at("("):
            if name in CONSTANTS:
                self.emit("number", CONSTANTS[name], 0, position)
            elif name in FUNCTIONS:
                self.fail(f"{name} is a function: write {name}(...)", position)
            else:
                self.emit("name", name, 0, position)
            return
        if name not in FUNCTIONS:
            import difflib

            close = difflib.get_close_matches(name, FUNCTIONS, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(FUNCTIONS))}"
            self.fail(f"no function {name!r}; {hint}", position)
        self.index += 1
        tensors = FUNCTIONS[name].tensors
        count, extra, options = 0, [], {}
        while not self.at(")"):
            if self.kind == "name" and self.tokens[self.index + 1][1] == "=":
                option = self.take()
                self.index += 1
                options[option] = self.literal(depth)
            elif options:
                self.fail("a plain argument cannot follow a named one")
            elif count < tensors:
                self.expression(0, depth + 1)
                count += 1
            else:
                extra.append(self.literal(depth))
            if not self.at(")"):
                self.expect(",", f"or ')' in the arguments of {name}")
        if count < tensors:
            self.fail(f"{name} takes {tensors} arguments, {count} given", position)
        self.index += 1
        self.emit("call", name, count, position, extra, options)

    def arguments(self, close: str, depth: int) -> int:
        count = 0
        while not self.at(close):
            self.expression(0, depth + 1)
            count += 1
            if not self.at(close):
                self.expect(",", f"or {close!r} in the list")
        if not count:
            self.fail("the list is empty")
        self.index += 1
        return count

    def indices(self) -> list[Any]:
        """What stands between `[` and `]`: integers, slices and `...`."""
        items: list[Any] = []
        while not self.at("]"):
            items.append(self.subscript())
            if not self.at("]"):
                self.expect(",", "or ']' in the index")
        if not items:
            self.fail("the index is empty")
        self.index += 1
        return items

    def subscript(self) -> Any:
        if self.at("..."):
            self.index += 1
            return ...
        parts: list[int | None] = [None]
        while not self.at("]", ","):
            if self.at(":") and len(parts) < 3:
                self.index += 1
                parts.append(None)
            elif parts[-1] is None:
                parts[-1] = self.integer("an index")
            else:
                self.fail(f"unexpected {self.token!r} in an index")
        if len(parts) == 1:
            if parts[0] is None:
                self.fail("an index is missing")
            return parts[0]
        return slice(*parts)

    def integer(self, what: str) -> int:
        negative = self.at("-")
        self.index += negative
        if self.kind != "number" or not self.token.isdigit() or len(self.token) > 18:
            self.fail(f"{what} must be an integer written as digits")
        value = int(self.take())
        return -value if negative else value

    def literal(self, depth: int) -> Any:
        """An argument that is no tensor: a number, True, False, None, inf or a tuple of integers."""
        words = {"True": True, "False": False, "None": None, "inf": math.inf}
        if self.kind == "name":
            if self.token not in words:
                self.fail("this argument must be a number, True, False, None, inf or (1, 2)")
            return words[self.take()]
        if self.at("(", "["):
            close = ")" if self.take() == "(" else "]"
            items = []
            while not self.at(close):
                items.append(self.integer("an item of this argument"))
                if not self.at(close):
                    self.expect(",", f"or {close!r} in the argument")
            self.index += 1
            return tuple(items)
        negative = self.at("-")
        self.index += negative
        if self.kind != "number":
            self.fail("this argument must be a number, True, False, None, inf or (1, 2)")
        token = self.take()
        value = int(token) if token.isdigit() and len(token) <= 18 else float(token)
        return -value if negative else value


def _apply(step: Step, operands: list[Any], values: Mapping[str, Any]) -> Any:
    import diffkit

    match step.kind:
        case "number":
            return diffkit.tensor(step.value, dtype=diffkit.float64)
        case "name":
            return values[step.value]
        case "list":
            return diffkit.stack(operands)
        case "transpose":
            return operands[0].T
        case "index":
            return operands[0][step.extra]
        case "unary":
            return -operands[0] if step.value == "-" else operands[0]
        case "binary":
            return _binary(step.value, *operands)
    return resolve(step.value)(*operands, *step.extra, **step.options)


def _binary(operator: str, x: Any, y: Any) -> Any:
    match operator:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "/":
            return x / y
        case "@":
            return x @ y
        case "^":
            return x**y
        case "<":
            return x < y
        case "<=":
            return x <= y
        case ">":
            return x > y
        case ">=":
            return x >= y
        case "==":
            return x == y
    return x != y


def _fail(text: str, position: int, message: str, code: ExitCode = ExitCode.USAGE) -> NoReturn:
    """Raise with the part of `text` around `position` and a caret below it."""
    start = max(0, position - 40)
    window = "".join(c if c.isprintable() else " " for c in text[start : position + 40])
    detail = f"  {window}\n  {' ' * (position - start)}^"
    raise CommandError(f"in the expression, column {position + 1}: {message}", code, detail=detail)
