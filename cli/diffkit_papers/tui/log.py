"""The database as a screen sees it: opened for one call, and what is wrong with it shown as a message."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from diffkit_papers.database import session
from diffkit_papers.errors import PaperError

if TYPE_CHECKING:
    from _typeshed import StrPath
    from textual.app import App

Result = TypeVar("Result")


class Log:
    """The log of one running program."""

    def __init__(self, path: StrPath, app: App[None]) -> None:
        self.path = path
        self.app = app

    def call(self, function: Callable[[sqlite3.Connection], Result]) -> Result:
        """The result of a function on the open database. Raises `PaperError`."""
        with session(self.path) as db:
            return function(db)

    def ask(self, function: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """The same, or None when there was an error, which is shown."""
        try:
            return self.call(function)
        except PaperError as error:
            self.show(error)
            return None

    def show(self, error: PaperError) -> None:
        """An error as a message that goes away by itself."""
        text = "; ".join(filter(None, [error.message, error.fix]))
        self.app.notify(text, severity="error", markup=False, timeout=10)
