"""Lists: filter expressions, pages and page tokens, as aiplatform has them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from vertex_custom_weights_provider.emulator.envelope import Json, refuse

from . import expressions
from .call import Call
from .expressions import FilterError, Predicate
from .fields import camel, camel_path, lookup, parse, paths, select, whole_number

# What `orderBy` may name, and the field that is compared.
_ORDERED_BY = {name: name for name in ("displayName", "createTime", "updateTime")}
_MOST_LOOKED_UP = 8  # each is one more table in a statement; the filter looks at all of them
_DEFAULT_PAGE = 100
_LARGEST_PAGE = 1000


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _value(item: Json, path: str) -> Any:
    if path.startswith("labels."):
        return item.get("labels", {}).get(path.removeprefix("labels."))
    return lookup(item, path)


def _compare(name: str, operator: str, wanted: str) -> Predicate:
    path = camel_path(name)
    if operator in ("eq", "ne"):
        raise FilterError(name)
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
    asked = whole_number(call.query.get("pageSize", "0"))
    if asked is None:
        refuse("INVALID_ARGUMENT", f"Invalid page_size {call.query['pageSize']!r}.")
    return min(asked or _DEFAULT_PAGE, _LARGEST_PAGE)


def _position(call: Call) -> int:
    token = call.query.get("pageToken", "")
    if not token:
        return 0
    try:
        position = whole_number(base64.urlsafe_b64decode(token).decode("ascii"))
    except ValueError:
        position = None
    if position is None:
        refuse("INVALID_ARGUMENT", f"The page token {token} is invalid.")
    return position


def _filter(call: Call) -> tuple[Predicate, dict[str, str]]:
    """Return what a list call asks for, and the equalities that hold for all of it."""
    try:
        found = expressions.parse(call.query.get("filter", ""), _compare)
    except FilterError as error:
        refuse("INVALID_ARGUMENT", f"Invalid filter: {error}")
    return found.matches, {camel_path(name): value for name, value in found.required.items()}


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


def _all(item: Json) -> bool:
    return True


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


def list_page(  # noqa: PLR0913 - what is listed, how it is shown, and how it is found
    call: Call,
    kind: str,
    parent: str,
    key: str,
    show: Callable[[Json], Json],
    indexed: set[str],
    *,
    filtered: bool = True,
) -> Json:
    """Answer a list call: one page of `key`, and a token when there is more.

    `indexed` names the facets (and, ending in a dot, families of them) the kind is stored with.
    Without `filtered` the filter is read, and not applied.
    """
    matches, required = _filter(call)
    if not filtered:
        matches, required = _all, {}
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
    found = (
        (path, value)
        for path, value in required.items()
        if path in indexed or path.split(".", 1)[0] + "." in indexed
    )
    return dict(islice(found, _MOST_LOOKED_UP))
