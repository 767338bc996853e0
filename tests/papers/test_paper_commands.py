"""`diffkit paper` from the outside: what it prints, its JSON documents and its exit codes."""

from __future__ import annotations

import keyword
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

REFERENCES = str(Path(__file__).with_name("references.bib"))
ATTENTION = ("add", "--title", "Attention is all you need", "--author", "Ashish Vaswani", "--year", "2017")
KEY = "vaswani2017attention"
VIEWS = {"tui", "browse"}  # they show what the other commands tell, and have no document of their own


def outcomes(result: Result) -> list[list[str]]:
    return [line.split("\t")[:2] for line in result.stdout.splitlines()[1:]]


def test_add_by_hand_and_show(run: Run, document: Document) -> None:
    options = ["--venue", "NIPS", "--arxiv", "1706.03762v7", "--tag", "nlp", "--tag", "to cite"]
    added = document(*ATTENTION, "--author", "Shazeer, Noam and Łukasz Kaiser", *options)
    title = "Attention is all you need"
    assert added["papers"] == [
        {"key": KEY, "outcome": "added", "title": title, "reason": "", "file": None, "line": None},
    ]
    shown = document("show", KEY)["paper"]
    assert shown["authors"][2] == {
        "name": "Łukasz Kaiser",
        "family": "Kaiser",
        "given": "Łukasz",
        "suffix": "",
    }
    assert shown["arxiv"] == {"id": "1706.03762", "version": 7}
    assert (shown["title"], shown["year"], shown["venue"], shown["doi"]) == (title, 2017, "NIPS", None)
    assert (shown["tags"], shown["state"], shown["passes"]) == (["nlp", "to cite"], "new", [])
    assert shown["url"] == "https://arxiv.org/abs/1706.03762v7"
    assert f"title\t{title}\n" in run("show", KEY).stdout


def test_add_a_bibtex_file_twice(run: Run, document: Document) -> None:
    first = document("add", REFERENCES, "--tag", "thesis")
    assert len(first["papers"]) == 9
    assert {paper["outcome"] for paper in first["papers"]} == {"added"}
    assert first["papers"][0]["line"] == 7
    assert (first["broken"], first["warnings"]) == ([], [])
    again = run("add", REFERENCES)
    assert again.exit_code == 1
    assert "9 of 9 papers were in the log already" in again.stderr
    papers = document("list", "--tag", "thesis")["papers"]
    assert [paper["key"] for paper in papers][:2] == [KEY, "erdos1959random"]
    source = document("show", "DBLP:conf/nips/VaswaniSPUJGKP17")["paper"]["sources"][0]
    assert source["raw"] in Path(REFERENCES).read_text(encoding="utf-8")
    assert source["fields"]["x-my-field"] == r"kept {as} it is, 100\%"


def test_broken_entries_are_reported_and_the_others_added(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    path.write_text("@misc{a, title={A good one}}\n@misc{b, title={B\n\n@misc{c, title={Another}}\n")
    result = run("add", str(path))
    assert result.exit_code == 3
    assert outcomes(result) == [["good", "added"], ["another", "added"]]
    assert f"error: {path}:2: broken entry" in result.stderr
    assert "1 of 3 entries are broken" in result.stderr


def test_bibtex_on_standard_input_only_for_a_dash(run: Run) -> None:
    entry = "@misc{a, title={机器学习}, author={周志华}, year={2016}}"
    assert outcomes(run("add", "-", input=entry)) == [["paper2016", "added"]]
    nothing = run("add", input=entry)
    assert nothing.exit_code == 2
    assert "nothing to add" in nothing.stderr
    assert run("add", "-", input="").exit_code == 3
    assert "line 1 is not UTF-8" in run("add", "-", input=b"\xff").stderr


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("arXiv:1706.03762v5", "arxiv170603762"),
        ("https://arxiv.org/abs/math/0211159", "arxivmath0211159"),
        ("10.1038/nature14539", "doi101038nature14539"),
        ("https://doi.org/10.1038/NATURE14539", "doi101038nature14539"),
    ],
)
def test_an_id_needs_no_network_and_gets_its_title_later(run: Run, source: str, key: str) -> None:
    first = run("add", source)
    assert outcomes(first) == [[key, "added"]]
    assert "no title yet" in first.stderr
    assert run("add", source).exit_code == 1
    assert outcomes(run("add", source, "--title", "A Title", "--year", "2001")) == [[key, "completed"]]
    assert "A Title" in run("list").stdout


