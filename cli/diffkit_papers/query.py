"""The query language: `attention author:vaswani year:2015..2018 (tag:nlp OR tag:vision) NOT status:dropped`.

Pure functions: `parse` makes a tree of a text, `to_sql` a condition on the table `papers` of a tree. A word
is looked for at the beginning of words (`transform` finds transformers), text in quotes as a whole phrase;
both in everything the log knows of a paper, or in the part that a field names. Side by side means AND, and
`saved:NAME` stands for a query that was kept under this name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from diffkit_papers.errors import BadQuery
from diffkit_papers.fulltext import searchable
from diffkit_papers.identifiers import parse_arxiv, parse_doi
from diffkit_papers.passes import LAST_PASS, State
from diffkit_papers.values import value

MAX_TERMS = 200  # SQLite's own limits lie above
MAX_DEPTH = 50

# Fields of a query that are columns of the full-text table.
TEXT_FIELDS = {
    "title": "title",
    "author": "authors",
    "venue": "venue",
    "abstract": "abstract",
    "note": "notes",
    "answer": "answers",
}
NUMBER_FIELDS = ("year", "priority")
FIELDS = (
    *TEXT_FIELDS,
    *("tag", "key", "year", "status", "pass", "priority", "type", "doi", "arxiv", "added", "has", "saved"),
)
# What `has:` asks for -> a condition on `papers`.
HAS = {
    "file": "papers.id IN (SELECT paper_id FROM files)",
    "note": "papers.id IN (SELECT paper_id FROM notes)",
    "tag": "papers.id IN (SELECT paper_id FROM tags)",
    "pass": "papers.id IN (SELECT paper_id FROM passes)",
    "answer": "papers.id IN (SELECT paper_id FROM passes JOIN answers ON pass_id = passes.id)",
    "review": "papers.id IN (SELECT paper_id FROM reviews)",
    "link": "papers.id IN (SELECT paper_id FROM links UNION SELECT target_id FROM links)",
    "title": "papers.title <> ''",
    "author": "papers.authors <> '[]'",
    "year": "papers.year IS NOT NULL",
    "venue": "papers.venue <> ''",
    "abstract": "papers.abstract <> ''",
    "doi": "papers.doi IS NOT NULL",
    "arxiv": "papers.arxiv IS NOT NULL",
    "url": "papers.url <> ''",
    "type": "papers.type <> ''",
}
_SYNONYMS = {"state": "status", "authors": "author", "journal": "venue", "notes": "note", "answers": "answer"}
_TOKEN = r"""\s*(?:
        (?P<bracket>[()])
      | (?P<minus>-(?=\S))
      | (?:(?P<field>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<open>")|(?P<word>[^\s()"]+))?
    )"""
IN_TEXT = "papers.id IN (SELECT rowid FROM search WHERE search MATCH ?)"
_MOST_SETS = 100  # SQLite puts 500 together at most
_MOST_TERMS = 500  # with those of saved queries: SQLite takes conditions of a thousand
_RANGE = r"(?P<low>\d+)?\.\.(?P<high>\d+)?|(?P<sign>[<>]=?|=)?(?P<number>-?\d+)"

_DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_DATES = (
    rf"(?P<low>{_DATE})?\.\.(?P<high>{_DATE})?|(?P<sign>[<>]=?|=)?(?P<date>{_DATE})"
    r"|(?P<last>\d{1,5})(?P<unit>[dw])"
)


@value
class Term:
    """What to look for: in the part named by `field`, or everywhere when it is empty."""

    field: str
    text: str
    quoted: bool = False


@value
class All:
    parts: tuple[Node, ...]


@value
class Any:
    parts: tuple[Node, ...]


@value
class Not:
    part: Node


Node = Term | All | Any | Not
Wrong = Callable[..., BadQuery]


class Condition(NamedTuple):
    """An SQL expression on `papers` and what its question marks stand for."""

    sql: str
    values: tuple[str | int, ...] = ()


class _Token(NamedTuple):
    kind: str  # "(", ")", "AND", "OR", "NOT" or "term"
    term: Term | None = None


def parse(text: str) -> Node:
    """The tree of a query; an empty one matches every paper. Raises `BadQuery`."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise BadQuery("the query has bytes that are not UTF-8", fix="use a terminal in UTF-8")
    return _Parser(text).query()


