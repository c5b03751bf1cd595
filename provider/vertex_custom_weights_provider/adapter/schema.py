"""The Pulumi package schema, derived from the property tables.

Asked for by YAML programs and by the code generator after `pulumi import`.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin

from vertex_custom_weights_provider.lifecycle.lifecycles import MODULES, lifecycle_of
from vertex_custom_weights_provider.properties.base import Outputs, Spec
from vertex_custom_weights_provider.properties.table import Property, bare, properties
from vertex_custom_weights_provider.tokens import DYNAMIC_PACKAGE, PACKAGE, import_token

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}
Schema = dict[str, Any]


def package() -> Schema:
    """Return the schema of the package that dynamic Python resources are imported from."""
    types: Schema = {}
    resources = {import_token(name): _resource(lifecycle_of(name).model, types) for name in MODULES}
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
        "types": types,
        "resources": resources,
    }


def _resource(model: type[Spec], types: Schema) -> Schema:
    rows, told = properties(model), properties(model.outputs)
    given = [row for row in rows if not row.internal]
    return {
        "description": model.__doc__,
        "inputProperties": _properties(given, types),
        "requiredInputs": _required(given),
        "properties": _properties([*rows, *told], types),
        "required": _required([*rows, *told]),
    }


def _properties(rows: list[Property], types: Schema) -> Schema:
    return {row.wire: _property(row, types) for row in rows}


def _required(rows: list[Property]) -> list[str]:
    return [row.wire for row in rows if row.required]


def _property(row: Property, types: Schema) -> Schema:
    secret = {"secret": True} if row.about.secret else {}
    return {**_type(row.kind, types), "description": row.description, **secret}


def _type(kind: Any, types: Schema) -> Schema:
    if get_origin(kind) is list:
        return {"type": "array", "items": _type(bare(get_args(kind)[0])[0], types)}
    if get_origin(kind) is dict:
        entries = _type(bare(get_args(kind)[1])[0], types)
        return {"type": "object", "additionalProperties": entries}
    if issubclass(kind, Spec | Outputs):
        return {"$ref": f"#/types/{_nested(kind, types)}"}
    return {"type": _SCALARS[kind]}


def _nested(model: type[Spec] | type[Outputs], types: Schema) -> str:
    token = f"{DYNAMIC_PACKAGE}:{PACKAGE}:{model.__name__}"
    if token not in types:
        rows = [*properties(model)]
        types[token] = {
            "type": "object",
            "description": model.__doc__,
            "properties": _properties(rows, types),
            "required": _required(rows),
        }
    return token