def test_an_arxiv_doi_is_an_arxiv_id(document: Document) -> None:
    document("add", "10.48550/arXiv.1706.03762", "--title", "T")
    paper = document("show", "1706.03762")["paper"]
    assert (paper["doi"], paper["arxiv"]["id"]) == (None, "1706.03762")


def test_a_duplicate_names_the_key_and_what_to_do(run: Run) -> None:
    assert run(*ATTENTION).exit_code == 0
    again = run("add", "--title", "ATTENTION Is All You Need!", "--author", "Vaswani, A.")
    assert again.exit_code == 1
    assert outcomes(again) == [[KEY, "duplicate"]]
    assert f"diffkit paper show {KEY}" in again.stderr
    assert "give it a title that tells them apart" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["add", "missing.bib"], 4, "no file 'missing.bib'"),
        (["add", "1706.0376"], 4, "no arXiv id or DOI"),
        (["add", "--doi", "nonsense"], 2, "not a DOI"),
        (["add", "--arxiv", "nonsense"], 2, "not an arXiv id"),
        (["add", "1706.03762", "--arxiv", "1706.03762"], 2, "two arXiv ids"),
        (["add", "10.1038/x", "--doi", "10.1038/y"], 2, "two DOIs"),
        (["add", REFERENCES, "--title", "T"], 2, "only --tag"),
        (["add", "--title", "   "], 2, "nothing to add"),
        (["add", "--title", "T", "--year", "17"], 2, "--year"),
        (["add", "--title", "T", "--key", "a b"], 3, "cannot be a key"),
        (["add", "--title", "T", "--tag", " "], 3, "a tag cannot be empty"),
        (["add", str(Path(__file__).with_name("conftest.py"))], 3, "has no BibTeX entry"),
        (["show", "nothing"], 4, "no paper 'nothing'"),
        (["tag", "nothing", "x"], 4, "no paper 'nothing'"),
        (["pass", "nothing", "1", "--minutes", "3"], 4, "no paper 'nothing'"),
        (["pass", KEY, "4", "--minutes", "3"], 2, "4"),
        (["pass", KEY, "1"], 2, "outside a terminal"),
        (["pass", KEY, "1", "--minutes", "-3"], 2, "--minutes"),
        (["pass", KEY, "1", "--minutes", "nan"], 3, "minutes"),
        (["pass", KEY, "1", "--verdict", "perhaps"], 2, "--verdict"),
        (["pass", KEY, "1", "--answer", "fit"], 2, "NAME=TEXT"),
        (["pass", KEY, "1", "--answer", "fit= "], 2, "NAME=TEXT"),
        (["pass", KEY, "1", "--answer", "fit=a", "--answer", "fit=b"], 2, "gives 'fit' twice"),
        (["pass", KEY, "1", "--answer", "recall_title=a"], 3, "its questions are: category"),
        (["pass", KEY, "2", "--minutes", "3"], 1, f"run: diffkit paper pass {KEY} 1"),
        (["untag", KEY, "x"], 4, "has no tag"),
        (["questions", "4"], 2, "4"),
        (["list", "--state", "read"], 2, "--state"),
        (["list", "--limit", "9" * 25], 2, "a number is too large"),
        (["note", KEY, "--delete", "9" * 25], 2, "a number is too large"),
        (["list", "--db", "~nobody-of-this-name/x.db"], 2, "nobody's home is ~nobody-of-this-name"),
        (["add", "--title", "T", "--key", "k" * 201], 3, "cannot be a key"),
        (["backup", "no/such/x.db"], 4, f"no folder {Path('no/such')}"),
        (["import", str(Path(__file__).with_name("fixtures"))], 3, "has no bibliography and no PDF"),
    ],
)
def test_mistakes(run: Run, arguments: list[str], code: int, message: str) -> None:
    run(*ATTENTION)
    before = run("list", "--json").stdout
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert run("list", "--json").stdout == before


