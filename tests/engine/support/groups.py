"""Groups of all five resources, declared by a program that reads which ones from a file.

    declare(engine, Group("a"), Group("b", renamed_from="z", options={"protect": True}))

A group is an endpoint, a deployment onto it and its traffic, a deployment of its own, and an
address with a rule that leads to the latter. Tests change the file instead of the program: what is
declared, under which name and parent, with which options and inputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from vertex_custom_weights_provider.tokens import token

from .cloud import EmulatedCloud
from .harness import Engine

# In the order in which a program declares them.
KINDS: dict[str, str] = {
    "host": "Endpoint",
    "onto": "CustomWeightsDeployment",
    "split": "TrafficSplit",
    "solo": "CustomWeightsDeployment",
    "address": "PscAddress",
    "rule": "PscForwardingRule",
}
L4 = {"machine_type": "g2-standard-12", "accelerator_type": "NVIDIA_L4", "accelerator_count": 1}
RESOURCES = {"machine_spec": L4, "min_replica_count": 1}
WEIGHTS: dict[str, Any] = {
    "gcs_uri": "gs://weights/llama",
    "preflight": "off",
    "dedicated_resources": RESOURCES,
}
INPUTS: dict[str, dict[str, Any]] = {
    "host": {},
    "onto": WEIGHTS,
    "split": {},
    "solo": {
        **WEIGHTS,
        "private_service_connect_config": {"project_allowlist": ["local-project"]},
    },
    "address": {"subnetwork": "default"},
    "rule": {"network": "default"},
}

PROGRAM = """
    import json
    from pathlib import Path

    import pulumi
    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint
    from vertex_custom_weights_provider.resources.psc_address import PscAddress
    from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
    from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit


    class Shelf(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__("scratch:index:Shelf", name)
            self.register_outputs({})


    def declare(group):
        shelf = Shelf(group["shelf"]) if group["shelf"] else None
        made = {}

        def options(kind):
            aliases = []
            if group["renamed_from"]:
                aliases.append(pulumi.Alias(name=f"{group['renamed_from']}-{kind}"))
            if shelf:
                aliases.append(pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE))
            return pulumi.ResourceOptions(parent=shelf, aliases=aliases, **group["options"])

        def make(kind, type_, **wired):
            if kind in group["inputs"]:
                inputs = {**wired, **group["inputs"][kind]}
                made[kind] = type_(f"{group['name']}-{kind}", opts=options(kind), **inputs)

        def of(kind, output):
            return {output: getattr(made[kind], output)} if kind in made else {}

        make("host", Endpoint)
        host = made["host"].endpoint_name if "host" in made else None
        make("onto", CustomWeightsDeployment, endpoint=host)
        if "onto" in made:
            share = {"deployed_model_id": made["onto"].deployed_model_id, "percent": 100}
            make("split", TrafficSplit, endpoint=host, traffic=[share])
        make("solo", CustomWeightsDeployment)
        make("address", PscAddress)
        wired = {}
        if "solo" in made and "address" in made:
            wired["target"] = made["solo"].service_attachment
            wired["address"] = made["address"].address_name
        make("rule", PscForwardingRule, **wired)


    for group in json.loads(Path("groups.json").read_text()):
        declare(group)
"""


@dataclass(frozen=True)
class Group:
    """What the program declares under one name.

    Attributes:
        name: Resources are called `{name}-{kind}`.
        renamed_from: What the group was called before; an alias says so.
        shelf: Name of a component that is the parent; an alias says that there was none.
        options: Pulumi resource options of every resource.
        inputs: Inputs by kind; a kind that is missing is not declared.
    """

    name: str
    renamed_from: str = ""
    shelf: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: INPUTS)

    def urns(self, stack: str) -> list[str]:
        """Return the URNs of all resources, the traffic split apart: it has no object."""
        parent = "scratch:index:Shelf$" if self.shelf else ""
        return [
            f"urn:pulumi:{stack}::scratch::{parent}{token(KINDS[kind])}::{self.name}-{kind}"
            for kind in self.inputs
            if kind != "split"
        ]


def declare(engine: Engine, *groups: Group) -> None:
    """Have the program declare these groups and nothing else."""
    (engine.folder / "groups.json").write_text(json.dumps([asdict(group) for group in groups]))


def prepare(
    engine: Engine, deploy_seconds: float = 0.5, url: str = "", program: str = PROGRAM
) -> EmulatedCloud:
    """Write program and configuration; the emulator is embedded unless there is a `url`."""
    engine.program(program)
    backend = {"emulatorUrl": url} if url else {"emulatorState": "emulator.db"}
    settings = {"backend": "emulator", "emulatorDeploySeconds": deploy_seconds, **backend}
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            **{f"vertex-custom-weights:{key}": value for key, value in settings.items()},
        }
    )
    return EmulatedCloud(engine.folder / "emulator.db")


class Changes:
    """The emulator's log of accepted changes, read from where it was last looked at."""

    def __init__(self, cloud: EmulatedCloud) -> None:
        self._cloud = cloud
        self._seen = 0

    def __call__(self) -> list[str]:
        """Return what happened since the last call, as `method name-of-the-object`."""
        found = self._cloud.admin("GET", f"log?after={self._seen}")["entries"]
        if found:
            self._seen = found[-1]["position"]
        return [f"{_verb(entry['method'])} {_object(entry)}" for entry in found]


def _verb(method: str) -> str:
    """`aiplatform.projects.locations.endpoints.patch` is `endpoints.patch`."""
    return ".".join(method.split(".")[-2:])


def _object(entry: Mapping[str, str]) -> str:
    name = entry.get("target") or entry["resource"]
    return name.rsplit("/", 1)[-1].split(":", 1)[0]
