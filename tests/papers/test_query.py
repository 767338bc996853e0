"""The query language: what parses, what it finds against an evaluation in Python, and what it refuses."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffkit_papers import fulltext
from diffkit_papers.errors import BadQuery
from diffkit_papers.fulltext import excerpt, searchable
from diffkit_papers.query import (
    MAX_DEPTH,
    MAX_TERMS,
    All,
    Any,
    Node,
    Not,
    Term,
    expand,
    full_text,
    parse,
    to_sql,
    words,
)

TITLES = [
    "Attention is all you need",
    "Attention, transformers and beyond",
    "A transformer for Łódź, 2017",
    "深度学习",
    "学习理论 and deep learning",
    "Über den Ursprung der Größe",
    "learning deep",
]
YEARS = [2017, 2019, None, 2016, 2017, 1931, None]
TAGS = [{"nlp"}, {"nlp", "to cite"}, set(), {"读"}, {"NLP-2"}, set(), {"nlp"}]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """As much of the log's tables as a query asks for."""
    connection = sqlite3.connect(":memory:")
    connection.executescript("""
        CREATE TABLE papers (id INTEGER PRIMARY KEY, key, year, priority, type, doi, arxiv, state, next_pass);
        CREATE TABLE tags (paper_id, tag);
        CREATE VIRTUAL TABLE search USING fts5 (title, authors, venue, abstract, notes, answers);
    """)
    for number, (title, year, tags) in enumerate(zip(TITLES, YEARS, TAGS, strict=True), 1):
        row = (number, f"key{number}", year, number, "book", None, None, "new", 1)
        connection.execute("INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO search (rowid, title) VALUES (?, ?)", (number, searchable(title)))
        connection.executemany("INSERT INTO tags VALUES (?, ?)", [(number, tag) for tag in tags])
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def found(db: sqlite3.Connection) -> Callable[[Node], set[int]]:
    def run(tree: Node) -> set[int]:
        condition = to_sql(tree)
        return {id for (id,) in db.execute(f"SELECT id FROM papers WHERE {condition.sql}", condition.values)}

    return run


def matches(tree: Node, number: int) -> bool:
    """The same question without SQL: `number` counts from 1."""
    match tree:
        case Not(part):
            return not matches(part, number)
        case All(parts):
            return all(matches(part, number) for part in parts)
        case Any(parts):
            return any(matches(part, number) for part in parts)
        case Term("year", text):
            return str(YEARS[number - 1]) == text
        case Term("tag", text):
            return text.lower() in {tag.lower() for tag in TAGS[number - 1]}
        case Term(field, text, quoted):
            if not field and any(named(tag, text, quoted) for tag in TAGS[number - 1]):
                return True
            spaced = f" {searchable(TITLES[number - 1])} "
            wanted = f" {searchable(text)}"
            return wanted + " " * quoted in spaced
    raise AssertionError(tree)


def named(tag: str, text: str, quoted: bool) -> bool:
    return tag.lower() == text.lower() if quoted else tag.lower().startswith(text.lower())