def test_three_passes_to_the_end(run: Run, document: Document) -> None:
    run(*ATTENTION)
    first = document(
        "pass", KEY, "1", "--answer", "fit=yes = certainly", "--answer", "category=方法", "--minutes", "12"
    )
    assert first["state"] == "reading"
    assert first["pass"]["verdict"] is None
    assert document("next")["next"]["command"] == f"diffkit paper pass {KEY} 1"
    ended = document("pass", KEY, "1", "--verdict", "continue", "--minutes", "2.5")
    assert ended["pass"]["answers"] == {"fit": "yes = certainly", "category": "方法"}
    assert ended["pass"]["minutes"] == 14.5
    assert f"go on with: diffkit paper pass {KEY} 3" in run("pass", KEY, "2", "--verdict", "continue").stderr
    last = run("pass", KEY, "3", "--answer", "recall_method=attention", "--verdict", "continue")
    assert "is done: all 3 passes, 14.5 minutes" in last.stderr
    shown = document("show", KEY)["paper"]
    assert (shown["state"], shown["minutes"], len(shown["passes"])) == ("done", 14.5, 3)
    plain = run("show", KEY).stdout
    assert "3\trecall_method\tattention" in plain
    assert document("next")["next"] is None


def test_parked_papers_come_back_and_dropped_ones_are_fine(run: Run, document: Document) -> None:
    run(*ATTENTION)
    assert (
        f"take it up again with: diffkit paper pass {KEY} 1"
        in run("pass", KEY, "1", "--verdict", "park").stderr
    )
    refused = run("pass", KEY, "2", "--verdict", "continue")
    assert refused.exit_code == 1
    assert "its verdict was park" in refused.stderr
    assert "1 parked: diffkit paper list --state parked" in run("next").stderr
    assert document("pass", KEY, "1", "--verdict", "continue")["state"] == "reading"
    dropped = run("pass", KEY, "2", "--verdict", "drop", "--minutes", "9")
    assert dropped.exit_code == 0
    assert "good outcome" in dropped.stderr
    assert [p["verdict"] for p in document("show", KEY)["paper"]["passes"]] == ["park", "continue", "drop"]
    assert document("next")["next"] is None


def test_list_filters_and_sorts(run: Run, document: Document) -> None:
    def keys(*arguments: str) -> list[str]:
        return [paper["key"] for paper in document("list", *arguments)["papers"]]

    run("add", REFERENCES)
    run("pass", KEY, "1", "--verdict", "continue", "--minutes", "5")
    run("tag", "lecun2015deep", "review", "nature")
    assert keys("--state", "reading") == [KEY]
    assert len(keys("--state", "new")) == 8
    assert keys("--state", "reading", "--state", "dropped") == [KEY]
    assert keys("--tag", "review", "--tag", "nature") == ["lecun2015deep"]
    assert keys("--tag", "review", "--tag", "other") == []
    assert keys("erdos") == ["erdos1959random"]
    assert keys("RENYI", "graphs") == ["erdos1959random"]
    assert keys("学习") == ["paper2016"]
    assert keys("--sort", "year")[0] == "godel1931uber"
    assert keys("--sort", "minutes", "--reverse")[0] == KEY
    assert keys("--sort", "key") == sorted(keys())
    assert len(run("list").stdout.splitlines()) == 10
    assert run("untag", "lecun2015deep", "nature").stdout == "key\ttags\nlecun2015deep\treview\n"


def test_next_explains_its_choice(run: Run, document: Document) -> None:
    nothing = document("next")
    assert (nothing["next"], nothing["queue"], nothing["counts"]) == (None, [], {})
    run("add", REFERENCES)
    found = document("next")
    assert found["next"]["key"] == KEY
    assert found["counts"] == {"new": 9}
    run("pass", "lecun2015deep", "1", "--answer", "fit=yes")
    result = run("next")
    assert result.stdout.splitlines()[1].startswith(
        "lecun2015deep\t1\tDeep learning\tdiffkit paper pass lecun"
    )
    assert "pass 1 was begun and has no verdict" in result.stderr
    assert "unfinished passes first" in result.stderr


