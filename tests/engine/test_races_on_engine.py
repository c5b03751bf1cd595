"""Two stacks at once: a clear refusal or a correct merge, never a silent overwrite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider.emulator import Settings, serve

from .support.cloud import LOCATION, EmulatedCloud
from .support.events import Run
from .support.groups import WEIGHTS, prepare
from .support.harness import Engine

SHARED = f"{LOCATION}/endpoints/shared"
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["local-project"]}
# Both stacks declare what is `named` under the same ids, and a deployment of their own each.
PROGRAM = """
    import json
    from pathlib import Path

    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint
    from vertex_custom_weights_provider.resources.psc_address import PscAddress
    from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule

    given = json.loads(Path("inputs.json").read_text())
    CustomWeightsDeployment("own", **given["own"])
    if "labels" in given:
        Endpoint("endpoint", endpoint_id="named", labels=given["labels"])
    if "target" in given:
        weights, target = given["weights"], given["target"]
        CustomWeightsDeployment(
            "deployment", endpoint_user_id="named-too", model_user_id="named-too", **weights
        )
        PscAddress("address", name="named", subnetwork="default")
        PscForwardingRule(
            "rule", name="named", target=target, address="10.128.0.99", network="default"
        )
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A served emulator."""
    with serve.running(Settings(tmp_path / "emulator.db", deploy_seconds=0.5)) as url:
        yield url


@pytest.fixture
def cloud(url: str, tmp_path: Path) -> EmulatedCloud:
    """What it holds: an endpoint for everybody, and a private one to connect to."""
    cloud = EmulatedCloud(tmp_path / "emulator.db")
    cloud.make("endpoints", {"displayName": "shared"}, endpointId="shared")
    private = {
        "customModel": {"gcsUri": "gs://weights/llama"},
        "endpointConfig": {"endpointUserId": "private", "privateServiceConnectConfig": PRIVATE},
        "deployConfig": {"dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1}},
    }
    cloud.make(":deploy", private)
    return cloud


def declare(engine: Engine, folder: str, **more: Any) -> None:
    """Have the program deploy these weights onto the shared endpoint, and declare more."""
    own = {**WEIGHTS, "gcs_uri": f"gs://weights/{folder}", "endpoint": SHARED}
    (engine.folder / "inputs.json").write_text(json.dumps({"own": own, **more}))


def at_once(engines: list[Engine], verb: str, *options: str, ok: bool | None = True) -> list[Run]:
    """Run a verb in all projects at the same time."""
    with ExitStack() as stack:
        started = [stack.enter_context(engine.start(verb, *options)) for engine in engines]
        return [running.finish(ok=ok) for running in started]


def late(cloud: EmulatedCloud, *methods: str) -> None:
    """Have the next two calls of each method arrive late: both have looked before either acts."""
    for method in methods:
        cloud.admin("POST", "faults", {"method": f"*.{method}", "delaySeconds": 1, "times": 2})


def test_two_stacks_that_race_refuse_each_others_names_and_merge_on_one_endpoint(
    make_engine: Callable[..., Engine], cloud: EmulatedCloud, url: str
) -> None:
    engines = [make_engine(stack, stack=stack) for stack in ("one", "two")]
    (private,) = cloud.endpoint("private")["deployedModels"]
    target = private["privateEndpoints"]["serviceAttachment"]
    for engine in engines:
        prepare(engine, url=url, program=PROGRAM)
        declare(engine, "a", labels={"team": "a"}, weights=WEIGHTS, target=target)
        engine.run("whoami")  # makes the stack

    late(
        cloud, "endpoints.create", "locations.deploy", "addresses.insert", "forwardingRules.insert"
    )
    runs = at_once(engines, "up", "--continue-on-error", ok=None)
    owners = [engine.resources() for engine in engines]
    for name in ("endpoint", "deployment", "address", "rule"):
        winners = [index for index, owned in enumerate(owners) if name in owned]
        assert len(winners) == 1, "\n".join(f"{name}: {owned.get(name)}" for owned in owners)
        (winner,) = winners
        told = [line.message for line in runs[1 - winner].diagnostics if line.resource == name]
        assert any(f"belongs to scratch/{engines[winner].stack}/{name}" in line for line in told)
    assert all("own" in owned for owned in owners)
    assert len(cloud.endpoint("shared")["deployedModels"]) == 2

    # Both roll out on one endpoint, and label another one that the slower has imported since.
    (slower,) = (e for e, owned in zip(engines, owners, strict=True) if "endpoint" not in owned)
    slower.import_("pulumi-python:vcw:Endpoint", "endpoint", f"{LOCATION}/endpoints/named")
    before = [owned["own"]["outputs"]["deployedModelId"] for owned in owners]
    split = {"trafficSplit": dict(zip(before, (60, 40), strict=True))}
    cloud.patch("shared", {**split, "labels": {"stranger": "yes"}})
    declare(engines[0], "b", labels={"team": "a", "tier": "one"})
    declare(engines[1], "b", labels={"team": "a", "stage": "two"})
    late(cloud, "endpoints.patch", "endpoints.deployModel")
    at_once(engines, "up")
    after = [engine.resources()["own"]["outputs"]["deployedModelId"] for engine in engines]
    shared, named = cloud.endpoint("shared"), cloud.endpoint("named")
    assert not set(after) & set(before)
    assert shared["trafficSplit"] == dict(zip(after, (60, 40), strict=True))
    assert {deployed["id"] for deployed in shared["deployedModels"]} == set(after)
    assert shared["labels"] == {"stranger": "yes"}
    labels = {"team": "a", "tier": "one", "stage": "two"}
    assert labels.items() <= named["labels"].items()

    at_once(engines, "destroy")
    assert sorted(cloud.names("endpoints")) == ["private", "shared"]
    assert not cloud.endpoint("shared").get("deployedModels")
    assert [*cloud.names("addresses"), *cloud.names("forwardingRules")] == []
    assert cloud.admin("GET", "faults")["unused"] == []