def to_sql(node: Node) -> Condition:
    """The condition that a paper matches. Raises `BadQuery` for a value that its field cannot have."""
    return _sql(_normal(node))


def to_select(node: Node) -> Condition:
    """A SELECT of the papers that match, for many. Of words that all have to be there it looks up the papers
    with each, which takes less time than to look at every paper.
    """
    if not isinstance(node, All) or not 1 < len(node.parts) < _MOST_SETS:
        return _looked_at(node)
    parts = [_looked_up(part) if isinstance(part, Term) else _looked_at(part) for part in node.parts]
    sql = " INTERSECT ".join(f"SELECT id FROM ({part.sql})" for part in parts)
    return Condition(sql, tuple(value for part in parts for value in part.values))


def expand(node: Node, saved: Mapping[str, str], inside: tuple[str, ...] = ()) -> Node:
    """The tree with every `saved:NAME` replaced by the tree of that query. Raises `BadQuery`."""
    return _Expansion(saved).of(node, inside, 0)


class _Expansion:
    """Saved queries that name others twice grow beyond all bounds, so that words and levels are counted."""

    def __init__(self, saved: Mapping[str, str]) -> None:
        self.saved = saved
        self.terms = 0

    def of(self, node: Node, inside: tuple[str, ...], level: int) -> Node:
        match node:
            case Term("saved", name):
                return self.of(self.named(name, inside), (*inside, name), level)
            case Not(part):
                return Not(self.of(part, inside, level))
            case All(parts):
                return All(tuple(self.of(part, inside, level + 1) for part in parts))
            case Any(parts):
                return Any(tuple(self.of(part, inside, level + 1) for part in parts))
        self.terms += 1
        # between two brackets there are an AND and an OR at most
        if self.terms > _MOST_TERMS or level > 2 * MAX_DEPTH + 1:
            limits = f"more than {_MOST_TERMS} words or {MAX_DEPTH} nested brackets"
            raise BadQuery(f"with its saved queries the query has {limits}", fix="ask for less at a time")
        return node

    def named(self, name: str, inside: tuple[str, ...]) -> Node:
        if name in inside:
            raise BadQuery(f"the saved query {name!r} refers to itself", fix="save it anew without that")
        if name not in self.saved:
            known = ", ".join(self.saved) or "none yet"
            raise BadQuery(f"there is no saved query {name!r}", fix=f"saved queries: {known}")
        return parse(self.saved[name])


def words(node: Node) -> list[Term]:
    """The terms by whose places in the text papers are ranked: those that are not negated."""
    match node:
        case Term():
            return [node] if not node.field or node.field in TEXT_FIELDS else []
        case Not():
            return []
        case All(parts) | Any(parts):
            return [term for part in parts for term in words(part)]


def full_text(term: Term) -> str:
    """A term in the syntax of SQLite's full-text search."""
    column = f"{TEXT_FIELDS[term.field]} : " if term.field else ""
    text = searchable(term.text)
    if not text:
        raise BadQuery(f"{term.text!r} has no letter or digit to look for", fix="give a word")
    return f'{column}"{text}"' + "*" * (not term.quoted)


def by_name(term: Term) -> Condition:
    """How a word finds papers beside their texts: by a tag or the key, when it names no field."""
    if term.field:
        return Condition("0")
    name = term.text.removesuffix("*") + "*" * (not term.quoted)
    tag, key = (_term(Term(field, name, term.quoted)) for field in ("tag", "key"))
    return Condition(f"{tag.sql} OR {key.sql}", tag.values + key.values)


