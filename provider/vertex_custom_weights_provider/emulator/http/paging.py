"""Lists: filter expressions, pages and page tokens, as aiplatform has them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

from .call import Call
from .fields import camel, camel_path, lookup, parse, paths, select

Predicate = Callable[[Json], bool]

_WORD = re.compile(
    r'\s*(?:(?P<op>!=|>=|<=|=|:|>|<)|(?P<paren>[()])|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|'(?P<single>[^']*)'|(?P<word>[^\s=!<>:()\"']+))"
)
# What `orderBy` may name, and the field that is compared.
_ORDERED_BY = {name: name for name in ("displayName", "createTime", "updateTime")}
_MOST_NESTED = 100  # the parser and what it builds call themselves for each
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
        if sum(word.upper() in ("(", "NOT") for _, word in self.tokens) > _MOST_NESTED:
            self._fail()
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
        path = camel_path(name)
        if operator == "=" and certain:
            self.required[path] = value
        return _compare(path, operator, value)


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


def _filter(call: Call) -> tuple[Predicate, dict[str, str]]:
    """Return what a list call asks for, and the equalities that hold for all of it."""
    parser = _Parser(call.query.get("filter", ""))
    matches: Predicate = parser.parse() if parser.tokens else lambda item: True
    return matches, parser.required


def _order(call: Call, ordered_by: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Return the fields to sort by, most important first, and whether each one descends."""
    keys: list[tuple[str, bool]] = []
    for part in call.query.get("orderBy", "").split(","):
        name, *direction = part.split() or [""]
        if not name and not keys:
            continue
        if camel(name) not in ordered_by or direction not in ([], ["asc"], ["desc"]):
            refuse(
                "INVALID_ARGUMENT",
                f"Invalid order_by {call.query['orderBy']!r}: {', '.join(ordered_by)} can be sorted"
                " by, each with desc or without.",
            )
        keys.append((ordered_by[camel(name)], direction == ["desc"]))
    return keys


def _answer(call: Call, key: str, found: list[Json], token: int | None) -> Json:
    mask = call.query.get("readMask") or call.query.get("read_mask")
    tree = parse(",".join(paths(mask)).replace(".", "/")) if mask else None
    items = [item if tree is None else select(item, tree) for item in found]
    answer: Json = {key: items} if items else {}
    if token is not None:
        answer["nextPageToken"] = base64.urlsafe_b64encode(str(token).encode()).decode()
    return answer


def page_of(
    call: Call, key: str, shown: Iterable[Json], ordered_by: Mapping[str, str] = _ORDERED_BY
) -> Json:
    """Answer a list call over items at hand: filtered, in the order asked for, one page of them.

    `ordered_by` has what `orderBy` may name, and the field of an item that each stands for.
    """
    matches, _ = _filter(call)
    found = [item for item in shown if matches(item)]
    for path, descends in reversed(_order(call, ordered_by)):
        found.sort(key=lambda item, path=path: str(item.get(path, "")), reverse=descends)
    start = _position(call)
    end = start + _size(call)
    return _answer(call, key, found[start:end], end if end < len(found) else None)


def list_page(
    call: Call, kind: str, parent: str, key: str, show: Callable[[Json], Json], indexed: set[str]
) -> Json:
    """Answer a list call: one page of `key`, and a token when there is more.

    `indexed` names the facets (and, ending in a dot, families of them) the kind is stored with.
    """
    matches, required = _filter(call)
    where = _facets(required, indexed)
    if _order(call, _ORDERED_BY):
        rows = call.tx.page(kind, parent, where=where)
        return page_of(call, key, (show(body) for _, body in rows))
    size, after = _size(call), _position(call)
    found: list[tuple[int, Json]] = []
    while len(found) <= size:
        rows = call.tx.page(kind, parent, where=where, after=after, limit=size + 1)
        shown = ((position, show(body)) for position, body in rows)
        found += [(position, item) for position, item in shown if matches(item)]
        if len(rows) <= size:
            break
        after = rows[-1][0]
    token = found[size - 1][0] if len(found) > size else None
    return _answer(call, key, [item for _, item in found[:size]], token)


def _facets(required: Mapping[str, str], indexed: set[str]) -> dict[str, str]:
    return {
        path: value
        for path, value in required.items()
        if path in indexed or path.split(".", 1)[0] + "." in indexed
    }
