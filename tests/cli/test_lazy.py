"""A group that imports the command that is called, and no other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from diffkit_cli.lazy import LazyGroup

MODULE = """\
import click


@click.command()
def count():
    click.echo("counted")
"""


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LazyGroup:
    (tmp_path / "lazy_counting.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "lazy_counting", raising=False)

    class Shelf(LazyGroup):
        commands_by_name = {  # noqa: RUF012
            "count": ("lazy_counting", "count", "Count the papers."),
            "broken": ("no_such_module", "broken", "Never imported."),
        }

    return Shelf("shelf")


def test_help_imports_nothing(group: LazyGroup) -> None:
    shown = CliRunner().invoke(group, ["--help"]).output
    assert shown.index("broken  Never imported.") < shown.index("count   Count the papers.")
    assert "lazy_counting" not in sys.modules


def test_the_command_that_is_called_is_imported(group: LazyGroup) -> None:
    assert CliRunner().invoke(group, ["count"]).output == "counted\n"
    assert "lazy_counting" in sys.modules


def test_a_name_that_is_not_there_is_answered_with_those_like_it(group: LazyGroup) -> None:
    result = CliRunner().invoke(group, ["cuont"])
    assert result.exit_code == 2
    assert "No such command 'cuont'. Did you mean 'count'?" in result.output
