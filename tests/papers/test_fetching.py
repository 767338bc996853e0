"""Asking arXiv and doi.org: a server on this machine answers as they do, also when busy or confused."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from click.testing import Result

Run = Callable[..., Result]
Document = Callable[..., dict[str, Any]]

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id><title>Query</title>{entries}</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/{id}</id><title>Attention Is
  All You Need</title><updated>2023-08-02T00:41:18Z</updated>
<summary>The dominant sequence transduction models &amp; more.</summary><category term="cs.CL"/>
<published>2017-06-12T17:57:34Z</published><arxiv:comment>15 pages</arxiv:comment>
<arxiv:primary_category term="cs.CL"/><author><name>Ashish Vaswani</name></author>
<author><name>Łukasz Kaiser</name></author></entry>"""
ITEM = {
    "type": "journal-article",
    "title": "Deep learning for <i>Nature</i> &amp; more",
    "DOI": "10.1038/NATURE14539",
    "container-title": "Nature",
    "publisher": "Springer",
    "author": [{"given": "Yann", "family": "LeCun", "sequence": "first", "affiliation": []}],
    "issued": {"date-parts": [[2015, 5, 27]]},
    "reference": [{"key": "1", "unstructured": "..."}],
    "abstract": "<jats:p>Deep learning allows.</jats:p>",
    "page": "436-444",
}


class Answers(BaseHTTPRequestHandler):
    """What the paths stand for; `seen` are the requests, `busy` how many of them are turned away first."""

    seen: list[str]
    agents: list[str]
    busy: int

    def do_GET(self) -> None:
        cls = type(self)
        cls.seen.append(self.path)
        cls.agents.append(self.headers["User-Agent"])
        if cls.busy:
            cls.busy -= 1
            self.answer(429, "slow down", {"Retry-After": "0"})
            return
        address = urlsplit(self.path)
        if address.path == "/arxiv":
            ids = parse_qs(address.query)["id_list"][0].split(",")
            known = [one for one in ids if not one.startswith("9901")]
            self.answer(200, FEED.format(entries="".join(ENTRY.format(id=one) for one in known)))
        elif address.path == "/moved":
            assert "csl+json" in self.headers["Accept"]
            self.answer(200, json.dumps(ITEM))
        else:
            self.answer_doi(unquote(address.path).removeprefix("/doi/"))

    def answer_doi(self, doi: str) -> None:
        match doi:
            case "10.1038/nature14539":
                self.answer(302, "", {"Location": "/moved"})
            case "10.1000/garbage":
                self.answer(200, "<html>not here")
            case "10.1000/bytes":
                self.answer(200, b"\xff\xfe")
            case "10.1000/nameless":
                self.answer(200, "{}")
            case "10.1000/list":
                self.answer(200, "[" * 100_000)
            case "10.1000/down":
                self.answer(503, "")
            case "10.1000/loop":
                self.answer(302, "", {"Location": self.path})
            case _:
                self.answer(404, "")

    def answer(self, code: int, text: str | bytes, headers: dict[str, str] | None = None) -> None:
        data = text.encode() if isinstance(text, str) else text
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answers]]:
    handler = type("Handler", (Answers,), {"seen": [], "agents": [], "busy": 0})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{running.server_port}"
    monkeypatch.setenv("DIFFKIT_ARXIV", f"{address}/arxiv")
    monkeypatch.setenv("DIFFKIT_DOI", f"{address}/doi")
    monkeypatch.setenv("DIFFKIT_FETCH_DISTANCE", "0")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *names, **options: tmp_path / "cache")
    yield handler
    running.shutdown()
    running.server_close()


