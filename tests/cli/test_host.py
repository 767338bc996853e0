"""The host: plugins of strangers, broken ones, clashes, exit codes, and what it does not import."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from diffkit_cli.errors import CommandError, ExitCode
from diffkit_cli.host import GROUP, Host, cli, read_summary

Spawn = Callable[..., subprocess.CompletedProcess[str]]
Diffkit = Callable[..., Result]

PLUGIN = '''"""Greet someone, from another distribution."""
import click

@click.command()
@click.argument("who")
def hello(who):
    click.echo(f"hello {who}")
'''


def install(folder: Path, name: str, entry_points: str, **modules: str) -> Path:
    """What an installer leaves behind: modules and a dist-info folder."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entry_points}\n")
    for module, source in modules.items():
        (folder / f"{module}.py").write_text(source)
    return folder


def host_of(*values: str) -> Host:
    points = [EntryPoint(name, value, GROUP) for name, _, value in (text.partition(" = ") for text in values)]
    return Host(lambda: points, name="diffkit")


def test_help_lists_every_command_and_imports_none(spawn: Spawn, program: str) -> None:
    code = f"""
import atexit, sys
def report():
    heavy = {{"rich", "numpy", "sqlite3", "diffkit", "diffkit_papers", "diffkit_cli.grad"}}
    print("IMPORTED", sorted(heavy & set(sys.modules)))
atexit.register(report)
{program}"""
    result = spawn("--help", code=code)
    assert result.returncode == 0
    assert result.stderr == ""
    for name in ("grad", "sample", "stats", "data", "paper", "completion"):
        assert f"\n  {name} " in result.stdout
    assert "Value and gradient of an expression" in result.stdout
    assert "IMPORTED []" in result.stdout


def test_every_own_command_has_a_summary_and_help(diffkit: Diffkit) -> None:
    for name, points in cli.offers.items():
        if points[0].dist is not None and points[0].dist.name == "diffkit-cli":
            assert read_summary(points[0]), name
            result = diffkit(name, "--help")
            assert result.exit_code == 0
            assert "Usage: diffkit " + name in result.stdout


def test_a_strangers_distribution_adds_a_command(tmp_path: Path, spawn: Spawn) -> None:
    pytest.importorskip("hatchling")
    pytest.importorskip("pip")
    source = tmp_path / "source"
    source.mkdir()
    (source / "stranger.py").write_text(PLUGIN)
    (source / "pyproject.toml").write_text(
        f"""[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "stranger"
version = "1.0"
[project.entry-points."{GROUP}"]
hello = "stranger:hello"
"""
    )
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(target), str(source)], check=True, timeout=120)
    assert "hello       Greet someone, from another distribution." in spawn("--help", path=target).stdout
    result = spawn("hello", "world", path=target)
    assert (result.returncode, result.stdout, result.stderr) == (0, "hello world\n", "")


def test_the_host_works_without_the_reading_log(tmp_path: Path, spawn: Spawn) -> None:
    # the first distribution of a name wins, so this one hides the installed one and its entry point
    installed = importlib.metadata.distribution("diffkit-cli").entry_points.select(group=GROUP)
    rest = "\n".join(f"{point.name} = {point.value}" for point in installed if point.name != "paper")
    path = install(
        tmp_path / "site", "diffkit-cli", rest, diffkit_papers="raise ImportError('not installed')"
    )
    result = spawn("--help", path=path)
    assert result.returncode == 0
    assert result.stderr == ""
    assert "paper " not in result.stdout
    assert "grad " in result.stdout
    assert "{" in spawn("completion", "bash", path=path).stdout
    missing = spawn("paper", path=path)
    assert missing.returncode == ExitCode.USAGE
    assert "No such command 'paper'" in missing.stderr


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('bad day\\nsecond line')", "RuntimeError: bad day"),
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("import sys; sys.exit(9)", "SystemExit: 9"),
        ("hello = 3", "broken:hello is not a click command"),
        ("", "AttributeError"),
        ("def (", "SyntaxError"),
    ],
)
def test_a_broken_plugin_costs_one_line_and_not_the_tool(
    tmp_path: Path, spawn: Spawn, source: str, reason: str
) -> None:
    path = install(tmp_path / "site", "bad-dist", "hello = broken:hello", broken=source)
    assert spawn("--version", path=path).returncode == 0
    assert spawn("stats", "--help", path=path).stderr == ""
    result = spawn("hello", path=path)
    assert result.returncode == ExitCode.INTERNAL
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"error: command 'hello' of bad-dist cannot be loaded: {reason}")
    assert "uninstall bad-dist" in result.stderr


