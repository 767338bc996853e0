"""Run by the durability tests in processes of their own: one kind of write again and again, each told of."""

from __future__ import annotations

import itertools
import os
import shutil
from multiprocessing.connection import Connection
from pathlib import Path

import sqlite_utils.migrations  # noqa: F401  # what a migration imports

from diffkit_papers import keeping, library, reading, store
from diffkit_papers.database import session
from diffkit_papers.records import Author, NewPaper, Source

IMPORTED = 50  # papers in one import
LARGE = 2000  # papers that fill a new log


def work(kind: str, database: Path, name: str, told: Connection) -> None:
    """Write until killed; `told` hears "ready" first, and the name of each write once it is done."""
    os.setpriority(os.PRIO_PROCESS, 0, 19) if hasattr(os, "setpriority") else None
    steps = {"add": _add, "pass": _pass, "import": _import, "migrate": _migrate, "restore": _restore}
    step = (steps | {"attach": _attach, "fill": _fill})[kind]
    told.send_bytes(b"ready")
    for number in itertools.count():
        write = f"{name}-{number}"
        step(database, write)
        told.send_bytes(write.encode())


def write_some(database: Path, name: str, count: int, told: Connection) -> None:
    """Add `count` papers, each in a session of its own."""
    for number in range(count):
        _add(database, f"{name}-{number}")
        told.send_bytes(f"{name}-{number}".encode())
    told.send_bytes(b"done")


def _add(database: Path, write: str) -> None:
    with session(database, create=True) as db:
        store.add(db, [NewPaper(title=write.replace("-", " of "), key=write, tags=("t",))])


def _pass(database: Path, write: str) -> None:
    with session(database) as db:
        reading.record(db, "read", 1, {"fit": write, "context": write}, 1.0)


def _import(database: Path, write: str) -> None:
    source = Source("bibtex", "key", "@misc{key}", {"title": "x"})
    papers = [
        NewPaper(f"{write.replace('-', ' of ')} of {n}", (Author("Li"),), source=source, tags=(write,))
        for n in range(IMPORTED)
    ]
    with session(database) as db:
        store.add(db, papers)


def _fill(folder: Path, write: str) -> None:
    """A log of its own, with more in one transaction than its cache holds."""
    papers = [
        NewPaper(f"Paper {n}", (Author("Li"),), source=Source("bibtex", f"k{n}", f"{n:040000}", {}))
        for n in range(LARGE)
    ]
    with session(folder / f"{write}.db", create=True) as db:
        store.add(db, papers)


def _attach(database: Path, write: str) -> None:
    """A file of about a megabyte joins the library folder."""
    file = database.with_name(f"{write}.pdf")
    file.write_bytes(write.encode() * 100_000)
    with session(database) as db:
        library.attach(db, "read", [file])
    file.unlink()


def _migrate(database: Path, write: str) -> None:
    """A database of the first version, whose content is beside it, is opened."""
    fresh = database.with_name(f"{write}.db")
    partial = database.with_name(f"{write}.partial")
    shutil.copy(database, partial)
    partial.replace(fresh)
    with session(fresh) as db:
        store.find(db, "vaswani2017attention")


def _restore(database: Path, write: str) -> None:
    """Two copies are put back in turns."""
    copies = sorted(database.parent.glob("copy*.db"))
    keeping.restore(database, copies[int(write.rpartition("-")[2]) % len(copies)])
