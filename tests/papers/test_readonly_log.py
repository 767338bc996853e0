"""A log that can be read and not written: in a closed folder, on a read-only mount, on a full disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
import pytest
from click.testing import Result

from diffkit_papers.commands import paper

Run = Callable[..., Result]

KEY = "vaswani2017attention"
ATTENTION = ("add", "--title", "Attention is all you need", "--author", "Ashish Vaswani", "--year", "2017")
WRITES = (ATTENTION, ("note", KEY, "see page 3"))
READS = (("list",), ("search", "attention"), ("show", KEY), ("stats",), ("next",), ("doctor",))
CLOSED = ((0o555, 0o000), (0o000, 0o644))
UNSHARE = shutil.which("unshare")


@contextmanager
def as_root() -> Iterator[None]:
    """With the rights that `closed_folder` gave up, if there were any."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    yield
    os.seteuid(user)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder in which nothing can be created. Root may write anywhere, so it gives that up meanwhile."""
    for arguments in (*WRITES, *READS):  # their modules may lie where only root reads
        assert paper.get_command(click.Context(paper), arguments[0])
    with tempfile.TemporaryDirectory() as outer:
        folder = Path(outer) / "closed"
        folder.mkdir()
        for path in (folder, Path(outer)):
            path.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield folder
        if root:
            os.seteuid(0)
        Path(outer).chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_folder_without_permission(run: Run, closed_folder: Path) -> None:
    for database in (closed_folder / "papers.db", closed_folder / "deeper" / "papers.db"):
        result = run(*ATTENTION, "--db", str(database))
        assert result.exit_code == 5
        assert str(database) in result.stderr
        assert "choose another place with --db or DIFFKIT_DB" in result.stderr
    assert list(closed_folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("modes", "arguments"),
    [((0o555, 0o444), arguments) for arguments in WRITES]
    + [(modes, arguments) for modes in CLOSED for arguments in (*WRITES, *READS)],
)
def test_a_log_that_may_not_be_used(
    run: Run, closed_folder: Path, modes: tuple[int, int], arguments: tuple[str, ...]
) -> None:
    database = closed_folder / "papers.db"
    with as_root():
        closed_folder.chmod(0o755)
        run(*ATTENTION, "--db", str(database))
        before = database.read_bytes()
        database.chmod(modes[1])
        closed_folder.chmod(modes[0])
    result = run(*arguments, "--db", str(database))
    assert result.exit_code == 5
    assert result.stderr.count("\n") == 1
    assert str(database) in result.stderr
    with as_root():
        closed_folder.chmod(0o755)
        database.chmod(0o644)
        assert database.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("file_mode", [0o444, 0o666])
def test_a_log_in_a_folder_that_may_not_be_written_is_read(
    run: Run, closed_folder: Path, tmp_path: Path, file_mode: int
) -> None:
    database = closed_folder / "papers.db"
    with as_root():
        closed_folder.chmod(0o755)
        run(*ATTENTION, "--db", str(database))
        database.chmod(file_mode)
        (closed_folder / "papers.db.keys").unlink()
        closed_folder.chmod(0o555)
    for arguments in READS:
        result = run(*arguments, "--db", str(database))
        assert result.exit_code == 0, (arguments, result.stderr)
        assert arguments in (("stats",), ("doctor",)) or KEY in result.stdout
    copy = Path(tempfile.gettempdir()) / f"{tmp_path.name}.db"
    assert run("backup", str(copy), "--db", str(database)).exit_code == 0
    with as_root():
        assert run("list", "--db", str(copy)).stdout == run("list", "--db", str(database)).stdout
        copy.unlink()
        assert [path.name for path in closed_folder.iterdir()] == ["papers.db"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_writes_that_are_not_in_the_file_yet_are_not_passed_over(run: Run, closed_folder: Path) -> None:
    """A copy with its -wal file and without the -shm file: to read the file alone would show an older log."""
    database = closed_folder / "papers.db"
    with as_root():
        closed_folder.chmod(0o755)
        original = closed_folder / "original.db"
        run(*ATTENTION, "--db", str(original))
        with closing(sqlite3.connect(original)) as held:  # the last one that closes it would finish it
            held.execute("SELECT * FROM papers").fetchall()
            run("note", KEY, "not yet in the file", "--db", str(original))
            for suffix in ("", "-wal"):
                shutil.copy(f"{original}{suffix}", f"{database}{suffix}")
        closed_folder.chmod(0o555)
    result = run("list", "--db", str(database))
    assert (result.exit_code, result.stderr.count("\n")) == (5, 1)
    assert "copy it with the -wal file beside it to a folder of yours" in result.stderr
    with as_root():
        closed_folder.chmod(0o755)
        shutil.copy(f"{original}-shm" if Path(f"{original}-shm").exists() else os.devnull, f"{database}-shm")
        closed_folder.chmod(0o555)
    assert "not yet in the file" in run("show", KEY, "--db", str(database)).stdout


SCRIPT = """
import os, subprocess, sys
from pathlib import Path

reads, writes, full, folder = eval(sys.argv[1])
def paper(*arguments):
    command = [sys.executable, "-c", "from diffkit_cli.main import main; main()", "paper", *arguments]
    return subprocess.run(command, capture_output=True, text=True)

def mount(*options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", folder], check=True)

mount("size=2m")
os.environ["DIFFKIT_DB"] = f"{folder}/papers.db"
assert paper(*writes[0]).returncode == 0
if full:
    try:
        with open(f"{folder}/fill", "wb", buffering=0) as file:
            while file.write(bytes(4096)): pass
    except OSError: pass
else:
    mount("remount", "ro")
for arguments in reads:
    result = paper(*arguments)
    assert (result.returncode, result.stdout.count("\\n") > 1) == (0, True), (arguments, result)
for arguments in writes:
    result = paper(*arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\\n")) == (5, "", 1), (arguments, result)
    assert not full or "no space left for the database" in result.stderr, result
if full:
    result = paper("browse", "--port", "0")
    assert (result.returncode, result.stdout, result.stderr.count("\\n")) == (5, "", 1), result
    assert "no space left for the database" in result.stderr, result
"""


@pytest.mark.skipif(
    UNSHARE is None, reason="no unshare on this machine, which gives a process mounts of its own"
)
@pytest.mark.parametrize("full", [True, False])
def test_a_log_on_a_full_disk_or_a_read_only_one_is_read(tmp_path: Path, full: bool) -> None:
    own = [UNSHARE or "", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*own, "mount", "-t", "tmpfs", "none", tmp_path], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a folder in memory")
    arguments = repr((READS, WRITES, full, str(tmp_path)))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [*own, sys.executable, "-c", SCRIPT, arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