def test_an_arxiv_id(server: type[Answers], document: Document) -> None:
    told = document("add", "1706.03762v7", "--fetch", "--tag", "nlp")
    assert told["papers"][0]["key"] == "vaswani2017attention"
    paper = document("show", "1706.03762")["paper"]
    assert paper["title"] == "Attention Is All You Need"
    assert [one["name"] for one in paper["authors"]] == ["Ashish Vaswani", "Łukasz Kaiser"]
    assert (paper["year"], paper["type"], paper["arxiv"]["version"]) == (2017, "article", 7)
    assert paper["abstract"].endswith("models & more.")
    assert paper["fields"]["eprintclass"] == "cs.CL"
    assert paper["fields"]["date"] == "2017-06-12"
    assert server.agents[0].startswith("diffkit-cli/")


def test_a_doi_with_its_redirection(server: type[Answers], document: Document) -> None:
    document("add", "10.1038/nature14539", "--fetch")
    paper = document("show", "10.1038/nature14539")["paper"]
    assert paper["title"] == "Deep learning for Nature & more"
    assert (paper["year"], paper["venue"], paper["type"]) == (2015, "Nature", "article-journal")
    assert (paper["fields"]["pages"], paper["abstract"]) == ("436–444", "Deep learning allows.")
    assert not any("reference" in name for name in paper["fields"])


def test_many_at_once_and_no_question_twice(server: type[Answers], run: Run, document: Document) -> None:
    for one in ("1706.03762", "1412.6980", "10.1038/nature14539"):
        document("add", one)
    told = document("fetch")
    assert {one["outcome"] for one in told["papers"]} == {"completed"}
    assert len(told["papers"]) == 3
    assert len(server.seen) == 3  # one for both arXiv ids, two for the DOI and where it leads
    assert document("fetch") == {"papers": [], "failed": []}
    document("fetch", "10.1038/nature14539")
    assert len(server.seen) == 3


def test_a_busy_server_is_asked_again(server: type[Answers], document: Document) -> None:
    server.busy = 2
    document("add", "1706.03762", "--fetch")
    assert len(server.seen) == 3


def test_a_server_that_stays_busy(server: type[Answers], run: Run) -> None:
    server.busy = 99
    result = run("add", "1706.03762", "--fetch")
    assert result.exit_code == 4
    assert "127.0.0.1 is busy: it answered 429 4 times" in result.stderr
    assert len(server.seen) == 4


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("10.1000/none", 4, "knows no such paper"),
        ("10.1000/garbage", 3, "no JSON"),
        ("10.1000/bytes", 3, "no text"),
        ("10.1000/nameless", 3, "without a name"),
        ("10.1000/list", 3, "no JSON"),
        ("10.1000/down", 4, "it answered 503"),
        ("10.1000/loop", 4, "cannot be reached"),
        ("9901.00001", 4, "arXiv has no paper 9901.00001"),
    ],
)
def test_confused_answers(server: type[Answers], run: Run, name: str, code: int, message: str) -> None:
    result = run("add", name, "--fetch")
    assert result.exit_code == code, result.stderr
    assert message in result.stderr


def test_what_was_had_is_kept_when_another_fails(server: type[Answers], run: Run, document: Document) -> None:
    for one in ("10.1000/none", "10.1038/nature14539", "10.1000/garbage"):
        document("add", one)
    result = run("fetch")
    assert result.exit_code == 4
    assert result.stderr.count("error:") == 2
    assert document("show", "10.1038/nature14539")["paper"]["title"]


def test_offline_is_one_line(server: type[Answers], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIFFKIT_DOI", "http://127.0.0.1:9/doi")
    result = run("add", "10.1000/x", "--fetch")
    assert result.exit_code == 4
    assert result.stderr.startswith("error: 127.0.0.1 cannot be reached")
    assert len(result.stderr.splitlines()) == 1
    monkeypatch.setenv("DIFFKIT_ARXIV", "nonsense")
    assert run("add", "1706.03762", "--fetch").exit_code == 4


def test_nothing_is_asked_without_being_told(server: type[Answers], document: Document) -> None:
    document("add", "1706.03762")
    document("add", "10.1000/x")
    document("list")
    assert server.seen == []