def test_a_plugin_without_its_module_is_one_warning_in_the_help(tmp_path: Path, spawn: Spawn) -> None:
    path = install(tmp_path / "site", "bad-dist", "hello = nowhere.at.all:hello")
    result = spawn("--help", path=path)
    assert result.returncode == 0
    assert result.stderr.count("\n") == 1
    assert "warning: command 'hello' of bad-dist" in result.stderr
    assert "grad " in result.stdout


def test_unreadable_metadata_is_one_warning(tmp_path: Path, spawn: Spawn) -> None:
    path = install(tmp_path / "site", "bad-dist", "this line has no equals sign")
    result = spawn("--help", path=path)
    assert result.returncode == 0
    assert result.stderr.count("\n") == 1
    assert "bad_dist" in result.stderr
    assert "grad " in result.stdout


def test_two_distributions_with_one_name_are_refused(tmp_path: Path, spawn: Spawn) -> None:
    path = install(tmp_path / "site", "first-dist", "grad = one:hello", one=PLUGIN)
    result = spawn("grad", "x", path=path)
    assert result.returncode == ExitCode.USAGE
    assert result.stderr.count("\n") == 1
    assert "first-dist (one:hello)" in result.stderr
    assert "diffkit-cli (diffkit_cli.grad:grad)" in result.stderr
    assert spawn("stats", "--help", path=path).returncode == 0
    listed = spawn("--help", path=path)
    assert listed.returncode == 0
    assert listed.stderr.count("\n") == 1


@pytest.mark.parametrize(("typed", "meant"), [("gard", "grad"), ("stat", "stats"), ("papers", "paper")])
def test_a_mistyped_command_is_suggested_and_not_run(diffkit: Diffkit, typed: str, meant: str) -> None:
    result = diffkit(typed, "--help")
    assert result.exit_code == ExitCode.USAGE
    assert f"'{meant}'" in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_summary_is_read_without_importing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    sources = {
        "#!/usr/bin/env python\n# comment\n\nr'''  One line.\n\nMore.'''\nraise SystemExit": "One line.",
        '"""Short."""\n': "Short.",
        "'short too'": "short too",
        "import os\n": "",
        '"""\n\n   Later line.\n"""': "Later line.",
        '"""Bad \x1b[31m colour."""': "Bad  [31m colour.",
    }
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit")
    for index, (source, summary) in enumerate(sources.items()):
        (package / f"m{index}.py").write_text(source)
        assert read_summary(EntryPoint("x", f"package.m{index}:f", GROUP)) == summary
    assert read_summary(EntryPoint("x", "package.missing:f", GROUP)) is None


class Raise(click.Command):
    """A command that raises what it is told to."""

    def __init__(self, error: BaseException) -> None:
        super().__init__("fail")
        self.error = error

    def invoke(self, ctx: click.Context) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (CommandError("bad cell.", fix="mend it"), 3, "error: bad cell; mend it\n"),
        (CommandError("gone", ExitCode.NOT_FOUND), 4, "error: gone\n"),
        (CommandError("failed", ExitCode.CHECK_FAILED), 1, "error: failed\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
        (click.UsageError("no"), 2, "error: no; see diffkit --help\n"),
        (click.FileError("x.csv", "hm"), 4, "error: Could not open file 'x.csv': hm\n"),
        (FileNotFoundError(2, "No such file", "x.csv"), 4, "error: x.csv: No such file\n"),
        (
            ZeroDivisionError("one\ntwo"),
            70,
            "error: unexpected ZeroDivisionError: one; set DIFFKIT_TRACEBACK=1 to see where\n",
        ),
    ],
)
def test_every_failure_is_one_line_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, text: str
) -> None:
    monkeypatch.delenv("DIFFKIT_TRACEBACK", raising=False)
    host = host_of()
    monkeypatch.setattr(host, "resolve_command", lambda ctx, args: ("fail", Raise(error), []))
    result = CliRunner().invoke(host, ["fail"])
    assert (result.exit_code, result.stderr, result.stdout) == (code, text, "")


def test_traceback_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIFFKIT_TRACEBACK", "1")
    host = host_of()
    monkeypatch.setattr(host, "resolve_command", lambda ctx, args: ("fail", Raise(KeyError("k")), []))
    result = CliRunner().invoke(host, ["fail"])
    assert result.exit_code == ExitCode.INTERNAL
    assert "Traceback" in result.stderr
    assert "in invoke" in result.stderr


