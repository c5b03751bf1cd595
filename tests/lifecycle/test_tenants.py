"""An endpoint that is to be removed while others have something deployed on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed

from .support.given_endpoint import onto, seen
from .support.inputs import MACHINE, deployment, endpoint
from .support.small_engine import SmallEngine
from .support.world import LOCATION, World

HOSTS: dict[str, Callable[[], dict[str, Any]]] = {
    "Endpoint": endpoint,
    "CustomWeightsDeployment": deployment,
}


def host_and_tenant(world: World, kind: str) -> tuple[SmallEngine, SmallEngine, str]:
    """Make an endpoint in one stack, and deploy onto it from another."""
    host = SmallEngine(world, kind, stack="platform")
    tenant = SmallEngine(world, "CustomWeightsDeployment", name="app", stack="prod")
    host.up(HOSTS[kind]())
    assert host.saved is not None
    name = host.saved.outs["endpointName"]
    tenant.up(onto(name))
    return host, tenant, name


@pytest.mark.parametrize("kind", HOSTS)
def test_it_stays_until_the_other_stack_has_left(world: World, kind: str) -> None:
    host, tenant, name = host_and_tenant(world, kind)
    assert tenant.saved is not None
    before = seen(world, name)
    with pytest.raises(Failed) as refused:
        host.destroy()
    own = tenant.saved.outs["deployedModelId"]
    told = str(refused.value)
    assert f"another stack has deployed onto it: {own} of shop/prod/app" in told
    assert f"undeploy-model {name.rsplit('/', 1)[-1]} --deployed-model-id={own}" in told
    assert seen(world, name) == before

    tenant.destroy()
    host.destroy()
    assert world.things() == {}


def test_a_replacement_is_made_and_the_old_one_serves_until_its_tenant_has_moved(
    world: World,
) -> None:
    host, tenant, old = host_and_tenant(world, "Endpoint")
    with pytest.raises(Failed, match="of shop/prod/app"):
        host.up(endpoint(generation=2))
    assert host.saved is not None
    new = host.saved.outs["endpointName"]
    assert new != old
    assert tenant.refresh() == "unchanged"

    assert tenant.up(onto(new)) == "replaced"
    assert host.up(endpoint(generation=2)) == "unchanged"
    assert f"{LOCATION}/endpoints/{world.things()['endpoints'][0]}" == new
    assert len(world.things()["endpoints"]) == 1
    assert len(seen(world, new)["deployedModels"]) == 1


@pytest.mark.parametrize("kind", HOSTS)
def test_what_no_program_marks_is_undeployed_and_named(world: World, kind: str) -> None:
    host = SmallEngine(world, kind)
    host.up(HOSTS[kind]())
    assert host.saved is not None
    model = {"displayName": "theirs", "containerSpec": {"imageUri": "i"}}
    world.must("POST", f"{LOCATION}/models:upload", {"modelId": "theirs", "model": model})
    deployed = {
        "id": "77",
        "model": f"{LOCATION}/models/theirs",
        "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
    }
    name = host.saved.outs["endpointName"]
    world.must("POST", f"{name}:deployModel", {"deployedModel": deployed})
    assert host.refresh() == "unchanged"
    host.destroy()
    assert f"undeploying what others had deployed on {name}: 77" in world.lines.text
    assert world.things() == {"models": ["theirs"]}
