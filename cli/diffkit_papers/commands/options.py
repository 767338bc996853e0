"""Options that many commands of the log share."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from diffkit_cli.errors import CommandError, ExitCode
from diffkit_papers.schema import default_path

Command = TypeVar("Command", bound=Callable[..., Any])


def database_option(command: Command) -> Command:
    """`--db`, or `DIFFKIT_DB`: the command receives `database: str`."""
    option = click.option(
        "--db",
        "database",
        type=click.Path(path_type=str, readable=False),  # what cannot be read is told of as a database
        envvar="DIFFKIT_DB",
        default=default_path,
        callback=_with_home,
        show_default="papers.db in your data folder",
        show_envvar=True,
        help="The database file.",
    )
    return option(command)


def _with_home(ctx: click.Context, param: click.Parameter, path: str) -> str:
    found = os.path.expanduser(path)
    if found.startswith("~"):
        raise click.BadParameter(f"nobody's home is {path.partition(os.sep)[0]}", ctx, param)
    return found


def nothing_found(db: sqlite3.Connection, database: str) -> str:
    """Why there is no paper to show."""
    if db.execute("SELECT 1 FROM papers LIMIT 1").fetchone():
        return "no paper matches"
    return f"no papers yet in {database}; add some with: diffkit paper add"


@contextmanager
def needs(package: str, extra: str) -> Iterator[None]:
    """Around imports of a package that only an extra installs: without it one line tells how to get it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
        message = f"this needs the package {package}, which is not installed"
        fix = f"run: pip install 'diffkit-cli[{extra}]'"
        raise CommandError(message, ExitCode.NOT_FOUND, fix=fix) from None
