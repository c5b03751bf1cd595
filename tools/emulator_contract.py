"""Write the emulator's contract extract from Google's published API descriptions.

Sources: the discovery documents inside google-api-python-client, and, for what those leave out
(enum numbers, oneofs, the payloads of long-running operations), the generated messages inside
google-cloud-aiplatform. Both are test dependencies; the extract ships with the emulator instead.

    python tools/emulator_contract.py            write the extract
    python tools/emulator_contract.py --check    exit 1 when the extract is out of date

Field types in the extract are one word each, read from left to right:
    []T  list of T        {}T  map from string to T      @Name  message      #Name  enum
    ...! the server alone sets it; requests may carry it and it is ignored
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from googleapiclient import discovery_cache

Json = dict[str, Any]

DOCUMENTS = Path(discovery_cache.__file__).parent / "documents"
TARGET = (
    Path(__file__).parent.parent
    / "provider/vertex_custom_weights_provider/emulator/contract/contract.json"
)
ENDPOINT_VERBS = (
    "create get list patch update delete deployModel undeployModel mutateDeployedModel predict "
    "rawPredict streamRawPredict chat.completions invoke.invoke deployedModels.invoke.invoke"
)
OPERATION_VERBS = "get list wait cancel delete"
SERVED: dict[str, tuple[str, ...]] = {
    "aiplatform": (
        "projects.modelGardenEula.accept",
        "projects.modelGardenEula.check",
        "projects.locations.deploy",
        "projects.locations.recommendSpec",
        *(f"projects.locations.endpoints.{verb}" for verb in ENDPOINT_VERBS.split()),
        *(
            f"projects.locations.models.{verb}"
            for verb in [
                "upload",
                "get",
                "list",
                "patch",
                "delete",
                "deleteVersion",
                "listVersions",
                "mergeVersionAliases",
            ]
        ),
        *(
            f"projects.locations.{scope}operations.{verb}"
            for scope in ("", "endpoints.", "models.")
            for verb in OPERATION_VERBS.split()
        ),
    ),
    "compute": (
        *(
            f"{collection}.{verb}"
            for collection in ["addresses", "forwardingRules"]
            for verb in ["insert", "get", "list", "aggregatedList", "delete", "setLabels"]
        ),
        *(f"forwardingRules.{verb}" for verb in ["patch", "setTarget"]),
        *(f"regionOperations.{verb}" for verb in ["get", "list", "wait", "delete"]),
    ),
    "storage": ("buckets.get", "buckets.list", "objects.get", "objects.list"),
}
APIS = (
    ("aiplatform", "v1"),
    ("aiplatform", "v1beta1"),
    ("compute", "v1"),
    ("storage", "v1"),
)
# Calls of these families that the emulator does not serve are answered 501 by name instead of 404.
NEIGHBOURS = re.compile(
    r"(aiplatform\.publishers\.models\.\w+"
    r"|aiplatform\.projects\.locations\.(\w+|endpoints\.\w+|models\.\w+"
    r"|deploymentResourcePools\.\w+)"
    r"|compute\.(addresses|globalAddresses|forwardingRules|globalForwardingRules"
    r"|regionOperations|globalOperations|networks|subnetworks|serviceAttachments)\.\w+"
    r"|storage\.(objects|buckets)\.\w+)"
)
PAYLOADS = [
    "GenericOperationMetadata",
    "DeployOperationMetadata",
    "DeployResponse",
    "CreateEndpointOperationMetadata",
    "UpdateEndpointOperationMetadata",
    "DeleteOperationMetadata",
    "DeployModelOperationMetadata",
    "DeployModelResponse",
    "UndeployModelOperationMetadata",
    "UndeployModelResponse",
    "MutateDeployedModelOperationMetadata",
    "MutateDeployedModelResponse",
    "UploadModelOperationMetadata",
    "UploadModelResponse",
]
FORMATS = {
    "google-duration": "duration",
    "google-datetime": "timestamp",
    "google-fieldmask": "fieldmask",
    "byte": "bytes",
    "date-time": "timestamp",
    "date": "string",
}
PLAIN = {"boolean": "bool", "number": "double", "integer": "int32"}


def main() -> int:
    """Write the extract, or compare it."""
    text = render(extract())
    if "--check" in sys.argv[1:]:
        if TARGET.read_text() != text:
            print(f"{TARGET.name} is out of date: run python tools/emulator_contract.py")
            return 1
        return 0
    TARGET.write_text(text)
    print(f"{TARGET.name}: {len(text) / 1000:.0f} kB")
    return 0


def extract() -> Json:
    """Build the whole extract."""
    return {f"{api}.{version}": extract_api(api, version) for api, version in APIS}


def extract_api(api: str, version: str) -> Json:
    """Build the extract of one version of one API."""
    document = json.loads((DOCUMENTS / f"{api}.{version}.json").read_text())
    published = Published(api, version)
    shorten = published.shorten
    methods = {method["id"]: method for method in walk(document)}
    served = {
        f"{api}.{name}": methods[f"{api}.{name}"]
        for name in SERVED[api]
        if f"{api}.{name}" in methods
    }
    roots = [
        message["$ref"]
        for method in served.values()
        for message in (method.get("request"), method.get("response"))
        if message
    ]
    enums: Json = {}
    schemas = {
        shorten(name): describe(name, document["schemas"][name], published, enums)
        for name in reach(roots, document["schemas"])
    }
    schemas |= published.payloads(schemas, enums)
    return {
        "revision": document["revision"],
        "methods": {name: describe_method(m, shorten, version) for name, m in served.items()},
        "neighbours": {
            name: f"{m['httpMethod']} {relative(m, version)}"
            for name, m in sorted(methods.items())
            if name not in served and NEIGHBOURS.fullmatch(name)
        },
        "schemas": dict(sorted(schemas.items())),
        "enums": dict(sorted(enums.items())),
    }


def walk(resource: Json) -> Iterator[Json]:
    """Every method below a discovery resource."""
    yield from resource.get("methods", {}).values()
    for child in resource.get("resources", {}).values():
        yield from walk(child)


def reach(roots: list[str], schemas: Json) -> list[str]:
    """Names of the schemas that the roots refer to, directly or not."""
    found: dict[str, None] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting.extend(references(schemas[name]))
    return list(found)


def references(value: Any) -> Iterator[str]:
    """Every `$ref` inside a discovery value."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def relative(method: Json, version: str) -> str:
    """The flat path without its version, which only some APIs carry there."""
    return str(method.get("flatPath", method["path"])).removeprefix(f"{version}/")


