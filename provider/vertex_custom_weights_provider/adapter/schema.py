"""The Pulumi package schema, derived from the specs.

Asked for by YAML programs and by the code generator after `pulumi import`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from vertex_custom_weights_provider.lifecycle.lifecycles import MODULES, lifecycle_of
from vertex_custom_weights_provider.tokens import DYNAMIC_PACKAGE, PACKAGE, import_token

_SCALARS = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
# Inputs that `check` alone fills in: programs that an import generates cannot pass them.
_NO_ARGUMENTS = ("owner", "weightsFingerprint")
_TEXT: dict[str, Any] = {"type": "string"}
_OBJECTS = {"type": "array", "items": {"type": "object", "additionalProperties": _TEXT}}


def package() -> dict[str, Any]:
    """Return the schema of the package that dynamic Python resources are imported from."""
    types: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    for name in MODULES:
        resources[import_token(name)] = _resource(lifecycle_of(name).model, types)
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


def _resource(model: Any, types: dict[str, Any]) -> dict[str, Any]:
    definitions = msgspec.json.schema_components([model])[1]
    schema = definitions.pop(model.__name__)
    for name, definition in definitions.items():
        types[f"{DYNAMIC_PACKAGE}:{PACKAGE}:{name}"] = {"type": "object", **_object(definition)}
    state = _object(schema)["properties"]
    inputs = {name: value for name, value in state.items() if name not in _NO_ARGUMENTS}
    outputs = {
        name: {**(_OBJECTS if name in model.lists else _TEXT), "description": about}
        for name, about in model.outputs.items()
    }
    return {
        "description": model.__doc__,
        "inputProperties": inputs,
        "requiredInputs": schema.get("required", []),
        "properties": {**state, **outputs},
        "required": [*schema.get("required", []), *outputs],
    }


def _object(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = {key: _property(value) for key, value in schema.get("properties", {}).items()}
    return {"properties": properties, "required": list(schema.get("required", []))}


def _property(schema: Mapping[str, Any]) -> dict[str, Any]:
    about = {"description": schema["description"]} if "description" in schema else {}
    return {**_type(schema), **about}


def _type(schema: Mapping[str, Any]) -> dict[str, Any]:
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return _type(option)
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return {"$ref": f"#/types/{DYNAMIC_PACKAGE}:{PACKAGE}:{name}"}
    kind = schema.get("type", "string")
    if kind == "array":
        return {"type": "array", "items": _type(schema.get("items", {}))}
    if kind == "object":
        entries = schema.get("additionalProperties")
        typed = isinstance(entries, dict)
        values = _type(cast("dict[str, Any]", entries)) if typed else {"type": "string"}
        return {"type": "object", "additionalProperties": values}
    return {"type": _SCALARS[kind]}
