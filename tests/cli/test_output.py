"""The output layer: terminal table, plain text in a pipe, JSON, CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from fractions import Fraction

import click
import numpy as np
import pytest
from click.testing import CliRunner

from diffkit_cli.errors import CommandError, ExitCode
from diffkit_cli.output import Output, Table, json_value, new_file, output_options, progress

ROWS = [["tab\there", 2**63 - 1, 0.1], ["new\nline \\", -1, float("nan")]]


@click.command()
@output_options
def show(output: Output) -> None:
    """Show a table."""
    table = Table(["name", "whole", "real"], ROWS, "A title")
    document = {"rows": ROWS, "whole": 2**63 - 1, "inf": -np.inf, "third": Fraction(1, 3), "é": np.arange(2)}
    output.emit(document, table, Table(["more"], [[True], [None]]), notes=["a note"])


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(show, list(arguments))
    assert result.exit_code == 0
    return result.stdout, result.stderr


def test_a_pipe_gets_tab_separated_text_and_notes_on_stderr() -> None:
    out, err = run()
    assert out == (
        "name\twhole\treal\ntab\\there\t9223372036854775807\t0.1\nnew\\nline \\\\\t-1\tnan\n\nmore\nyes\n\n"
    )
    assert err == "a note\n"


def test_json_is_one_document() -> None:
    out, err = run("--json")
    assert json.loads(out) == {
        "schema": 1,
        "rows": [["tab\there", 2**63 - 1, 0.1], ["new\nline \\", -1, "NaN"]],
        "whole": 2**63 - 1,
        "inf": "-Infinity",
        "third": "1/3",
        "é": [0, 1],
    }
    assert "9223372036854775807" in out
    assert "é" in out
    assert err == ""


def test_csv_is_read_back() -> None:
    out, err = run("--csv")
    rows = list(csv.reader(io.StringIO(out)))
    assert rows == [
        ["name", "whole", "real"],
        ["tab\there", str(2**63 - 1), "0.1"],
        ["new\nline \\", "-1", "nan"],
    ]
    assert err == "a note\n"


def test_json_and_csv_exclude_each_other() -> None:
    assert CliRunner().invoke(show, ["--json", "--csv"]).exit_code == ExitCode.USAGE


def on_terminal(code: str, **environment: str) -> str:
    """Run code with stdout and stderr on a pseudo-terminal; returns what the terminal got."""
    leader, follower = pty.openpty()
    env = {**os.environ, "COLUMNS": "80", "TERM": "xterm-256color", **environment}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=follower, stderr=follower, env=env)
    os.close(follower)
    chunks = []
    try:
        while chunk := os.read(leader, 65536):
            chunks.append(chunk)
    except OSError:  # Linux says EIO when the other side has closed
        pass
    os.close(leader)
    assert process.wait(timeout=60) == 0
    return b"".join(chunks).decode()


TERMINAL = """
from diffkit_cli.output import Output, Table
Output().emit({}, Table(["name", "real"], [["a\\x1b[31mred", 1 / 3]], "A title\\x1b[31m"), notes=["a note"])
"""


def test_a_terminal_gets_a_table_and_no_control_characters_from_the_data() -> None:
    text = on_terminal(TERMINAL)
    assert "A title" in text
    assert "0.333333" in text
    assert "a [31mred" in text
    assert "\x1b[31m" not in text
    assert "a note" in text


def test_a_table_too_wide_for_the_terminal_is_turned_on_its_side() -> None:
    code = """
from diffkit_cli.output import Output, Table
names = [f"column{i}" for i in range(20)]
Output().emit({}, Table(names, [[i / 7 for i in range(20)]]))
"""
    lines = on_terminal(code).splitlines()
    assert any("column19" in line and "2.71429" in line for line in lines)
    assert all(len(line) <= 80 for line in lines if "\x1b" not in line)


def test_columns_are_cut_to_the_terminal_and_left_out_where_no_row_fills_them() -> None:
    code = """
from diffkit_cli.output import Output, Table
rows = [["k" * 20, "a name " * 4, "one title " * 9, ""], ["k", "", "another", None]]
Output().emit({}, Table(["key", "names", "title", "tags"], rows, cut={"names": 1, "title": 3, "tags": 1}))
"""
    lines = on_terminal(code, TERM="dumb").splitlines()
    head, _, first, second = (line for line in lines if line.strip())
    assert head.split() == ["key", "names", "title"]
    assert len(first) == 80
    assert first.split()[:2] == ["k" * 20, "a"]
    assert first.rstrip().endswith("…")
    assert second.split() == ["k", "another"]


def test_what_stderr_tells_is_broken_between_words_on_a_terminal() -> None:
    told = "error: " + "some words " * 20 + "; run: diffkit paper list"
    code = f"from diffkit_cli.errors import tell\ntell({told!r})"
    lines = on_terminal(code).splitlines()
    assert len(lines) > 3
    assert all(len(line) <= 80 for line in lines)
    assert set(" ".join(lines).split()) == {
        "error:",
        "some",
        "words",
        ";",
        "run:",
        "diffkit",
        "paper",
        "list",
    }
    assert any("diffkit paper list" in line for line in lines)


def test_no_color() -> None:
    assert "\x1b[" in on_terminal(TERMINAL)
    assert "\x1b[3" not in on_terminal(TERMINAL, NO_COLOR="1")


def test_progress_appears_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(10, "working") as advance:
        advance(10)
    assert capsys.readouterr() == ("", "")
    code = "from diffkit_cli.output import progress\nwith progress(3, 'working') as step: step(3)"
    assert "working" in on_terminal(code)


def test_json_value_of_nested_things() -> None:
    assert json_value({"a": (np.float64("inf"), np.int64(3), {1}), 2: None}) == {
        "a": ["Infinity", 3, [1]],
        "2": None,
    }


def test_new_file_is_whole_or_absent(tmp_path: os.PathLike[str]) -> None:
    path = os.path.join(tmp_path, "x.bin")
    with new_file(path) as file:
        file.write(b"old")
    with pytest.raises(KeyboardInterrupt), new_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    with open(path, "rb") as file:
        assert file.read() == b"old"
    assert os.listdir(tmp_path) == ["x.bin"]
    with pytest.raises(CommandError, match="cannot write"), new_file(os.path.join(tmp_path, "no", "x")):
        pass
