"""The keys that a person wrote, in place of the properties that they became.

A component takes its arguments in a consumer's words and hands them to its resources by the API's
names, so what is said of a resource would name what nobody wrote. The table says which argument
each property of a component's children comes from; `tests/components/test_words.py` compares it
with what the components do. Resources that a program declares itself keep their names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from vertex_custom_weights_provider import tokens
from vertex_custom_weights_provider.spelling import camel, snake

Spell = Callable[[str], str]
_FREE_FORM = frozenset({"labels"})  # whose keys are the user's own words

_SHARED = {"labels": "labels", "adopt": "deployment.adopt", "timeouts": "deployment.timeouts"}
_MACHINE = "dedicatedResources.machineSpec"
_TO_ZERO = "dedicatedResources.scaleToZeroSpec"
_PRIVATE = {
    "privateServiceConnectConfig": "private_service_connect",
    "privateServiceConnectConfig.projectAllowlist": "private_service_connect.allowed_projects",
    "privateServiceConnectConfig.enableSecurePrivateServiceConnect": (
        "private_service_connect.check_permissions"
    ),
}
_OF_ENDPOINT: Mapping[str, Mapping[str, str]] = {
    "CustomWeightsDeployment": {
        **_SHARED,
        **_PRIVATE,
        "gcsUri": "weights_uri",
        "baseModel": "base_model",
        "family": "family",
        "project": "project",
        "location": "location",
        "dedicatedResources": "machine",
        _MACHINE: "machine",
        f"{_MACHINE}.machineType": "machine.type",
        f"{_MACHINE}.acceleratorType": "machine.accelerator",
        f"{_MACHINE}.acceleratorCount": "machine.accelerator_count",
        f"{_MACHINE}.multihostGpuNodeCount": "machine.hosts",
        f"{_MACHINE}.gpuPartitionSize": "machine.partition_size",
        f"{_MACHINE}.reservationAffinity": "machine.reservation",
        f"{_MACHINE}.reservationAffinity.values[0]": "machine.reservation",
        "dedicatedResources.spot": "machine.spot",
        "dedicatedResources.flexStart": "machine.flex_start",
        "dedicatedResources.flexStart.maxRuntimeDuration": "machine.flex_start",
        "dedicatedResources.minReplicaCount": "replicas.min",
        "dedicatedResources.maxReplicaCount": "replicas.max",
        "dedicatedResources.initialReplicaCount": "replicas.initial",
        "dedicatedResources.autoscalingMetricSpecs": "replicas.targets",
        _TO_ZERO: "replicas.min",
        f"{_TO_ZERO}.idleScaledownPeriod": "replicas.idle_period",
        f"{_TO_ZERO}.minScaleupPeriod": "replicas.min_uptime",
        "containerSpec": "deployment.container",
        "enableContainerLogging": "deployment.container_logging",
        "enableAccessLogging": "deployment.access_logging",
        "serviceAccount": "deployment.service_account",
        "preflight": "deployment.preflight",
        "weightsChanges": "deployment.weights_changes",
        "smokeTest": "deployment.smoke_test",
        "trafficSteps": "deployment.traffic_steps",
        "generation": "deployment.generation",
    },
    "Endpoint": {
        **_SHARED,
        **_PRIVATE,
        "project": "project",
        "location": "location",
        "dedicatedEndpointEnabled": "public",
        "predictRequestResponseLoggingConfig": "deployment.request_logging",
        "clientConnectionConfig": "deployment.inference_timeout",
        "clientConnectionConfig.inferenceTimeout": "deployment.inference_timeout",
        "encryptionSpec": "deployment.encryption_key",
        "encryptionSpec.kmsKeyName": "deployment.encryption_key",
    },
}
# Sentences about a block call its properties by the ends of their paths.
_LAST_NAMES = {
    path[dot.end() :]: key
    for path, key in _OF_ENDPOINT["CustomWeightsDeployment"].items()
    for dot in re.finditer(r"\.", path)
}
_OF_CONNECTION: Mapping[str, Mapping[str, str]] = {
    "PscAddress": {
        "address": "ip_address",
        "subnetwork": "subnetwork",
        "adopt": "adopt_address",
    },
    "PscForwardingRule": {
        "network": "network",
        "allowPscGlobalAccess": "global_access",
        "serviceDirectoryRegistrations": "service_directory",
        "serviceDirectoryRegistrations[0]": "service_directory",
        "adopt": "adopt_forwarding_rule",
    },
}


class Words(NamedTuple):
    """How the person who declared a resource calls its properties.

    Attributes:
        keys: Argument, by property; empty where they are the same.
        spell: How the argument's names are written.
    """

    keys: Mapping[str, str]
    spell: Spell

    def path(self, path: str) -> str:
        """Return the key of a property's path; what is below a property keeps its place."""
        above = [path[: cut.start()] for cut in re.finditer(r"[.\[]|$", path)]
        known = next((one for one in reversed(above) if one in self.keys), None)
        if known is None:
            return path
        key, below = self.keys[known], path.removeprefix(known)
        return _spelled(key, self.spell) + (
            below if known in _FREE_FORM else _spelled(below, self.spell)
        )

    def text(self, text: str) -> str:
        """Return a sentence with the keys that were written in place of properties."""
        if not self.keys:
            return text
        return "\n".join(map(self._line, text.split("\n")))

    def _line(self, line: str) -> str:
        head, colon, rest = line.partition(": ")
        if not colon or " " in head:
            return self._inside(line)
        return f"{self.path(head)}: {self._inside(rest)}"

    def _inside(self, text: str) -> str:
        return _named(tuple(self.keys)).sub(lambda found: self.path(found[0]), text)