def test_questions_and_path(run: Run, document: Document, db_path: Path) -> None:
    assert [one["pass"] for one in document("questions")["passes"]] == [1, 2, 3]
    assert len(document("questions", "2")["passes"][0]["questions"]) == 8
    assert run("questions", "1").stdout.startswith("pass\tquestion\ttext\n1\tcategory\t")
    assert run("path").stdout == f"{db_path}\n"
    assert document("path") == {"path": str(db_path), "exists": False}
    other = db_path.with_name("other.db")
    assert run("path", "--db", str(other)).stdout == f"{other}\n"


def test_a_database_that_is_none(run: Run, db_path: Path) -> None:
    db_path.parent.mkdir(parents=True)
    db_path.write_bytes(b"these are my notes")
    for arguments in (ATTENTION, ("list",), ("next",), ("show", KEY), ("pass", KEY, "1", "--minutes", "1")):
        result = run(*arguments)
        assert result.exit_code == 5
        assert result.stderr.count("\n") == 1
        assert "is not a database and was not touched" in result.stderr
    assert db_path.read_bytes() == b"these are my notes"


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], {"sqlite3", "bibtexparser", "rich", "pylatexenc", "platformdirs"}),
        (["list"], {"bibtexparser", "rich", "pylatexenc", "sqlite_utils"}),  # where there is no log yet
        (["add", "--title", "A title"], {"rich", "pylatexenc", "sqlite_utils", "numpy"}),
    ],
)
def test_what_a_short_command_does_not_import(db_path: Path, arguments: list[str], heavy: set[str]) -> None:
    script = (
        f"import sys\nfrom diffkit_papers.commands import paper\ntry: paper({arguments})\n"
        f"except SystemExit as stop: print(stop.code, {heavy} & set(sys.modules))"
    )
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "DIFFKIT_DB": str(db_path),
    }
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert result.stdout.splitlines()[-1] == "0 set()"
    assert db_path.exists() == (arguments[0] == "add")


@pytest.mark.parametrize("data", [None, "", "/data", "/data/", "//data", "data", "~/data"])
@pytest.mark.parametrize("home", [None, "", "/home/ada", "/home/ada/", "/", "home"])
def test_the_folder_of_the_log_is_that_of_the_system(
    monkeypatch: pytest.MonkeyPatch, data: str | None, home: str | None
) -> None:
    from platformdirs import user_data_path

    from diffkit_papers.schema import default_path

    for name, text in {"XDG_DATA_HOME": data, "HOME": home}.items():
        if text is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, text)
    assert Path(default_path()) == user_data_path("diffkit", appauthor=False) / "papers.db"


@pytest.mark.skipif(sys.platform != "linux", reason="platformdirs is asked elsewhere")
def test_the_folder_of_the_log_costs_no_import(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom diffkit_papers.schema import default_path\n"
        "print(default_path(), 'platformdirs' in sys.modules)"
    )
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": "",
    }
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert result.stdout == f"{tmp_path}/.local/share/diffkit/papers.db False\n"


def test_every_command_has_help(run: Run) -> None:
    from diffkit_papers.commands import COMMANDS, paper

    for name, (_, _, summary) in COMMANDS.items():
        command = paper.get_command(click.Context(paper), name)
        assert command is not None
        result = run(name, "--help")
        assert result.exit_code == 0
        assert command.get_short_help_str(limit=200) == summary
        assert name == "questions" or "--db" in result.stdout
        assert name in VIEWS or "--json" in result.stdout


def test_every_command_is_a_function_too() -> None:
    from diffkit_papers import api
    from diffkit_papers.commands import COMMANDS

    names = {name: name + "_" * keyword.iskeyword(name) for name in COMMANDS.keys() - VIEWS}
    assert {name for name in names if not callable(getattr(api, names[name], None))} == set()
    assert set(names.values()) <= set(api.__all__)
