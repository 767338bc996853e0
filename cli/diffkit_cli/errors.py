"""Exit codes, and the exception with which a command stops: one line that says what is wrong and the fix."""

from __future__ import annotations

import contextlib
import os
import sys
from enum import IntEnum
from typing import IO, Any

import click


class ExitCode(IntEnum):
    """What the exit status of `diffkit` means; every command keeps to it."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    BAD_DATA = 3
    NOT_FOUND = 4
    DATABASE = 5
    INTERNAL = 70  # a defect of diffkit or of a plugin; DIFFKIT_TRACEBACK=1 shows where
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class CommandError(click.ClickException):
    """Stop the command: `message` says what is wrong, `fix` what to do, `code` is the exit status.

    `detail` is for what cannot be said in a line, such as an expression with a caret below it.
    """

    def __init__(
        self, message: str, code: ExitCode = ExitCode.BAD_DATA, *, fix: str = "", detail: str = ""
    ) -> None:
        super().__init__(message)
        self.exit_code = int(code)  # type: ignore[misc]  # click reads it from the instance
        self.fix = fix
        self.detail = detail

    def format_message(self) -> str:
        return error_line(self.message, self.fix)

    def show(self, file: IO[Any] | None = None) -> None:
        tell(f"error: {self.format_message()}", file)
        if self.detail:
            tell(self.detail, file)


def error_line(message: str, fix: str = "") -> str:
    """`message` and `fix` joined on one line, whatever line breaks or control characters they held."""
    if fix:
        message = message.rstrip(". ")
        message += f" {fix}" if message.endswith("?") else f"; {fix}"
    return "".join(c if c.isprintable() else " " for c in " ".join(message.split()))


def one_line(error: BaseException) -> str:
    """The first line of an exception's own text, or its class when it has none."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def tell(text: str, file: IO[Any] | None = None) -> None:
    """Print a line on stderr, which on a terminal is broken between words.

    Where stderr is full nobody hears it, but what the command did counts.
    """
    if file is None and "\n" not in text and sys.stderr is not None and sys.stderr.isatty():
        from diffkit_cli.output import folded

        text = folded(text)
    try:
        click.echo(text, file=file, err=file is None)
    except OSError:
        silence(file or sys.stderr)


def silence(stream: IO[Any]) -> None:
    """Point a stream at nothing, so that the flush at exit does not fail once more."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
