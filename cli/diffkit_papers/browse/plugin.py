"""What this package adds to Datasette: a search function, links from keys, and a look at who asks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from datasette import hookimpl
from markupsafe import Markup, escape

from diffkit_papers.browse.metadata import HOST, NAME
from diffkit_papers.errors import BadQuery
from diffkit_papers.query import Term, full_text
from diffkit_papers.records import Author

Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """`full_text(words)` for the search that is kept ready."""
    conn.create_function("full_text", 1, words_to_match, deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: object, column: str, table: str | None) -> str | None:
    """A key leads to its paper, and authors are names."""
    if column in ("key", "first") and isinstance(value, str):
        return Markup('<a href="/{}/paper?{}">{}</a>').format(NAME, urlencode({"key": value}), value)
    if column == "authors" and table == "papers" and isinstance(value, str):
        return escape(", ".join(str(Author(**author)) for author in json.loads(value)))
    return None


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper() -> Callable[[App], App]:
    """Only pages that were asked for by the address of this machine.

    A page elsewhere may give its own name this address, and would read the log through it.
    """
    return this_machine_only


def words_to_match(words: str | None) -> str:
    """Words as the full-text search wants them; nothing matches when there are none."""
    try:
        return " ".join(full_text(Term("", word)) for word in (words or "").split()) or '""'
    except BadQuery:
        return '""'


def this_machine_only(app: App) -> App:
    """Wrap an ASGI application."""

    async def wrapped(scope: Scope, receive: Any, send: Any) -> None:
        hosts = [value.decode("latin1") for name, value in scope.get("headers", ()) if name == b"host"]
        names = {host.rsplit(":", 1)[0] for host in hosts}
        if scope["type"] != "http" or names <= {HOST, "localhost"}:
            await app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": f"ask for http://{HOST}\n".encode()})

    return wrapped