def describe_method(method: Json, shorten: Callable[[str], str], version: str) -> Json:
    """Verb, path, parameters, request and response of one method."""
    parameters = method.get("parameters", {})
    described: Json = {
        "http": method["httpMethod"],
        "path": relative(method, version),
        "in_path": sorted(k for k, p in parameters.items() if p["location"] == "path"),
        "query": {
            k: ("[]" if p.get("repeated") else "") + scalar(p)
            for k, p in sorted(parameters.items())
            if p["location"] == "query"
        },
    }
    for side in ("request", "response"):
        if side in method:
            described[side] = shorten(method[side]["$ref"])
    return described


def scalar(value: Json) -> str:
    """The word for a scalar that is no enum."""
    if value.get("format") in FORMATS:
        return FORMATS[value["format"]]
    if value["type"] in ("string", "integer", "number") and value.get("format"):
        return str(value["format"])
    return PLAIN.get(value["type"], value["type"])


def describe(name: str, schema: Json, published: Published, enums: Json) -> Json:
    """One message: its fields, and its oneofs under the key "|"."""
    fields: Json = {}
    for field, value in sorted(schema.get("properties", {}).items()):
        prefix, inner = unwrap(value)
        output_only = value.get("readOnly") or "[Output Only]" in value.get("description", "")
        if "enum" in inner:
            enum, numbers = published.enum(name, field, inner["enum"])
            enums[enum] = numbers
            word = f"#{enum}"
        elif "$ref" in inner:
            word = f"@{published.shorten(inner['$ref'])}"
        else:
            word = "struct" if inner["type"] == "object" else scalar(inner)
        fields[field] = prefix + word + ("!" if output_only else "")
    if oneofs := published.oneofs(name, fields):
        fields["|"] = oneofs
    return fields


