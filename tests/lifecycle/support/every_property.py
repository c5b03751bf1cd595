"""For every property of every resource: two values, and where Google keeps it.

A row is a pair of bags that differ in one property. `at` says where the API shows it, so that it
can be looked at, and changed, behind the back of the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vertex_custom_weights_provider.emulator import names
from vertex_custom_weights_provider.emulator.aiplatform import endpoint_record, model_record
from vertex_custom_weights_provider.emulator.compute import records
from vertex_custom_weights_provider.emulator.compute.allocation import ADDRESS, RULE
from vertex_custom_weights_provider.emulator.compute.naming import Locator, Region
from vertex_custom_weights_provider.properties.base import Change, Mutability, Spec
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.endpoint import EndpointSpec
from vertex_custom_weights_provider.properties.psc_address import PscAddressSpec
from vertex_custom_weights_provider.properties.psc_forwarding_rule import PscForwardingRuleSpec
from vertex_custom_weights_provider.properties.table import properties

from .inputs import MACHINE
from .world import PROJECT, World

Bag = dict[str, Any]
MODELS: dict[str, type[Spec]] = {
    "Endpoint": EndpointSpec,
    "CustomWeightsDeployment": CustomWeightsDeploymentSpec,
    "PscAddress": PscAddressSpec,
    "PscForwardingRule": PscForwardingRuleSpec,
}
# Told apart from what is sent: where an object is, whose it is, and how to treat it.
NO_ROWS = frozenset({"project", "location", "region", "owner", "weightsFingerprint", "adopt"})


@dataclass(frozen=True)
class Row:
    """Two values of one property.

    Attributes:
        before, after: Inputs to add to the base of its resource.
        at: `object:path` in the API; empty where Google does not keep or show it.
        of: Path of the input that is looked at, when it is another than the property.
        shown: The API's value for an input, where it is not the input itself.
    """

    before: Bag
    after: Bag
    at: str = ""
    of: str = ""
    shown: Mapping[Any, Any] = field(default_factory=dict)


def leaves(model: type[Spec], prefix: str = "") -> Iterator[tuple[str, Mutability]]:
    """Yield the properties that hold no properties of their own, with what a change means."""
    for row in properties(model):
        path = f"{prefix}{row.wire}"
        if row.block is None:
            yield path, row.mutability or Mutability(Change.UPDATE)
            continue
        rows = {inner.wire: inner for inner in properties(row.block)}
        for below, inner in leaves(row.block, f"{path}."):
            first = below.removeprefix(f"{path}.").split(".")[0]
            said = rows[first].mutability is not None
            yield below, inner if said or row.mutability is None else row.mutability


def value(bag: Any, path: str) -> Any:
    """Return what is at a dotted path; None when nothing is."""
    for key in path.split("."):
        bag = bag.get(key) if isinstance(bag, dict) else None
    return bag


def put(bag: Bag, path: str, new: Any) -> None:
    """Write a value at a dotted path, or take it away when it is None."""
    *way, last = path.split(".")
    for key in way:
        bag = bag.setdefault(key, {})
    if new is None:
        bag.pop(last, None)
    else:
        bag[last] = new


def nest(path: str, new: Any) -> Bag:
    bag: Bag = {}
    put(bag, path, new)
    return bag


# --- rows ---------------------------------------------------------------------------------------


def _labels(kind: str) -> Row:
    bags = ({"labels": {"team": team}} for team in ("a", "b"))
    return Row(*bags, f"{kind}:labels.team", "labels.team")


def _kept(path: str, before: Any, after: Any, at: str = "", **beside: Any) -> Row:
    """Make a row of two values that are set one below the other, beside others of the block."""

    def bag(new: Any) -> Bag:
        made = nest(path, new)
        block = path.rpartition(".")[0]
        for key, other in beside.items():
            put(made, f"{block}.{key}" if block else key, other)
        return made

    return Row(bag(before), bag(after), at)


PSC = "privateServiceConnectConfig"
PRIVATE: Bag = {"enablePrivateServiceConnect": True, "projectAllowlist": [PROJECT]}
NETWORKS = [{"projectId": PROJECT, "network": f"projects/{PROJECT}/global/networks/a"}]
LOGGING = "predictRequestResponseLoggingConfig"
TABLE = {"bigqueryDestination": {"outputUri": "bq://p.d.one"}}
RESOURCES = "dedicatedResources"
SPEC = f"{RESOURCES}.machineSpec"
IDLE = {"idleScaledownPeriod": "600s", "minScaleupPeriod": "300s"}
METRICS = [
    {
        "metricName": "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
        "target": 70,
    }
]
RESERVED = {
    "reservationAffinityType": "SPECIFIC_RESERVATION",
    "key": "compute.googleapis.com/reservation-name",
    "values": ["projects/p/zones/z/reservations/r"],
}


def _private(owner: str) -> dict[str, Row]:
    """Return the rows of private access, which two resources have."""

    def config(**more: Any) -> Bag:
        return {PSC: {**PRIVATE, **more}}

    at = f"{owner}:{PSC}"
    off = {PSC: {"enablePrivateServiceConnect": False}}
    return {
        f"{PSC}.enablePrivateServiceConnect": Row(off, config()),
        f"{PSC}.projectAllowlist": Row(
            config(), config(projectAllowlist=[PROJECT, "other"]), f"{at}.projectAllowlist"
        ),
        f"{PSC}.enableSecurePrivateServiceConnect": Row(
            config(),
            config(enableSecurePrivateServiceConnect=True),
            f"{at}.enableSecurePrivateServiceConnect",
        ),
        f"{PSC}.pscAutomationConfigs": Row(
            config(), config(pscAutomationConfigs=NETWORKS), f"{at}.pscAutomationConfigs"
        ),
    }


def _common() -> dict[str, Row]:
    return {
        "deletionPolicy": _kept("deletionPolicy", "delete", "abandon"),
        "timeouts.create": _kept("timeouts.create", "7200s", "3600s"),
        "timeouts.update": _kept("timeouts.update", "7200s", "3600s"),
        "timeouts.delete": _kept("timeouts.delete", "7200s", "1800s"),
    }


def _logging(path: str, before: Any, after: Any) -> Row:
    full = f"{LOGGING}.{path}"
    both = _kept(full, before, after, f"endpoint:{full}")
    rest = {"enabled": True, **TABLE}
    if path.startswith("bigquery"):
        rest = {"enabled": True}
    elif path == "enabled":
        rest = TABLE

    def with_rest(bag: Bag) -> Bag:
        return {LOGGING: {**rest, **bag[LOGGING]}}

    return Row(with_rest(both.before), with_rest(both.after), both.at)


ENDPOINT: dict[str, Row] = {
    "endpointId": _kept("endpointId", "one", "two"),
    "displayName": _kept("displayName", "one", "two", "endpoint:displayName"),
    "description": _kept("description", None, "for search", "endpoint:description"),
    "labels": _labels("endpoint"),
    **_private("endpoint"),
    "dedicatedEndpointEnabled": _kept(
        "dedicatedEndpointEnabled", False, True, "endpoint:dedicatedEndpointEnabled"
    ),
    "network": _kept("network", None, "projects/1/global/networks/n", "endpoint:network"),
    "encryptionSpec.kmsKeyName": _kept(
        "encryptionSpec.kmsKeyName", "key/one", "key/two", "endpoint:encryptionSpec.kmsKeyName"
    ),
    f"{LOGGING}.enabled": _logging("enabled", False, True),
    f"{LOGGING}.samplingRate": _logging("samplingRate", 0.5, 0.25),
    f"{LOGGING}.bigqueryDestination.outputUri": _logging(
        "bigqueryDestination.outputUri", "bq://p.d.one", "bq://p.d.two"
    ),
    "clientConnectionConfig.inferenceTimeout": _kept(
        "clientConnectionConfig.inferenceTimeout",
        "1200s",
        "1800s",
        "endpoint:clientConnectionConfig.inferenceTimeout",
    ),
    "generation": _kept("generation", 1, 2),
    **_common(),
}


def _replicas(key: str, before: Any, after: Any, **beside: Any) -> Row:
    given = {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 4, **beside}
    path = f"{RESOURCES}.{key}"
    row = _kept(path, before, after, f"deployed:{path}")
    return Row(
        {RESOURCES: {**given, **row.before[RESOURCES]}},
        {RESOURCES: {**given, **row.after[RESOURCES]}},
        row.at,
    )


def _machine(key: str, before: Any, after: Any) -> Row:
    def bag(new: Any) -> Bag:
        changed = {**MACHINE, key: new} if not isinstance(new, dict) else {**MACHINE, **new}
        spec = {k: v for k, v in changed.items() if v is not None}
        return {RESOURCES: {"machineSpec": spec, "minReplicaCount": 1, "maxReplicaCount": 1}}

    return Row(bag(before), bag(after), f"deployed:{SPEC}.{key}")


def _container(key: str, before: Any, after: Any) -> Row:
    return _kept(f"containerSpec.{key}", before, after, imageUri="us-docker.pkg.dev/p/r/one")


def _probe(name: str) -> Iterator[tuple[str, Row]]:
    block = f"containerSpec.{name}"
    image = {"imageUri": "us-docker.pkg.dev/p/r/one"}
    values: dict[str, tuple[Any, Any]] = {
        "exec.command": (["a"], ["b"]),
        "httpGet.path": ("/a", "/b"),
        "httpGet.port": (8080, 8081),
        "httpGet.host": ("a", "b"),
        "httpGet.scheme": ("HTTP", "HTTPS"),
        "initialDelaySeconds": (1, 2),
        "periodSeconds": (10, 20),
        "timeoutSeconds": (1, 2),
        "failureThreshold": (3, 60),
        "successThreshold": (1, 2),
    }
    for key, (one, other) in values.items():
        bags = [nest(f"{block}.{key}", new) for new in (one, other)]
        for bag in bags:
            bag["containerSpec"] |= image
        yield f"{block}.{key}", Row(*bags)


def _scaled_to_zero(key: str, after: str) -> Row:
    row = _replicas(
        f"scaleToZeroSpec.{key}",
        IDLE[key],
        after,
        minReplicaCount=0,
    )
    rest = {"scaleToZeroSpec": IDLE}
    return Row(
        {RESOURCES: {**row.before[RESOURCES], **rest}},
        {RESOURCES: {**row.after[RESOURCES], "scaleToZeroSpec": {**IDLE, key: after}}},
        row.at,
    )


DEPLOYMENT: dict[str, Row] = {
    "gcsUri": _kept("gcsUri", "gs://weights/a", "gs://weights/b"),
    "endpointUserId": _kept("endpointUserId", "one", "two"),
    "endpointDisplayName": _kept("endpointDisplayName", "one", "two", "endpoint:displayName"),
    "modelUserId": _kept("modelUserId", "one", "two"),
    "modelDisplayName": _kept("modelDisplayName", "one", "two", "model:displayName"),
    "labels": _labels("endpoint"),
    "dedicatedEndpointDisabled": Row(
        {"dedicatedEndpointDisabled": False},
        {"dedicatedEndpointDisabled": True},
        "endpoint:dedicatedEndpointEnabled",
        shown={False: True, True: None},
    ),
    **_private("endpoint"),
    "containerSpec.imageUri": _kept("containerSpec.imageUri", "us-docker/a", "us-docker/b"),
    "containerSpec.command": _container("command", ["a"], ["b"]),
    "containerSpec.args": _container("args", ["a"], ["b"]),
    "containerSpec.env": _container("env", [], [{"name": "A", "value": "b"}]),
    "containerSpec.ports": _container("ports", [{"containerPort": 1}], [{"containerPort": 2}]),
    "containerSpec.grpcPorts": _container("grpcPorts", [], [{"containerPort": 2}]),
    "containerSpec.predictRoute": _container("predictRoute", "/a", "/b"),
    "containerSpec.healthRoute": _container("healthRoute", "/a", "/b"),
    "containerSpec.invokeRoutePrefix": _container("invokeRoutePrefix", None, "/*"),
    "containerSpec.sharedMemorySizeMb": _container("sharedMemorySizeMb", 64, 128),
    "containerSpec.deploymentTimeout": _container("deploymentTimeout", "600s", "1200s"),
    **dict(_probe("startupProbe")),
    **dict(_probe("healthProbe")),
    **dict(_probe("livenessProbe")),
    f"{SPEC}.machineType": _machine("machineType", "g2-standard-12", "g2-standard-16"),
    f"{SPEC}.acceleratorType": _machine(
        "acceleratorType",
        "NVIDIA_L4",
        {"machineType": "n1-standard-8", "acceleratorType": "NVIDIA_TESLA_T4"},
    ),
    f"{SPEC}.acceleratorCount": _machine(
        "acceleratorCount", 1, {"machineType": "g2-standard-24", "acceleratorCount": 2}
    ),
    f"{SPEC}.gpuPartitionSize": _machine("gpuPartitionSize", None, "1g.10gb"),
    f"{SPEC}.tpuTopology": _machine("tpuTopology", None, "2x2"),
    f"{SPEC}.multihostGpuNodeCount": _machine("multihostGpuNodeCount", None, 2),
    f"{SPEC}.minGpuDriverVersion": _machine("minGpuDriverVersion", None, "535.0.0"),
    **{
        f"{SPEC}.reservationAffinity.{key}": Row(
            _machine("reservationAffinity", None, None).before,
            _machine("reservationAffinity", None, {"reservationAffinity": RESERVED}).after,
            f"deployed:{SPEC}.reservationAffinity",
            f"{SPEC}.reservationAffinity",
        )
        for key in RESERVED
    },
    f"{RESOURCES}.minReplicaCount": _replicas("minReplicaCount", 1, 2),
    f"{RESOURCES}.maxReplicaCount": _replicas("maxReplicaCount", 2, 3),
    f"{RESOURCES}.requiredReplicaCount": _replicas("requiredReplicaCount", 1, 2, minReplicaCount=2),
    f"{RESOURCES}.initialReplicaCount": _replicas(
        "initialReplicaCount", 1, 2, minReplicaCount=0, scaleToZeroSpec=IDLE
    ),
    f"{RESOURCES}.scaleToZeroSpec.minScaleupPeriod": _scaled_to_zero("minScaleupPeriod", "400s"),
    f"{RESOURCES}.scaleToZeroSpec.idleScaledownPeriod": _scaled_to_zero(
        "idleScaledownPeriod", "900s"
    ),
    f"{RESOURCES}.autoscalingMetricSpecs": _replicas("autoscalingMetricSpecs", None, METRICS),
    f"{RESOURCES}.spot": _replicas("spot", False, True),
    f"{RESOURCES}.flexStart.maxRuntimeDuration": _replicas(
        "flexStart.maxRuntimeDuration", "3600s", "7200s"
    ),
    "serviceAccount": _kept("serviceAccount", "a@p.iam", "b@p.iam", "deployed:serviceAccount"),
    "enableContainerLogging": _kept(
        "enableContainerLogging", False, True, "deployed:enableContainerLogging"
    ),
    "weightsChanges": _kept("weightsChanges", "rollout", "ignore"),
    "baseModel": _kept("baseModel", "llama-3.2-1b", "llama-3.2-3b"),
    "preflight": _kept("preflight", "off", "warn"),
    "generation": _kept("generation", 1, 2),
    **_common(),
}
# What only a deployment onto a given endpoint has.
ONTO: dict[str, Row] = {
    "trafficSteps": _kept("trafficSteps", [50], [10]),
    "smokeTest.enabled": _kept("smokeTest.enabled", True, False),
    "smokeTest.prompt": _kept("smokeTest.prompt", "a", "b"),
    "smokeTest.maxTokens": _kept("smokeTest.maxTokens", 1, 2),
    "smokeTest.timeout": _kept("smokeTest.timeout", "10s", "20s"),
    "smokeTest.expect": _kept("smokeTest.expect", "a", "b"),
    "smokeTest.url": _kept("smokeTest.url", "http://10.0.0.1", "http://10.0.0.2"),
    "smokeTest.sendToken": _kept("smokeTest.sendToken", True, False),
    "smokeTest.unreachable": _kept("smokeTest.unreachable", "warn", "fail"),
}
ADDRESS_ROWS: dict[str, Row] = {
    "name": _kept("name", "one", "two"),
    "subnetwork": _kept("subnetwork", "default", "other"),
    "address": _kept("address", "10.128.0.5", "10.128.0.6", "address:address"),
    "description": _kept("description", "one", "two", "address:description"),
    "labels": _labels("address"),
    **_common(),
}
RULE_ROWS: dict[str, Row] = {
    "name": _kept("name", "one", "two"),
    "address": _kept("address", "10.128.0.7", "10.128.0.8", "rule:IPAddress"),
    "network": _kept("network", "default", "other"),
    "subnetwork": _kept("subnetwork", None, "projects/my-proj/regions/us-central1/subnetworks/s"),
    "allowPscGlobalAccess": _kept("allowPscGlobalAccess", None, True, "rule:allowPscGlobalAccess"),
    "noAutomateDnsZone": _kept("noAutomateDnsZone", False, True),
    "serviceDirectoryRegistrations": _kept(
        "serviceDirectoryRegistrations",
        [{"namespace": "a"}],
        [{"namespace": "b"}],
        "rule:serviceDirectoryRegistrations",
    ),
    "description": _kept("description", "one", "two", "rule:description"),
    "labels": _labels("rule"),
    **_common(),
}
ROWS: dict[str, dict[str, Row]] = {
    "Endpoint": ENDPOINT,
    "CustomWeightsDeployment": DEPLOYMENT,
    "PscAddress": ADDRESS_ROWS,
    "PscForwardingRule": RULE_ROWS,
}


# --- behind the back -----------------------------------------------------------------------------


def tamper(world: World, outs: Bag, at: str, new: Any) -> None:
    """Have an object show another value from now on, even one that no call can change."""
    kind, _, path = at.partition(":")
    with world.app.store.write() as tx:
        if kind in ("endpoint", "deployed"):
            record = endpoint_record.load(tx, names.canonical(outs["endpointName"]))
            resource = record["resource"]
            put(resource if kind == "endpoint" else resource["deployedModels"][0], path, new)
            endpoint_record.save(tx, record, 0.0)
        elif kind == "model":
            record = model_record.load(tx, names.canonical(outs["modelName"]))
            put(record["versions"]["1"], path, new)
            model_record.save(tx, record)
        else:
            _, project, _, region, collection, name = _compute_name(outs).split("/")
            locator = Locator(Region(project, region), collection, name)
            table = ADDRESS if kind == "address" else RULE
            record = records.load(tx, table, locator)
            put(record["resource"], path, new)
            target = record["resource"].get("target", "").split("/v1/")[-1]
            records.save(tx, table, record, {"ip": "", "target": target})


def _compute_name(outs: Bag) -> str:
    return str(outs.get("addressName") or outs["forwardingRuleName"])


def shown(world: World, outs: Bag, at: str) -> Any:
    """Return what the API shows at a place."""
    kind, _, path = at.partition(":")
    if kind in ("endpoint", "deployed"):
        live = world.get(outs["endpointName"])
        assert live is not None
        return value(live if kind == "endpoint" else live["deployedModels"][0], path)
    live = world.get(outs["modelName"] if kind == "model" else _compute_name(outs))
    return value(live, path)
