"""The web view: what is served, to whom, and how it looks in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from diffkit_papers import library, linking, marking, reading, store
from diffkit_papers.database import session
from diffkit_papers.identifiers import ArxivId
from diffkit_papers.passes import Verdict
from diffkit_papers.records import Author, NewPaper
from diffkit_papers.schema import RECORDED

pytest.importorskip("datasette", reason="the extra `browse` is not installed")
from diffkit_papers.browse.metadata import HIDDEN, QUERIES, TABLES

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
KEY = "vaswani2017attention"
EVIL_KEY = "a.b:c-d"
EVIL = "<script>document.title='broken'</script><img src=x onerror=alert(1)>"


def fill(path: Path) -> None:
    with session(path, create=True) as db:
        authors = (Author("Vaswani", "Ashish"), Author("Kaiser", "Łukasz"))
        first = NewPaper(
            title="Attention is all you need", authors=authors, year=2017, arxiv=ArxivId("1706.03762")
        )
        second = NewPaper(title="深度学习", authors=(Author("周志华"),))
        store.add(db, [first, second, NewPaper(title=EVIL, key=EVIL_KEY)])
        reading.record(db, KEY, 1, {"fit": "yes, very"}, 12, Verdict.CONTINUE)
        marking.note(db, KEY, "see page 3")
        linking.circle(db, KEY, [EVIL_KEY])


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browse") / "my log.db"
    fill(path)
    return path


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[str]:
    """The address at which `diffkit paper browse` serves the log."""
    script = "from diffkit_cli.main import main; main()"
    arguments = [sys.executable, "-c", script, "paper", "browse", "--port", "0", "--db", str(log)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        line = process.stderr.readline()
        found = re.match(r"(http://127\.0\.0\.1:\d+/papers) ", line)
        assert found, line
        yield found[1]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) in (0, 130)


def get(address: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def rows(server: str, name: str, **parameters: str) -> list[dict[str, Any]]:
    import json

    query = "&".join(f"{key}={quote(value)}" for key, value in parameters.items())
    status, text = get(f"{server}/{name}.json?_shape=array&{query}")
    assert status == 200, text
    found: list[dict[str, Any]] = json.loads(text)
    return found


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_kept_ready_runs(server: str, name: str) -> None:
    rows(server, name, key=KEY, words="attention")


def test_what_the_queries_say(server: str) -> None:
    assert rows(server, "queue")[0]["key"] == KEY
    assert [row["title"] for row in rows(server, "search", words="度学")] == ["深度学习"]
    assert [row["key"] for row in rows(server, "search", words="kais very")] == [KEY]
    assert rows(server, "search", words="?? \"'*") == []
    assert [row["verdict"] for row in rows(server, "verdicts")] == ["continue"]
    (week,) = rows(server, "weeks")
    assert (week["papers"], week["passes"], week["minutes"]) == (1, 1, 12)
    assert time.strptime(week["week"], "%Y-%m-%d").tm_wday == 0
    about = {row["what"]: row["text"] for row in rows(server, "paper", key=KEY)}
    assert about["authors"] == "Ashish Vaswani, Łukasz Kaiser"
    assert about["address"] == "https://arxiv.org/abs/1706.03762"
    assert about["state"] == "reading; pass 2 comes next"
    assert about["circled"] == f"{EVIL_KEY}: {EVIL}"
    assert about["pass 1"].startswith("continue, 12.0 minutes, ")
    assert about["pass 1, fit"] == "yes, very"
    assert "abstract" not in about  # what is not known takes no line
    assert {row["what"]: row["text"] for row in rows(server, "paper", key=EVIL_KEY)}["circled in"] == (
        f"{KEY}: Attention is all you need"
    )
    assert rows(server, "paper", key="nothere") == []


def test_the_log_is_the_first_page_and_tells_of_every_query_and_table(server: str) -> None:
    status, text = get(server.removesuffix("/papers") + "/")
    assert status == 200
    assert "<title>Reading log</title>" in text
    assert "_memory" not in text
    for _, description, _ in QUERIES.values():
        assert f"<dd>{description}</dd>" in text
    for name, description in TABLES.items():
        assert f"<dd>{description}</dd>" in text
        assert f'href="/papers/{name}"' in text
    assert set(RECORDED) <= {*TABLES, *HIDDEN}
    assert "sqlite_" not in text
    assert get(server.removesuffix("/papers") + "/reading-log/log.css")[0] == 200


def test_the_files_of_a_paper_are_links_and_nothing_kept_runs(server: str, log: Path, tmp_path: Path) -> None:
    paper, page = tmp_path / "the paper.pdf", tmp_path / "page.html"
    paper.write_bytes(b"%PDF-1.4 of a test")
    page.write_text("<script>alert(1)</script>")
    with session(log) as db:
        library.attach(db, KEY, [paper, page])
    shown = get(f"{server}/paper?key={KEY}")[1]
    assert f'<a href="/file?key={KEY}&amp;number=1">the paper.pdf</a>' in shown
    assert f'<a href="/file?key={KEY}&amp;number=2">page.html</a>' in shown
    address = server.removesuffix("/papers") + f"/file?key={KEY}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.read() == b"%PDF-1.4 of a test"
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''the%20paper.pdf"
    with urllib.request.urlopen(f"{address}&number=2", timeout=60) as answer:
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
    for number in ("0", "3", "-1", "x", "²"):
        status, text = get(f"{address}&number={quote(number)}")
        assert (status, f"{KEY} has 2 files, no file" in text) == (404, True)


def test_an_address_that_is_not_there_leads_home_and_prints_nothing(log: Path) -> None:
    script = f"""if True:
        import asyncio
        from pathlib import Path
        from diffkit_papers.browse.server import application
        answer = asyncio.run(application(Path({str(log)!r})).client.get("/papers/nothere"))
        assert answer.status_code == 404
        assert '<a href="/papers">Reading log</a>' in answer.text
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_long_note_is_shown_to_its_end(server: str, log: Path) -> None:
    with session(log) as db:
        marking.note(db, KEY, "long " * 3000 + "end")
    for name in ("notes", f"paper?key={KEY}"):
        assert "long end<" in get(f"{server}/{name}")[1]


