"""What this package adds to Datasette: functions for its queries, links from keys, and a look at who asks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import AsgiFileDownload
from markupsafe import Markup, escape

from diffkit_papers.browse.metadata import HOST, LINKED, NAME
from diffkit_papers.database import session
from diffkit_papers.errors import BadQuery, PaperError
from diffkit_papers.library import open_file
from diffkit_papers.query import Term, full_text
from diffkit_papers.records import Author
from diffkit_papers.views import short_authors

Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """What the queries that are kept ready need beyond SQL."""
    conn.create_function("full_text", 1, words_to_match, deterministic=True)
    conn.create_function("short_names", 1, lambda text: short_authors(_authors(text)), deterministic=True)
    conn.create_function("full_names", 1, full_names, deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., object]]]:
    """The log is the first page: there is nothing else. And the files of papers."""
    return [("^/$", lambda: Response.redirect(f"/{NAME}")), ("^/file$", kept_file)]


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(row: sqlite3.Row, value: object, column: str, table: str | None) -> str | None:
    """A key leads to its paper, a DOI to its publisher, and authors are names."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str):
        return None
    if column in ("key", "first"):
        return _link(value)
    if table is None and column == "text" and "what" in row.keys() and row["what"] in LINKED:  # noqa: SIM118
        key, _, title = value.partition(": ")
        return _link(key) + " " + title
    if column == "doi" or (table is None and column == "text" and row[0] == "DOI"):
        return Markup('<a href="https://doi.org/{}">{}</a>').format(quote(value), value)
    if column == "authors" and (table == "papers" or value.startswith('[{"')):
        return escape(full_names(value)) or Markup("&nbsp;")
    return None


def kept_file(request: Request, datasette: Datasette) -> AsgiFileDownload:
    """A file of a paper, by the key of the paper and which of its files it is."""
    database = Path(datasette.get_database(NAME).path)
    number = request.args.get("number") or "1"
    try:
        with session(database) as db:
            found = open_file(db, request.args.get("key") or "", int(number) if number.isdecimal() else 0)
    except PaperError as error:
        raise NotFound(error.message) from error
    shown = found["path"].endswith(".pdf")
    how = "inline" if shown else "attachment"
    headers = {
        "content-disposition": f"{how}; filename*=UTF-8''{quote(found['name'])}",
        "x-content-type-options": "nosniff",  # a page that was kept must not run here: it could read the log
    }
    kind = "application/pdf" if shown else "application/octet-stream"
    return AsgiFileDownload(found["path"], content_type=kind, headers=headers)


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper() -> Callable[[App], App]:
    """Only pages that were asked for by the address of this machine.

    A page elsewhere may give its own name this address, and would read the log through it.
    """
    return this_machine_only


def full_names(authors: str) -> str:
    """Names out of the JSON of the log."""
    return ", ".join(map(str, _authors(authors)))


def words_to_match(words: str | None) -> str:
    """Words as the full-text search wants them; nothing matches when there are none."""
    try:
        return " ".join(full_text(Term("", word)) for word in (words or "").split()) or '""'
    except BadQuery:
        return '""'


def _authors(text: str) -> list[Author]:
    return [Author(**author) for author in json.loads(text)]


def _link(key: str) -> Markup:
    return Markup('<a href="/{}/paper?{}">{}</a>').format(NAME, urlencode({"key": key}), key)


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