@cache
def _named(paths: tuple[str, ...]) -> re.Pattern[str]:
    """Match properties in a sentence: such as are no words of English, with what is below them."""
    marked = [path for path in paths if "." in path or path != path.lower()]
    longest = sorted(map(re.escape, marked), key=len, reverse=True)
    return re.compile(rf"(?<![\w./:\[-])(?:{'|'.join(longest)})(?:\.\w+|\[\d+\])*(?![\w/])")


def _spelled(path: str, spell: Spell) -> str:
    return re.sub(r"[A-Za-z_]\w*", lambda found: spell(found[0]), path)


def of(urn: str, endpoints: Any, *, plugin: bool) -> Words:
    """Return the words of a resource.

    Args:
        urn: Its URN.
        endpoints: What the stack file declares, as JSON; None without one.
        plugin: A program of another language does, by the plugin.
    """
    types, name = _types(urn), urn.rsplit("::", 1)[-1]
    kind = tokens.resource_type(types[-1]) if types else None
    keys = _keys(kind, types[:-1]) if kind else None
    if not keys:
        return Words({}, str)
    declared = _declared(endpoints)
    if not any(name.startswith(f"{endpoint}-") for endpoint in declared):
        return Words(keys, camel if plugin else snake)
    version, said = _version(name, declared)
    if version and "gcsUri" in keys:
        keys = {path: _of_version(key, version, said) for path, key in keys.items()}
    return Words(keys, camel)


def _of_version(key: str, version: str, said: Mapping[str, Any]) -> str:
    """Return the key of a version's argument, which may be the endpoint's."""
    own = key == "weights_uri" or camel(key.partition(".")[0]) in said
    return f"versions.{version}.{key}" if own else key


def _keys(kind: str, above: list[str]) -> Mapping[str, str]:
    """Return the keys of a component's child; of what a program declares itself there are none."""
    components = [found for one in above if (found := tokens.component(one))]
    if not components:
        return {}
    if components[-1] != "PrivateServiceConnect":
        known = _OF_ENDPOINT.get(kind, {})
        return {**_LAST_NAMES, **known} if known else known
    inside = "private_service_connect." if len(components) > 1 else ""
    found = {path: f"{inside}{key}" for path, key in _OF_CONNECTION.get(kind, {}).items()}
    where = "location" if inside else "region"
    return {**found, "labels": "labels", "project": f"{inside}project", "region": where}


def _types(urn: str) -> list[str]:
    parts = urn.split("::")
    return parts[2].split("$") if len(parts) > 2 else []


def _version(name: str, declared: Mapping[str, Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """Return the version of an endpoint in a stack file that a resource is, and what it says."""
    for endpoint, arguments in declared.items():
        versions: Any = arguments.get("versions")
        for version, said in cast(
            "dict[str, Any]", versions if isinstance(versions, dict) else {}
        ).items():
            if name == f"{endpoint}-{version}" and isinstance(said, dict):
                return version, cast("dict[str, Any]", said)
    return "", {}


@cache
def _declared(text: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return the endpoints of a stack file by name."""
    try:
        found: Any = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    entries = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    return {
        name: cast("dict[str, Any]", one) for name, one in entries.items() if isinstance(one, dict)
    }