WORDS = ["transf", "deep", "Attention", "学", "lodz", "nl", "读"]
TERMS = st.one_of(
    st.builds(Term, st.sampled_from(["", "title"]), st.sampled_from(WORDS)),
    st.builds(Term, st.just(""), st.sampled_from(["deep learning", "学习", "is all"]), st.just(True)),
    st.builds(Term, st.just("year"), st.sampled_from(["2017", "1931"])),
    st.builds(Term, st.just("tag"), st.sampled_from(["nlp", "to cite", "读"]), st.just(True)),
)
TREES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds(Not, inner.filter(lambda node: not isinstance(node, Not))),
        st.builds(All, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Any, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


def written(tree: Node) -> str:
    match tree:
        case Term(field, text, quoted):
            return (field and f"{field}:") + (f'"{text}"' if quoted else text)
        case Not(part):
            return f"NOT {bracketed(part)}"
        case All(parts):
            return " ".join(map(bracketed, parts))
        case Any(parts):
            return " OR ".join(map(bracketed, parts))


def bracketed(tree: Node) -> str:
    return written(tree) if isinstance(tree, Term) else f"({written(tree)})"


@settings(deadline=None)
@given(TREES)
def test_a_query_is_read_as_it_is_meant_and_finds_what_matches(
    found: Callable[[Node], set[int]], tree: Node
) -> None:
    assert parse(written(tree)) == tree
    assert found(tree) == {number for number in range(1, len(TITLES) + 1) if matches(tree, number)}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", {1, 2, 3, 4, 5, 6, 7}),
        ("transform", {2, 3}),
        ('"transform"', set()),
        ("ATTENTION need", {1}),
        ("attention OR learning deep", {1, 2, 5, 7}),
        ("attention AND NOT need", {2}),
        ("attention -need", {2}),
        ("NOT NOT need", {1}),
        ("not need", set()),  # a word: operators are written in capitals
        ("NOT year:2017", {2, 3, 4, 6, 7}),  # without a year is not of 2017
        ("year:2017..", {1, 2, 5}),
        ("year:..2016", {4, 6}),
        ("year:1900..2016", {4, 6}),
        ("year:>2017 OR year:<=1931", {2, 6}),
        ("priority:>=6", {6, 7}),
        ("学", {4, 5}),
        ("习理", {5}),
        ("度学习", {4}),
        ("学深", set()),
        ("lodz", {3}),
        ("uber grosse", {6}),
        ("tag:NLP", {1, 2, 7}),
        ("tag:nlp*", {1, 2, 5, 7}),
        ('tag:"nlp*"', set()),  # in quotes a star is a star
        ('tag:"to cite"', {2}),
        ("tag:n_p", set()),
        ("key:KEY3", {3}),
        ("nlp", {1, 2, 5, 7}),  # tags and keys count, too
        ('"nlp"', {1, 2, 7}),
        ("title:nlp", set()),
        ("key3 OR 读", {3, 4}),
        ("status:new pass:1", {1, 2, 3, 4, 5, 6, 7}),
        ("state:done", set()),
        ("doi:10.1/x", set()),
        ("type:book arxiv:1706.03762", set()),
        ("(attention)(need)", {1}),
    ],
)
def test_what_queries_find(found: Callable[[Node], set[int]], text: str, ids: set[int]) -> None:
    assert found(parse(text)) == ids


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(a", "a closing bracket is missing"),
        ("a)", "a bracket is closed that was not opened"),
        ('"a', "a closing quotation mark is missing"),
        ("a AND", "a word is missing at the end"),
        ("OR a", "a word is missing before OR"),
        ("()", r"a word is missing before \)"),
        ("BERT: pre-training", "there is no field 'BERT'"),
        ("tag:", "nothing stands after 'tag:'"),
        ('""', "nothing stands after"),
        ("-", "no letter or digit"),
        ("(" * 51 + "a" + ")" * 51, "more than 50 nested brackets"),
        ("a " * (MAX_TERMS + 1), "more than 200 words"),
        ("???", "no letter or digit"),
        ("year:soon", "'soon' is no year"),
        ("year:..", r"'\.\.' is no year"),
        ("year:" + "9" * 30, "fewer digits"),
        ("status:sleeping", "there is no status 'sleeping'"),
        ("pass:4", "there is no pass '4'"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, reason: str) -> None:
    with pytest.raises(BadQuery) as caught:
        to_sql(parse(text))
    told = f"{caught.value.message}; {caught.value.fix}"
    assert re.search(reason, told)


@settings(deadline=None)
@given(st.text() | st.text(alphabet='() "-:ANDORNTtagyer*.<>=09\0\ud800学', max_size=40))
def test_any_text_is_a_query_or_refused(db: sqlite3.Connection, text: str) -> None:
    try:
        condition = to_sql(expand(parse(text), {}))
        db.execute(f"SELECT id FROM papers WHERE {condition.sql}", condition.values).fetchall()
    except BadQuery:
        pass


def test_saved_queries_stand_for_their_trees() -> None:
    saved = {"todo": "status:new (tag:a OR tag:b)", "mine": "saved:todo NOT x", "loop": "a saved:loop"}
    assert expand(parse("NOT saved:mine"), saved) == parse("NOT (((status:new (tag:a OR tag:b)) NOT x))")
    with pytest.raises(BadQuery, match="'loop' refers to itself"):
        expand(parse("b OR saved:loop"), saved)
    with pytest.raises(BadQuery, match="no saved query 'gone'"):
        expand(parse("saved:gone"), saved)


def test_saved_queries_do_not_grow_beyond_bounds(db: sqlite3.Connection) -> None:
    doubled = {"q0": "a b"} | {f"q{n}": f"saved:q{n - 1} saved:q{n - 1}" for n in range(1, 60)}
    assert len(words(expand(parse("saved:q7"), doubled))) == 256
    with pytest.raises(BadQuery, match="with its saved queries the query has more than 500 words"):
        expand(parse("saved:q59"), doubled)
    chain = {"c0": "a OR b"} | {f"c{n}": f"-saved:c{n - 1} {'y' * (n % 3)}" for n in range(1, 120)}
    for name in ("c40", "c75", "c110"):
        with contextlib.suppress(BadQuery):  # which is right for the longest
            condition = to_sql(expand(parse(f"saved:{name}"), chain))
            db.execute(f"SELECT id FROM papers WHERE {condition.sql}", condition.values)
    deep = "(" * MAX_DEPTH + "a" + " b)" * MAX_DEPTH
    to_sql(expand(parse("saved:deep"), {"deep": deep}))
    with pytest.raises(BadQuery, match="50 nested brackets"):
        expand(
            parse("saved:more"),
            {"deep": deep, "once": f"({deep.replace('a', 'saved:deep')}) c", "more": "saved:once"},
        )


def test_what_is_negated_or_no_text_does_not_rank() -> None:
    tree = parse('a NOT b (title:c OR "d e") year:2017 -(f)')
    assert [full_text(term) for term in words(tree)] == ['"a"*', 'title : "c"*', '"d e"']


@pytest.mark.parametrize(
    ("text", "indexed"),
    [
        ("Łukasz Kaiser's Straße", "lukasz kaiser s strasse"),
        ("深度学习GPT模型", "深 度 学 习 gpt 模 型"),
        ("한국어 자연어", "한 국 어 자 연 어"),
        ("カタカナ", "カ タ カ ナ"),
        ("State-of-the-Art", "state of the art"),
        ("naïve NAÏVE", "naive naive"),
        ("\u0000\ud800", ""),
    ],
)
def test_how_text_is_indexed(text: str, indexed: str) -> None:
    assert searchable(text) == indexed


@given(st.text(st.characters(max_codepoint=127)))
def test_sqlite_folds_and_cuts_ascii_as_we_do(text: str) -> None:
    """So that it may go into the index as it is."""
    connection = sqlite3.connect(":memory:")
    connection.executescript("""
        CREATE VIRTUAL TABLE search USING fts5 (title);
        CREATE VIRTUAL TABLE words USING fts5vocab (search, instance);
    """)
    connection.execute("INSERT INTO search VALUES (?)", [fulltext.indexed(text)])
    found = [word for (word,) in connection.execute("SELECT term FROM words ORDER BY offset")]
    connection.close()
    assert found == searchable(text).split()


LONG = (
    "We propose the Transformer, a model of attention. " * 3 + "Later, Łukasz’s naïve idea of 深度学习 wins."
)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (
            "transf",
            "We propose the Transformer, a model of attention. We propose the Transformer, a model of…",
        ),
        (
            "naive idea",
            "…propose the Transformer, a model of attention. Later, Łukasz’s naïve idea of 深度学习 wins.",
        ),
        (
            "度学",
            "…propose the Transformer, a model of attention. Later, Łukasz’s naïve idea of 深度学习 wins.",
        ),
        ("naive model", ""),
        ("", ""),
    ],
)
def test_excerpts_show_the_place(wanted: str, shown: str) -> None:
    assert excerpt(LONG, wanted) == shown


@settings(deadline=None)
@given(st.text(), st.text(max_size=4))
def test_any_text_has_an_excerpt_or_none(text: str, wanted: str) -> None:
    assert len(excerpt(text, wanted, width=20)) <= 22
