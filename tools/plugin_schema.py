"""Write the schema of the plugin: resources from the tables, components from their type hints.

python tools/plugin_schema.py            # write
python tools/plugin_schema.py --check    # exit code 1 when the file is out of date
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pulumi
import schema_examples
from docstrings import described
from pulumi.provider.experimental.analyzer import ComponentDefinition
from pulumi.provider.experimental.schema import ComplexType, Resource

from vertex_custom_weights.inference import ComponentAnalyzer, arguments_of, choices
from vertex_custom_weights_plugin.construct import components
from vertex_custom_weights_provider import tokens
from vertex_custom_weights_provider.adapter import schema
from vertex_custom_weights_provider.host.plugin import VERSION
from vertex_custom_weights_provider.spelling import camel

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "components" / "vertex_custom_weights_plugin" / "schema.json"
PREFIX = f"{tokens.PACKAGE}:{tokens.MODULE}:"
REPOSITORY = "https://github.com/vertex-custom-weights/vertex-custom-weights"
Schema = dict[str, Any]

HEAD: Schema = {
    "name": tokens.PACKAGE,
    "displayName": "Vertex Custom Weights",
    "version": VERSION,
    "description": "Your own model weights on Vertex AI Model Garden, behind a private endpoint.",
    "keywords": ["pulumi", "gcp", "vertex-ai", "category/cloud", "kind/native"],
    "homepage": REPOSITORY,
    "repository": REPOSITORY,
    "license": "Apache-2.0",
    "publisher": "vertex-custom-weights",
    "pluginDownloadURL": f"github://api.github.com/{REPOSITORY.removeprefix('https://github.com/')}",
    "meta": {"moduleFormat": "(.*)"},
    "language": {
        "nodejs": {"packageName": "vertex-custom-weights", "respectSchemaVersion": True},
        "python": {
            "packageName": "pulumi_vcw",
            "respectSchemaVersion": True,
            "pyproject": {"enabled": True},
        },
        "go": {
            "importBasePath": f"{REPOSITORY.removeprefix('https://')}/sdk/go/vcw",
            "respectSchemaVersion": True,
            "generateResourceContainerTypes": True,
        },
        "csharp": {"respectSchemaVersion": True},
        "java": {"respectSchemaVersion": True},
    },
}


def document() -> str:
    """Return the file."""
    found = schema.plugin()
    types, resources = _components()
    # A nested object of the tables is the same wherever it is used.
    found["types"] = {**types, **found["types"]}
    found["resources"] = {**found["resources"], **resources}
    for name in schema_examples.PROPERTIES:
        made = found["resources"][tokens.token(name)]
        made["description"] = schema_examples.described(name, made["description"])
    for part in ("types", "resources"):
        found[part] = dict(sorted(found[part].items()))
    return json.dumps({**HEAD, **found}, indent=2, ensure_ascii=False) + "\n"


def _components() -> tuple[Schema, Schema]:
    kinds = components()
    found = ComponentAnalyzer(tokens.PACKAGE).analyze([*kinds.values()])
    resources: Schema = {}
    enums: Schema = {}
    for name, definition in found["component_definitions"].items():
        resource = Resource.from_definition(_told(kinds[name], definition)).to_json()
        _choose(resource["inputProperties"], arguments_of(kinds[name]), enums, name)
        resources[tokens.token(name)] = resource
    types: Schema = {}
    for name, shape in found["type_definitions"].items():
        made = ComplexType.from_definition(shape).to_json()
        _choose(made["properties"], shape.python_type, enums, "")
        types[_type_token(name)] = made
    text = json.dumps([{**types, **enums}, resources])
    for name in sorted(found["type_definitions"], key=len, reverse=True):
        text = text.replace(
            f'"#/types/{tokens.PACKAGE}:index:{name}"', f'"#/types/{_type_token(name)}"'
        )
    types, resources = json.loads(text)
    return _bare(types), _bare(resources)


def _type_token(name: str) -> str:
    """Return the token of a nested object: `…Args` would be what Go calls the inputs of another."""
    plain = name.removesuffix("Args")
    taken = {tokens.token(one) for one in (*tokens.RESOURCES, *tokens.COMPONENTS)}
    return PREFIX + (f"{plain}Options" if PREFIX + plain in taken else plain)


def _told(component: type, definition: ComponentDefinition) -> ComponentDefinition:
    """Return the definition with the descriptions of outputs that a base class declares."""
    about = {}
    for base in reversed(component.__mro__):
        if issubclass(base, pulumi.ComponentResource) and base.__module__.startswith("vertex"):
            about |= described(base)
    for wire, output in definition.outputs.items():
        output.description = output.description or about[definition.outputs_mapping[wire]]
    if definition.description is None:
        definition.description = component.__doc__
    return definition


def _choose(properties: Schema, shape: Any, enums: Schema, owner: str) -> None:
    """Write the choices of arguments as enumerations, which leave room for other values."""
    hints: dict[str, Any] = getattr(shape, "__annotations__", {})
    for name, hint in hints.items():
        values = [value for value in choices(hint) if isinstance(value, str)]
        if not values or "items" in properties[camel(name)]:
            continue
        kind = camel(name)[0].upper() + camel(name)[1:]
        kind = PREFIX + (owner.removesuffix("Endpoint") if name == "base_model" else "") + kind
        enums[kind] = {
            "type": "string",
            "description": f"Values of `{camel(name)}`.",
            "enum": [{"value": one, "name": _constant(one)} for one in values],
        }
        given = properties[camel(name)]
        given["oneOf"] = [{"type": "string"}, {"$ref": f"#/types/{kind}"}]


def _constant(value: str) -> str:
    words = value.replace(".", "_").replace("-", " ").split()
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name[0].isalpha() else f"_{name}"


def _bare(value: Any) -> Any:
    """Return a JSON value without what is absent, and prose on lines of its own."""
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_bare(one) for one in value]
    return value


def main() -> int:
    """Write the file, or compare it."""
    text = document()
    if "--check" in sys.argv[1:]:
        if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.relative_to(ROOT)} is out of date: python tools/plugin_schema.py")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
