"""Scenarios: named situations, each a set of rules; where they come from and which are active.

Active are those of the file or name the emulator was started with, those chosen through the admin
interface (kept in the state file), and those a request names in its `X-Emulator-Scenario` header.
"""

from __future__ import annotations

import difflib
import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.emulator.envelope import ApiError, Json, refuse
from vertex_custom_weights_provider.emulator.http.call import Call
from vertex_custom_weights_provider.emulator.http.routing import Registry
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

from . import rules
from .rules import Rule

HEADER = "X-Emulator-Scenario"
_KIND = "scenario"
_ACTIVE = "active"

registry = Registry()


class Scenario(msgspec.Struct, frozen=True):
    """A named situation.

    Attributes:
        basis: What the situation's shape rests on, as with routes.
    """

    name: str
    description: str
    basis: str
    rules: tuple[Rule, ...]


def read(raw: Json) -> dict[str, Scenario]:
    """Read the content of a scenario file: a map of names to descriptions and rules."""
    found: dict[str, Scenario] = {}
    for name, body in raw.items():
        parsed = tuple(
            rules.parse(rule, f"{name}#{index}") for index, rule in enumerate(body["rules"])
        )
        about = body.get("description", ""), body.get("basis", "assumed")
        found[name] = Scenario(name, *about, parsed)
    return found


@cache
def builtin() -> dict[str, Scenario]:
    """The scenarios that come with the emulator."""
    text = Path(__file__).with_name("scenarios.json").read_text("utf-8")
    return read(json.loads(text))


def require(name: str) -> Scenario:
    """Return a built-in scenario by name.

    Raises:
        ApiError: 400 with the closest name, or the whole list.
    """
    found = builtin().get(name)
    if found is None:
        close = difflib.get_close_matches(name, builtin(), 1)
        hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(builtin())}."
        refuse("INVALID_ARGUMENT", f"There is no scenario {name!r}. {hint}")
    return found


def started_with(source: Path | None) -> tuple[Rule, ...]:
    """The rules of a scenario file, or of a built-in scenario named instead.

    Raises:
        ValueError: The file is no scenario file, or there is no such scenario.
    """
    if source is None:
        return ()
    try:
        if not source.is_file():
            return require(str(source)).rules
        scenarios = read(json.loads(source.read_text("utf-8")))
    except ApiError as error:
        raise ValueError(f"{source}: {error.message}") from None
    except (AttributeError, KeyError, TypeError, ValueError):
        example = '{"my-name": {"rules": [{"method": "*.deploy", "error": {"http": 503}}]}}'
        raise ValueError(f"{source} is no scenario file. One looks like {example}") from None
    return tuple(rule for scenario in scenarios.values() for rule in scenario.rules)


def chosen(tx: Transaction) -> list[Rule]:
    """The rules of the scenarios chosen through the admin interface."""
    body = tx.get(_KIND, _ACTIVE)
    if body is None:
        return []
    named = [rule for name in body["names"] if name in builtin() for rule in builtin()[name].rules]
    own = [rules.parse(raw, f"custom#{index}") for index, raw in enumerate(body["rules"])]
    return named + own


def requested(call: Call) -> list[Rule]:
    """The rules of the scenarios a request names for itself."""
    names = call.headers.get(HEADER, "")
    return [
        rule for name in names.split(",") if name.strip() for rule in require(name.strip()).rules
    ]


@registry.route("GET", "/_emulator/scenarios", method="emulator.scenarios.list", basis="assumed")
def list_(call: Call) -> Json:
    """Return all scenarios, and the names of the active ones."""
    known: list[Any] = [
        {"name": s.name, "description": s.description, "basis": s.basis} for s in builtin().values()
    ]
    return {"scenarios": known, **_active(call.tx)}


def _active(tx: Transaction) -> Json:
    body = tx.get(_KIND, _ACTIVE) or {"names": [], "rules": []}
    return {"active": body["names"], "rules": body["rules"]}


def _listed(body: Json, key: str, kind: type) -> list[Any]:
    found: Any = body.get(key, [])
    items = cast("list[Any]", found)
    if not isinstance(found, list) or not all(isinstance(one, kind) for one in items):
        what = "names" if kind is str else "objects"
        refuse("INVALID_ARGUMENT", f"{key} must be a list of {what}, not {found!r}.")
    return items


@registry.route(
    "PUT",
    "/_emulator/scenarios/active",
    method="emulator.scenarios.set",
    access="write",
    basis="assumed",
)
def activate(call: Call) -> Json:
    """Make the named scenarios (`names`) and given rules (`rules`) the active ones."""
    names, own = _listed(call.body, "names", str), _listed(call.body, "rules", dict)
    for name in names:
        require(name)
    for index, raw in enumerate(own):
        rules.parse(raw, f"custom#{index}")
    call.tx.put(_KIND, _ACTIVE, {"names": names, "rules": own})
    return _active(call.tx)


@registry.route(
    "DELETE",
    "/_emulator/scenarios/active",
    method="emulator.scenarios.clear",
    access="write",
    basis="assumed",
)
def clear(call: Call) -> Json:
    """Make no scenario active."""
    call.tx.delete(_KIND, _ACTIVE)
    return {}
