"""The Pulumi package schemas, derived from the property tables.

That of dynamic resources is asked for by the code generator after `pulumi import`. That of the
plugin is what programs in other languages are checked against; it also has the components, which
`tools/plugin_schema.py` adds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_origin

from vertex_custom_weights_provider.lifecycle.lifecycles import MODULES, lifecycle_of
from vertex_custom_weights_provider.properties.base import Change, Outputs, Spec
from vertex_custom_weights_provider.properties.table import Property, bare, properties
from vertex_custom_weights_provider.settings import KEYS
from vertex_custom_weights_provider.tokens import (
    DYNAMIC_PACKAGE,
    MODULE,
    PACKAGE,
    import_token,
    token,
)

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
_REPLACES = (Change.REPLACE, Change.REPLACE_FIRST)
Schema = dict[str, Any]


def package() -> Schema:
    """Return the schema of the package that dynamic Python resources are imported from."""
    made = _Resources(import_token, f"{DYNAMIC_PACKAGE}:{PACKAGE}:")
    return {
        "name": DYNAMIC_PACKAGE,
        "version": "0.1.0",
        "meta": {"moduleFormat": "(.*)"},
        "language": {
            "python": {
                "packageName": "vertex_custom_weights",
                "moduleNameOverrides": {PACKAGE: "resources"},
            }
        },
        "types": made.types,
        "resources": made.resources,
    }


def plugin() -> Schema:
    """Return the resources, types and configuration of the plugin."""
    made = _Resources(token, f"{PACKAGE}:{MODULE}:", plugin=True)
    for name in MODULES:
        made.resources[token(name)]["aliases"] = [{"type": import_token(name)}]
    variables = {
        key: {
            "type": "string",
            "description": about.description,
            **({"secret": True} if about.secret else {}),
        }
        for key, about in KEYS.items()
    }
    return {
        "config": {"variables": variables},
        "provider": {
            "description": "Which cloud, and as whom. Settings of the stack hold where one is "
            "left out.",
            "inputProperties": variables,
        },
        "types": made.types,
        "resources": made.resources,
    }


class _Resources:
    """All resources, and the types that their properties have."""

    def __init__(self, spell: Callable[[str], str], prefix: str, *, plugin: bool = False) -> None:
        self._prefix = prefix
        self._plugin = plugin
        self.types: Schema = {}
        self.resources: Schema = {
            spell(name): self._resource(lifecycle_of(name).model) for name in MODULES
        }

    def _resource(self, model: type[Spec]) -> Schema:
        rows, told = properties(model), properties(model.outputs)
        given = [row for row in rows if not row.internal]
        known = [row for row in rows if not (self._plugin and row.internal)]
        return {
            "description": model.__doc__,
            "inputProperties": self._properties(given, told=False),
            "requiredInputs": self._required(given),
            "properties": self._properties([*known, *told], told=True),
            "required": [row.wire for row in (*known, *told) if row.required],
        }

    def _required(self, rows: list[Property]) -> list[str]:
        """Return what a program has to give; the plugin fills in what is configured."""
        return [row.wire for row in rows if row.required and not (self._plugin and row.configured)]

    def _properties(self, rows: list[Property], *, told: bool) -> Schema:
        return {row.wire: self._property(row, told=told) for row in rows}

    def _property(self, row: Property, *, told: bool) -> Schema:
        found = {**self._type(row.kind), "description": row.description}
        if self._plugin and row.words and not told:
            found = {"description": row.description, **self._choice(row)}
        if row.about.secret:
            found["secret"] = True
        if row.about.deprecated:
            found["deprecationMessage"] = row.about.deprecated
        if self._plugin and row.mutability and row.mutability.change in _REPLACES and not told:
            found["willReplaceOnChanges"] = not row.mutability.unless
        return found

    def _choice(self, row: Property) -> Schema:
        """Return the type of a property that is one of a few words; others are refused later."""
        name = row.wire[0].upper() + row.wire[1:]
        values = [{"value": word, "name": _constant(word)} for word in row.words]
        self.types[self._prefix + name] = {
            "type": "string",
            "description": f"Values of `{row.wire}`.",
            "enum": values,
        }
        return {
            "type": "string",
            "oneOf": [{"type": "string"}, {"$ref": f"#/types/{self._prefix}{name}"}],
        }

    def _type(self, kind: Any) -> Schema:
        if get_origin(kind) is list:
            return {"type": "array", "items": self._type(bare(get_args(kind)[0])[0])}
        if get_origin(kind) is dict:
            entries = self._type(bare(get_args(kind)[1])[0])
            return {"type": "object", "additionalProperties": entries}
        if issubclass(kind, Spec | Outputs):
            return {"$ref": f"#/types/{self._nested(kind)}"}
        return {"type": _SCALARS[kind]}

    def _nested(self, model: type[Spec] | type[Outputs]) -> str:
        name = f"{self._prefix}{model.__name__}"
        if name not in self.types:
            self.types[name] = {}  # a type may hold itself
            rows = [*properties(model)]
            self.types[name] = {
                "type": "object",
                "description": model.__doc__,
                "properties": self._properties(rows, told=True),
                "required": [row.wire for row in rows if row.required],
            }
        return name


def _constant(word: str) -> str:
    """Return the name that a word has in languages with enumerations."""
    return "".join(part.capitalize() for part in word.replace("_", "-").split("-"))
