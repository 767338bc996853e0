"""Datasette on one database, for this machine alone."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm

from diffkit_papers.browse import plugin
from diffkit_papers.browse.metadata import HOST, NAME, STATIC, metadata
from diffkit_papers.database import at_rest, connection, explained

if TYPE_CHECKING:
    from _typeshed import StrPath

HERE = Path(__file__).parent
SETTINGS = {
    "allow_download": False,
    "default_facet_size": 6,
    "default_page_size": 50,
    "num_sql_threads": 2,
    "sql_time_limit_ms": 5000,
    "suggest_facets": False,
    "truncate_cells_html": 0,  # a long note is shown to its end
}


def application(path: StrPath) -> Datasette:
    """Datasette on the log at `path`, which it cannot write to."""
    if not pm.is_registered(plugin):
        pm.register(plugin)
    if errors := pm.get_plugin("datasette.handle_exception"):
        errors.rich = None  # with it an address that is not there prints hundreds of lines on the terminal
    datasette = Datasette(
        [],
        metadata=metadata(),
        settings=SETTINGS,
        template_dir=str(HERE / "templates"),
        static_mounts=[(STATIC, str(HERE / "static"))],
    )
    datasette.remove_database("_memory")  # it stands for files when there are none
    log = Database(datasette, path=str(path), is_mutable=not at_rest(path))
    datasette.add_database(log, name=NAME)
    return datasette


def _check_shared(path: StrPath) -> None:
    """Open the log as Datasette will: by memory that connections share, for which a full disk has no room."""
    if at_rest(path):
        return
    try:
        with closing(connection(path, "mode=ro")) as db:
            db.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        raise explained(error, path) from error


def serve(path: StrPath, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready(address)` is called when the port is ours.

    Raises `OSError`, and `DatabaseProblem` for a log that several connections cannot read at once.
    """
    _check_shared(path)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
        ready(f"http://{HOST}:{listener.getsockname()[1]}/{NAME}")
        config = uvicorn.Config(application(path).app(), log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])
