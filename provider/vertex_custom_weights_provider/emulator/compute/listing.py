"""Lists of Compute resources: filter, order and pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.http import expressions, patterns
from vertex_custom_weights_provider.emulator.http.call import Call
from vertex_custom_weights_provider.emulator.http.expressions import FilterError, Predicate
from vertex_custom_weights_provider.emulator.http.fields import lookup, whole_number
from vertex_custom_weights_provider.emulator.http.patterns import PatternError
from vertex_custom_weights_provider.emulator.names import canonical
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from .naming import BASE, invalid

_LARGEST_PAGE = 500


def listing(call: Call, kind: str, parent: str, show: Callable[[Json], Json]) -> Json:
    """Return a page of `items` and the token of the next one."""
    items, token = _page(call, kind, parent, show)
    page: Json = {"id": f"{parent}/{kind}"}
    if items:
        page["items"] = items
    return page | token


def aggregated(call: Call, kind: str, collection: str, show: Callable[[Json], Json]) -> Json:
    """Return a page of a project's resources, sorted into the regions they are in."""
    project = canonical(f"projects/{call.params['project']}")
    found, token = _page(call, kind, f"{project}/regions/*", show)
    items: dict[str, Json] = {}
    for shown in found:
        scope = "regions/" + shown["region"].rsplit("/", 1)[-1]
        items.setdefault(scope, {collection: []})[collection].append(shown)
    path = f"projects/{call.params['project']}/aggregated/{collection}"
    return {"id": path, "items": items, "selfLink": BASE + path, **token}


def _page(
    call: Call, kind: str, parent: str, show: Callable[[Json], Json]
) -> tuple[list[Json], Json]:
    """Return what a page holds, and its `nextPageToken` if there is more.

    Pages are by name, or newest first; a token names the item after which to go on, so that items
    that come and go meanwhile shift nothing. `parent` is a glob.
    """
    size = _page_size(call.query.get("maxResults", str(_LARGEST_PAGE)))
    matches = _parse_filter(call.query.get("filter", ""))
    token = _read_token(call.query.get("pageToken", ""))
    rows = _rows(call, kind, parent, token)
    found: list[tuple[str, Json]] = []
    for position, body in rows:
        shown = show(json.loads(body))
        if matches(shown):
            found.append((str(position), shown))
        if len(found) > size:
            break
    more: Json = {}
    if len(found) > size:
        more["nextPageToken"] = base64.urlsafe_b64encode(found[size - 1][0].encode()).decode()
    return [shown for _, shown in found[:size]], more


Rows = Iterable[tuple[str | int, str]]


def _rows(call: Call, kind: str, parent: str, token: str) -> Rows:
    order = call.query.get("orderBy", "name")
    if order == "creationTimestamp desc":
        return _newest(call.tx, kind, parent, token)
    if order != "name":
        reason = "Lists can be sorted by 'name' or 'creationTimestamp desc'."
        raise invalid("orderBy", order, reason)
    return _named(call.tx, kind, parent, token)


def _named(tx: Transaction, kind: str, parent: str, after: str) -> Rows:
    """Rows in the order of their names, which all begin with their parent's."""
    first = parent.removesuffix("*").rstrip("/")
    return tx.sql(
        "SELECT name, body FROM documents"
        " WHERE kind = ? AND parent GLOB ? AND name > ? AND name < ? ORDER BY name",
        (kind, parent, after or f"{first}/", f"{first}0"),
    )


def _newest(tx: Transaction, kind: str, parent: str, before: str) -> Rows:
    """Rows from the latest to the first."""
    return tx.sql(
        "SELECT seq, body FROM documents WHERE kind = ? AND parent GLOB ? AND seq < ?"
        " ORDER BY seq DESC",
        (kind, parent, whole_number(before) or 2**62),
    )


def _page_size(sent: str) -> int:
    size = whole_number(sent)
    if size is None or size > _LARGEST_PAGE:
        raise invalid("maxResults", sent, f"Must be between 0 and {_LARGEST_PAGE}.")
    return size or _LARGEST_PAGE


def _read_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid("pageToken", token, "The page token is invalid.") from None


def _parse_filter(text: str) -> Predicate:
    """Read comparisons, in the older spelling with eq and ne or in the newer one."""
    try:
        return expressions.parse(text, _compare).matches
    except (FilterError, PatternError):
        raise invalid("filter", text, "Invalid list filter expression.") from None


def _compare(path: str, operator: str, wanted: str) -> Predicate:
    """`eq` and `ne` take regular expressions; everywhere else a star stands for any characters."""
    pattern = patterns.regular(wanted) if operator in ("eq", "ne") else patterns.wildcard(wanted)

    def holds(shown: Json) -> bool:
        value = lookup(shown, path)
        written = str(value).lower() if isinstance(value, bool) else str(value or "")
        if operator == ":":
            return value is not None and (wanted in written or pattern.fullmatch(written))
        if operator in ("<", "<=", ">", ">="):
            return value is not None and _ORDERS[operator](written, wanted)
        return pattern.fullmatch(written) is (operator in ("eq", "="))

    return holds


_ORDERS: dict[str, Callable[[str, str], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