def unwrap(value: Json) -> tuple[str, Json]:
    """Peel lists and maps off a property."""
    if value.get("type") == "array":
        prefix, inner = unwrap(value["items"])
        return "[]" + prefix, inner
    extra = value.get("additionalProperties")
    if value.get("type") == "object" and extra and extra.get("type") != "any":
        prefix, inner = unwrap(extra)
        return "{}" + prefix, inner
    return "", value


class Published:
    """What the generated messages know and the discovery document does not."""

    def __init__(self, api: str, version: str) -> None:
        self.messages: Json = {}
        self.prefix = ""
        if api != "aiplatform":
            return
        self.prefix = f"GoogleCloudAiplatform{version.capitalize()}"
        types = importlib.import_module(f"google.cloud.aiplatform_{version}.types")
        for name in types.__all__:
            message = getattr(types, name)
            if hasattr(message, "pb"):
                self._add(message.pb().DESCRIPTOR)

    def _add(self, descriptor: Any) -> None:
        self.messages[descriptor.full_name.split(".", 4)[4].replace(".", "")] = descriptor
        for nested in descriptor.nested_types:
            self._add(nested)

    def shorten(self, name: str) -> str:
        """A discovery name without the prefix that repeats API and version."""
        return name.removeprefix(self.prefix) if self.prefix else name

    def enum(self, schema: str, field: str, names: list[str]) -> tuple[str, Json]:
        """Name and numbers of a field's enum; null where no number is published."""
        message = self.messages.get(self.shorten(schema))
        known = {f.json_name: f for f in message.fields} if message else {}
        if field in known and known[field].enum_type:
            enum = known[field].enum_type
            numbers = {value.name: value.number for value in enum.values}
            return enum.full_name.split(".", 4)[4], {n: numbers.get(n) for n in names} | numbers
        return f"{self.shorten(schema)}.{field}", dict.fromkeys(names)

    def oneofs(self, schema: str, fields: Json) -> list[list[str]]:
        """Groups of fields of which a request may set one."""
        message = self.messages.get(self.shorten(schema))
        if not message:
            return []
        groups = [[field.json_name for field in oneof.fields] for oneof in message.oneofs]
        present = [[name for name in group if name in fields] for group in groups]
        return [group for group in present if len(group) > 1]

    def payloads(self, schemas: Json, enums: Json) -> Json:
        """Payloads of long-running operations, which discovery types as "any"."""
        found: Json = {}
        for name in PAYLOADS if self.messages else ():
            if name not in schemas and name in self.messages:
                found[name] = {
                    field.json_name: self._word(field, enums)
                    for field in self.messages[name].fields
                }
        return found

    @staticmethod
    def _word(field: Any, enums: Json) -> str:
        repeated = "[]" if field.is_repeated else ""
        if field.enum_type:
            name = field.enum_type.full_name.split(".", 4)[4]
            enums[name] = {value.name: value.number for value in field.enum_type.values}
            return f"{repeated}#{name}"
        if field.message_type:
            name = field.message_type.full_name
            known = {
                "google.protobuf.Timestamp": "timestamp",
                "google.rpc.Status": "@GoogleRpcStatus",
            }
            return repeated + known.get(name, f"@{name.split('.')[-1]}")
        scalars = {3: "int64", 5: "int32", 8: "bool", 9: "string"}
        return repeated + scalars[field.type]


def render(contract: Json) -> str:
    """One line per method, schema and enum: small, and still readable as a diff."""
    lines = ["{"]
    for api, parts in contract.items():
        lines.append(f' "{api}": {{')
        for key, part in parts.items():
            if not isinstance(part, dict):
                lines.append(f'  "{key}": {json.dumps(part)},')
                continue
            lines.append(f'  "{key}": {{')
            lines += [f"   {json.dumps(k)}: {dumps(v)}," for k, v in part.items()]
            lines[-1] = lines[-1].rstrip(",")
            lines.append("  },")
        lines[-1] = "  }"
        lines.append(" },")
    lines[-1] = " }"
    return "\n".join([*lines, "}", ""])


def dumps(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(main())
