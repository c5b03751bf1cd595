"""Lists: filter expressions, pages and page tokens, as aiplatform has them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from .call import Call
from .fields import camel, lookup, parse, select
from .http import Json, refuse

Predicate = Callable[[Json], bool]

_WORD = re.compile(
    r'\s*(?:(?P<op>!=|>=|<=|=|:|>|<)|(?P<paren>[()])|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|'(?P<single>[^']*)'|(?P<word>[^\s=!<>:()\"']+))"
)
_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000


class _Parser:
    """Recursive descent over `a=b AND (labels.c:* OR NOT d="e f")`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _WORD.match(text, position)
            if match is None:
                self._fail()
            kind = match.lastgroup or ""
            self.tokens.append((kind, match.group(kind)))
            position = match.end()
        # Equalities that hold for every match: the store can look those up in its index.
        self.required: dict[str, str] = {}

    def _fail(self) -> NoReturn:
        refuse("INVALID_ARGUMENT", f"Invalid filter: {self.text}")

    def _keyword(self, *words: str) -> bool:
        if self.tokens and self.tokens[0][0] == "word" and self.tokens[0][1].upper() in words:
            self.tokens.pop(0)
            return True
        return False

    def parse(self) -> Predicate:
        """Parse the whole text."""
        result = self._any(certain=True)
        if self.tokens:
            self._fail()
        return result

    def _any(self, *, certain: bool) -> Predicate:
        if certain and any(kind == "word" and word.upper() == "OR" for kind, word in self.tokens):
            certain = False
        terms = [self._all(certain=certain)]
        while self._keyword("OR"):
            terms.append(self._all(certain=False))
        return terms[0] if len(terms) == 1 else lambda item: any(term(item) for term in terms)

    def _all(self, *, certain: bool) -> Predicate:
        terms = [self._term(certain=certain)]
        while self.tokens and (self._keyword("AND") or self._starts_term()):
            terms.append(self._term(certain=certain))
        return terms[0] if len(terms) == 1 else lambda item: all(term(item) for term in terms)

    def _starts_term(self) -> bool:
        kind, word = self.tokens[0]
        return (kind == "word" and word.upper() != "OR") or (kind, word) == ("paren", "(")

    def _term(self, *, certain: bool) -> Predicate:
        if self._keyword("NOT"):
            inner = self._term(certain=False)
            return lambda item: not inner(item)
        if self.tokens and self.tokens[0] == ("paren", "("):
            self.tokens.pop(0)
            inner = self._any(certain=certain)
            if not self.tokens or self.tokens.pop(0) != ("paren", ")"):
                self._fail()
            return inner
        return self._comparison(certain=certain)

    def _comparison(self, *, certain: bool) -> Predicate:
        if len(self.tokens) < 3 or self.tokens[1][0] != "op":
            self._fail()
        (_, name), (_, operator), (_, value) = self.tokens[:3]
        del self.tokens[:3]
        path = _path(name)
        if operator == "=" and certain:
            self.required[path] = value
        return _compare(path, operator, value)


def _path(name: str) -> str:
    """Spell a field path as the API's JSON does; the key of a label stays as it is."""
    head, dot, rest = name.partition(".")
    if head == "labels":
        return head + dot + rest
    return ".".join(camel(step) for step in name.split("."))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _value(item: Json, path: str) -> Any:
    if path.startswith("labels."):
        return item.get("labels", {}).get(path.removeprefix("labels."))
    return lookup(item, path)


def _compare(path: str, operator: str, wanted: str) -> Predicate:
    short = path in ("endpoint", "model")

    def holds(item: Json) -> bool:
        found = item["name"].rsplit("/", 1)[-1] if short else _value(item, path)
        if operator == ":":
            return found is not None and (wanted == "*" or wanted in _text(found))
        if operator == "!=":
            return found is None or _text(found) != wanted
        if found is None:
            return path == "done" and operator == "=" and wanted == "false"
        text = _text(found)
        return {
            "=": text == wanted,
            ">": text > wanted,
            "<": text < wanted,
            ">=": text >= wanted,
            "<=": text <= wanted,
        }[operator]

    return holds


def _size(call: Call) -> int:
    asked = call.query.get("pageSize", "0")
    if not asked.isdigit():
        refuse("INVALID_ARGUMENT", f"page_size must not be negative, got {asked}.")
    return min(int(asked) or _DEFAULT_PAGE, _LARGEST_PAGE)


def _position(call: Call) -> int:
    token = call.query.get("pageToken", "")
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except ValueError:
        refuse("INVALID_ARGUMENT", f"The page token {token} is invalid.")


def list_page(
    call: Call, kind: str, parent: str, key: str, show: Callable[[Json], Json], indexed: set[str]
) -> Json:
    """Answer a list call: one page of `key`, and a token when there is more.

    `indexed` names the facets (and, ending in a dot, families of them) the kind is stored with.
    """
    parser = _Parser(call.query.get("filter", ""))
    matches: Predicate = parser.parse() if parser.tokens else lambda item: True
    where = _facets(parser.required, indexed)
    mask = call.query.get("readMask") or call.query.get("read_mask")
    tree = parse(",".join(camel(part) for part in mask.split(","))) if mask else None
    size, after = _size(call), _position(call)
    found: list[tuple[int, Json]] = []
    while len(found) <= size:
        rows = call.tx.page(kind, parent, where=where, after=after, limit=size + 1)
        shown = ((position, show(body)) for position, body in rows)
        found += [(position, item) for position, item in shown if matches(item)]
        if len(rows) <= size:
            break
        after = rows[-1][0]
    items = [item if tree is None else select(item, tree) for _, item in found[:size]]
    answer: Json = {key: items} if items else {}
    if len(found) > size:
        answer["nextPageToken"] = base64.urlsafe_b64encode(
            str(found[size - 1][0]).encode()
        ).decode()
    return answer


def _facets(required: Mapping[str, str], indexed: set[str]) -> dict[str, str]:
    return {
        path: value
        for path, value in required.items()
        if path in indexed or path.split(".", 1)[0] + "." in indexed
    }