def test_closed_pipe_is_quiet(tmp_path: Path, program: str) -> None:
    data = tmp_path / "data.csv"
    data.write_text(",".join(f"c{i}" for i in range(3000)) + "\n" + ",".join(["1.5"] * 3000) + "\n")
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [sys.executable, "-c", program, "stats", str(data)],
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    os.close(writer)
    assert (result.returncode, result.stderr) == (ExitCode.BROKEN_PIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("streams", "line"),
    [
        (">&-", "error: standard output is closed; give it a place, such as >/dev/null\n"),
        (">/dev/full", "error: cannot read or write: No space left on device\n"),
        ("<&-", "error: standard input is closed; name a file\n"),
    ],
)
def test_streams_that_are_closed_or_full(program: str, streams: str, line: str) -> None:
    shell = ["sh", "-c", f'echo "a\n1" | "$0" -c "$1" stats - {streams}', sys.executable, program]
    result = subprocess.run(shell, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stderr) == (ExitCode.NOT_FOUND, line)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("stream", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        ("stats data.csv", ExitCode.OK, 2),
        ("stats nothing.csv", ExitCode.NOT_FOUND, 0),
        ("sats", ExitCode.USAGE, 0),
        ("data prepare new.csv --apply recipe.json", ExitCode.OK, 3),  # with a warning
        ("", ExitCode.USAGE, 0),
    ],
)
def test_the_result_counts_where_nobody_hears_the_rest(
    program: str, tmp_path: Path, stream: str, arguments: str, code: int, lines: int
) -> None:
    (tmp_path / "data.csv").write_text("a\n1\n2\n")
    (tmp_path / "new.csv").write_text("a,b\n1,3\n2,4\n")

    def run(words: str) -> subprocess.CompletedProcess[str]:
        shell = ["sh", "-c", f'"$0" -c "$1" {words}', sys.executable, program]
        return subprocess.run(shell, cwd=tmp_path, stdout=subprocess.PIPE, text=True, timeout=120)

    assert run("data prepare data.csv --out data.npz --recipe recipe.json").returncode == ExitCode.OK
    result = run(f"{arguments} {stream}")
    assert (result.returncode, len(result.stdout.splitlines())) == (code, lines)


def test_an_interrupt_before_the_host_is_there(tmp_path: Path, program: str) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_version_and_no_arguments(diffkit: Diffkit) -> None:
    assert "diffkit-cli 0.1.0" in diffkit("--version").stdout
    nothing = diffkit()
    assert nothing.exit_code == ExitCode.USAGE
    assert "Usage: diffkit" in nothing.stderr


def test_python_dash_m_says_what_is_missing(spawn: Spawn) -> None:
    code = """
import runpy, sys
sys.modules["diffkit_cli"] = None
sys.argv[0] = "diffkit"
runpy.run_module("diffkit.__main__", run_name="__main__")
"""
    result = spawn(code=code)
    assert result.returncode == 1
    assert result.stderr.strip().endswith("pip install diffkit-cli")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_static(diffkit: Diffkit, shell: str) -> None:
    result = diffkit("completion", shell)
    assert result.exit_code == 0
    assert "python" not in result.stdout.lower()
    for word in ("stats table", "joint", "one-hot"):
        assert word in result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["diffkit", "sa"], "sample"),
        (["diffkit", "stats", "table", "--j"], "--joint --json"),
        (["diffkit", "data", ""], "prepare --help"),
        (["diffkit", "grad", "--file", "m.py:f", "--he"], "--hessian --help"),
    ],
)
def test_bash_completes(diffkit: Diffkit, tmp_path: Path, words: list[str], expected: str) -> None:
    script = tmp_path / "complete.bash"
    script.write_text(diffkit("completion", "bash").stdout)
    typed = " ".join(f"'{word}'" for word in words)
    setting = f"COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}"
    commands = f"source {script}; {setting}; _diffkit; echo ${{COMPREPLY[@]}}"
    result = subprocess.run(["bash", "-c", commands], capture_output=True, text=True, timeout=60)
    assert (result.stdout.strip(), result.stderr) == (expected, "")


def test_completion_leaves_out_names_that_are_no_words() -> None:
    host = host_of(
        "x$(touch owned) = diffkit_cli.stats:stats", "completion = diffkit_cli.completion:completion"
    )
    assert "owned" not in CliRunner().invoke(host, ["completion", "bash"]).stdout