def test_what_is_written_meanwhile_is_shown(server: str, log: Path) -> None:
    with session(log) as db:
        marking.note(db, KEY, "and page 4")
    assert rows(server, "notes")[0]["text"] == "and page 4"


def test_nothing_can_be_written(server: str, log: Path) -> None:
    for sql in ("DELETE FROM papers", "WITH x AS (SELECT 1) DELETE FROM papers", "PRAGMA user_version=7"):
        status, text = get(f"{server}.json?sql={quote(sql)}")
        assert status in (400, 403), text
    with session(log) as db:
        assert db.execute("SELECT count(*) FROM papers").fetchone()[0] == 3


def test_it_answers_under_the_name_of_this_machine_alone(server: str) -> None:
    assert get(server)[0] == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80", ""):
        assert get(server, Host=host)[0] == 403, host


def test_a_port_that_is_taken_and_a_log_that_is_not_there(server: str, run: Any, db_path: Path) -> None:
    result = run("browse")
    assert result.exit_code == 4
    assert "there is no log at" in result.stderr
    fill(db_path)
    port = server.rsplit(":", 1)[1].partition("/")[0]
    result = run("browse", "--port", port)
    assert result.exit_code == 4
    assert (
        f"cannot serve at port {port}: Address already in use; give another one with --port" in result.stderr
    )


@pytest.fixture(scope="module")
def page(server: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`page(name)`: the document as a headless browser has it after its scripts ran."""
    if BROWSER is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    profile = tmp_path_factory.mktemp("profile")

    def load(name: str) -> str:
        arguments = [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            f"{server}{name}",
        ]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=True).stdout

    return load


def test_the_browser_shows_the_queue_with_links_to_papers(page: Any) -> None:
    text = page("/queue")
    assert "What waits to be read" in text
    assert f'<a href="/papers/paper?key={KEY}">{KEY}</a>' in text
    assert "<title>What waits to be read</title>" in text  # and not its SQL
    assert "Vaswani, Kaiser" in text
    assert "<title>broken" not in text  # a script in a title is text
    assert "&lt;script&gt;" in text


def test_the_browser_shows_the_whole_log_and_one_paper(page: Any) -> None:
    text = page("")
    for title, _, _ in QUERIES.values():
        assert f">{title}</a>" in text
    assert ">sittings</a>" in text
    assert ">changes</a>" not in text
    assert "Ashish Vaswani, Łukasz Kaiser" in page("/papers")
    text = page(f"/paper?key={KEY}")
    assert '<a href="https://arxiv.org/abs/1706.03762">' in text
    assert f'<a href="/papers/paper?key=a.b%3Ac-d">{EVIL_KEY}</a> &lt;script&gt;' in text
    assert ">SQL to change</a>" in text  # and no SQL before it is asked for
    assert "<h1>Attention is all you need</h1>" in text
    assert "SELECT" not in re.sub(r'href="[^"]*"', "", text)
    assert "Nothing found." in page("/search?words=nothere")


def test_without_the_extra_one_line_says_how_to_get_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("diffkit_papers.browse.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("datasette", "datasette.app"):
        monkeypatch.setitem(sys.modules, name, None)
    result = run("browse")
    assert result.exit_code == 4
    assert "needs the package datasette, which is not installed; run: pip install 'diffkit-cli[browse]'" in (
        result.stderr
    )