class _Parser:
    """Recursive descent; OR binds weaker than AND, which binds weaker than NOT."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text, self.wrong))
        if sum(token.kind == "term" for token in self.tokens) > MAX_TERMS:
            raise BadQuery(f"a query of more than {MAX_TERMS} words", fix="ask for less at a time")
        self.position = 0
        self.depth = 0

    def query(self) -> Node:
        if not self.tokens:
            return All(())
        found = self.any()
        if self.peek():
            raise self.wrong("a bracket is closed that was not opened")
        return found

    def any(self) -> Node:
        parts = [self.all()]
        while self.take("OR"):
            parts.append(self.all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def all(self) -> Node:
        parts = [self.one()]
        while self.peek() not in ("", "OR", ")"):
            self.take("AND")
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self) -> Node:
        negated = False
        while self.take("NOT"):
            negated = not negated
        found = self.group() if self.peek() == "(" else self.term()
        return Not(found) if negated else found

    def group(self) -> Node:
        self.take("(")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(f"more than {MAX_DEPTH} nested brackets")
        found = self.any()
        if not self.take(")"):
            raise self.wrong("a closing bracket is missing")
        self.depth -= 1
        return found

    def term(self) -> Term:
        kind = self.peek()
        if kind != "term":
            before = f"before {kind}" if kind else "at the end"
            raise self.wrong(f"a word is missing {before}")
        found = self.tokens[self.position].term
        assert found is not None
        self.position += 1
        return found

    def peek(self) -> str:
        return self.tokens[self.position].kind if self.position < len(self.tokens) else ""

    def take(self, kind: str) -> bool:
        taken = self.peek() == kind
        self.position += taken
        return taken

    def wrong(self, reason: str, fix: str = "") -> BadQuery:
        shown = self.text if len(self.text) <= 80 else self.text[:77] + "..."
        return BadQuery(f"cannot read the query {shown!r}: {reason}", fix)


def _tokens(text: str, wrong: Wrong) -> Iterator[_Token]:
    pattern = re.compile(_TOKEN, re.VERBOSE)
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = pattern.match(text, position)
        assert match is not None  # every part of the pattern may be empty
        position = match.end()
        if match["open"]:
            raise wrong("a closing quotation mark is missing")
        if match["bracket"]:
            yield _Token(match["bracket"])
        elif match["minus"]:
            yield _Token("NOT")
        elif not match["field"] and match["word"] in ("AND", "OR", "NOT"):
            yield _Token(match["word"])
        else:
            yield _Token("term", _read_term(match, wrong))


def _read_term(match: re.Match[str], wrong: Wrong) -> Term:
    quoted = match["quoted"] is not None
    value = match["quoted"] if quoted else match["word"]
    field = (match["field"] or "").lower()
    field = _SYNONYMS.get(field, field)
    if field and field not in FIELDS:
        fix = f'put the text in quotes ("..."), or use one of: {", ".join(FIELDS)}'
        raise wrong(f"there is no field {match['field']!r}", fix)
    if not (value or "").strip():
        raise wrong(f"nothing stands after {match[0].strip() or 'a space'!r}")
    return Term(field, value, quoted)


def _normal(node: Node, is_negated: bool = False) -> Node:
    """The same with no more than terms negated, and no AND directly in an AND nor OR in an OR.

    SQLite takes a dozen negations inside one another, and 78 brackets.
    """
    match node:
        case Term():
            return Not(node) if is_negated else node
        case Not(part):
            return _normal(part, not is_negated)
    kind = All if isinstance(node, All) != is_negated else Any
    found = [_normal(part, is_negated) for part in node.parts]
    return kind(tuple(part for one in found for part in (one.parts if isinstance(one, kind) else (one,))))


def _sql(node: Node) -> Condition:
    match node:
        case Term():
            return _term(node)
        case Not(part):
            inner = _sql(part)
            # a paper without a year is not of 2017: what is unknown does not match, and its opposite does
            return Condition(f"NOT IFNULL(({inner.sql}), 0)", inner.values)
        case All(parts):
            each = [_sql(part) for part in parts]
            return _joined([Condition(f"({one.sql})", one.values) for one in each], " AND ", "1")
        case Any(parts):
            return _joined([_sql(part) for part in parts], " OR ", "0")


def _joined(conditions: Sequence[Condition], sign: str, empty: str) -> Condition:
    sql = sign.join(condition.sql for condition in conditions) or empty
    return Condition(sql, tuple(value for condition in conditions for value in condition.values))


def _looked_at(node: Node) -> Condition:
    """A SELECT of the papers that match, by a look at each."""
    inner = to_sql(node)
    return Condition(f"SELECT id FROM papers WHERE {inner.sql}", inner.values)


def _looked_up(term: Term) -> Condition:
    """A SELECT of the papers that match, some of them twice."""
    if not words(term):
        return _looked_at(term)
    named = by_name(term)
    in_text = "SELECT rowid AS id FROM search WHERE search MATCH ?"
    sql = f"{in_text} UNION ALL SELECT id FROM papers WHERE {named.sql}"
    return Condition(sql, (full_text(term), *named.values))


def _term(term: Term) -> Condition:
    if not term.field:
        named = by_name(term)
        return Condition(f"{IN_TEXT} OR {named.sql}", (full_text(term), *named.values))
    if term.field in TEXT_FIELDS:
        return Condition(IN_TEXT, (full_text(term),))
    if term.field in NUMBER_FIELDS:
        return _number(term)
    value = term.text
    match term.field:
        case "tag":
            inner = _like("tag", term)
            return Condition(f"papers.id IN (SELECT paper_id FROM tags WHERE {inner.sql})", inner.values)
        case "has":
            kind = value.lower() if value.lower() in HAS else value.lower().removesuffix("s")
            if kind not in HAS:
                raise BadQuery(f"no paper has {value!r}", fix=f"it may have: {', '.join(HAS)}")
            return Condition(HAS[kind])
        case "added":
            return _added(term)
        case "status":
            states = [state.value for state in State]
            if value.lower() not in states:
                raise BadQuery(f"there is no status {value!r}", fix=f"the states are: {', '.join(states)}")
            return Condition("papers.state = ?", (value.lower(),))
        case "pass":
            if value not in map(str, range(1, LAST_PASS + 1)):
                raise BadQuery(f"there is no pass {value!r}", fix=f"give a number from 1 to {LAST_PASS}")
            return Condition("papers.next_pass = ?", (int(value),))
        case "doi":
            return Condition("papers.doi = ?", (parse_doi(value) or value.lower(),))
        case "arxiv":
            arxiv = parse_arxiv(value)
            return Condition("papers.arxiv = ?", (arxiv.id if arxiv else value.lower(),))
        case column:  # key, type
            return _like(f"papers.{column}", term)


def _like(column: str, term: Term) -> Condition:
    """The same but for case; a star at the end stands for anything, unless it is in quotes."""
    begins = term.text.endswith("*") and not term.quoted
    escaped = re.sub(r"([\\%_])", r"\\\1", term.text.removesuffix("*") if begins else term.text)
    return Condition(f"{column} LIKE ? ESCAPE '\\'", (escaped + "%" * begins,))


def _number(term: Term) -> Condition:
    match = re.fullmatch(_RANGE, term.text, re.ASCII)
    column = f"papers.{term.field}"
    if not match or term.text == "..":
        fix = f"write {term.field}:2017, {term.field}:2015..2018, {term.field}:2015.. or {term.field}:<2018"
        raise BadQuery(f"{term.text!r} is no {term.field}", fix=fix)
    numbers = [match[name] for name in ("low", "high", "number") if match[name]]
    if any(len(number) > 18 for number in numbers):
        raise BadQuery(f"{term.text!r} is no {term.field}", fix="give a number of fewer digits")
    bounds = [
        Condition(f"{column} {sign} ?", (int(match[name]),))
        for name, sign in (("low", ">="), ("high", "<="), ("number", match["sign"] or "="))
        if match[name]
    ]
    return Condition(" AND ".join(bound.sql for bound in bounds), tuple(bound.values[0] for bound in bounds))


def _added(term: Term) -> Condition:
    """When a paper came into the log, by UTC. Times are text that sorts: `~` comes behind all of a period."""
    match = re.fullmatch(_DATES, term.text, re.ASCII)
    dates = [match[name] for name in ("low", "high", "date") if match[name]] if match else []
    if not match or term.text == ".." or not all(map(_is_date, dates)):
        fix = "write added:2026-11, added:2026-11-27, added:2026-01..2026-06, added:>2026-01 or added:7d"
        raise BadQuery(f"{term.text!r} is no date", fix=fix)
    if match["last"]:
        days = int(match["last"]) * (7 if match["unit"] == "w" else 1)
        return Condition("papers.added_at >= strftime('%Y-%m-%dT%H:%M:%S', 'now', ?)", (f"-{days} days",))
    sign = match["sign"] or "="
    low = match["low"] or (match["date"] if sign in ("=", ">=") else None)
    high = match["high"] or (match["date"] if sign in ("=", "<=") else None)
    bounds = [(">=", low), ("<", high and f"{high}~")]
    bounds += [(sign, f"{match['date']}~" if sign == ">" else match["date"])] if sign in ("<", ">") else []
    asked = [(than, limit) for than, limit in bounds if limit]
    return Condition(
        " AND ".join(f"papers.added_at {than} ?" for than, _ in asked), tuple(limit for _, limit in asked)
    )


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text + "0001-01-01"[len(text) :]))
    except ValueError:
        return False
