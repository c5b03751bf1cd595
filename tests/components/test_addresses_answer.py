"""Every address in the outputs answers: whatever the container's route, the privacy, the rollout.

The program runs without an engine, and what it declares is made by the real lifecycles on an
emulated cloud, which is then asked under the very URLs of the outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from tests.lifecycle.support.small_engine import SmallEngine
from tests.lifecycle.support.world import PROJECT, World

from vertex_custom_weights import CustomWeightsEndpoint
from vertex_custom_weights_provider.emulator.aiplatform import model_record
from vertex_custom_weights_provider.emulator.names import project_number
from vertex_custom_weights_provider.query.address import locate
from vertex_custom_weights_provider.tokens import RESOURCES, token

from .support.recording import Program

OURS = {token(name): name for name in RESOURCES}
CHAT = {"messages": [{"role": "user", "content": "hello"}], "max_tokens": 4}
INSTANCES = {"instances": [{"prompt": "hello"}]}
NETWORK = {"network": "default", "subnetwork": "default"}
# By which kind of access URLs begin with what: Google's certificate holds for its own names only.
SCHEMES = {"public": "https", "private": "http", "private over https": "https", "shared": "http"}
INVOKED = {"image_uri": "example/vllm:1", "invoke_route_prefix": "/*"}


class RealProgram(Program):
    """A program of which our own resources are really made, on an emulated cloud."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.numbers[PROJECT] = project_number(PROJECT)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        kind = OURS.get(args.typ)
        if kind is None:
            return super().new_resource(args)
        inputs = {key: value for key, value in args.inputs.items() if key != "__provider"}
        engine = SmallEngine(self.world, kind, args.name)
        engine.up(inputs)
        assert engine.saved is not None
        return engine.saved.id, {**inputs, **engine.saved.outs}


@pytest.fixture
def real(tmp_path: Path) -> Iterator[RealProgram]:
    pulumi.runtime.set_all_config({"gcp:project": "my-proj", "gcp:region": "us-central1"})
    world = World(tmp_path)
    yield RealProgram(world)
    world.close()


def _arguments(access: str, rollout: str, *, invoke: bool, shared: Any) -> dict[str, Any]:
    deployment: dict[str, Any] = {"preflight": "off"}
    if invoke:
        deployment["container"] = INVOKED
    args: dict[str, Any] = {
        "machine": {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "accelerator_count": 1},
        "deployment": deployment,
    }
    if rollout == "versions":
        args["versions"] = {
            "blue": {"weights_uri": "gs://weights/llama", "traffic": 70},
            "green": {"weights_uri": "gs://weights/llama2", "traffic": 30},
        }
    else:
        args["weights_uri"] = "gs://weights/llama"
        deployment["rollout"] = rollout
    if access == "public":
        args["public"] = True
    elif shared:
        args["private_service_connect"] = {"shared_with": shared}
    else:
        dns = {"dns": {"domain": "google"}} if access == "private over https" else {}
        args["private_service_connect"] = {**NETWORK, **dns}
    return args


def _build(access: str, rollout: str, *, invoke: bool) -> CustomWeightsEndpoint:
    shared = None
    if access == "shared":
        first = _arguments("private", "new-endpoint", invoke=False, shared=None)
        shared = CustomWeightsEndpoint("first", first).connection
    args: Any = _arguments(access, rollout, invoke=invoke, shared=shared)
    return CustomWeightsEndpoint("chat", args)


@pytest.mark.parametrize("rollout", ["new-endpoint", "same-endpoint", "versions"])
@pytest.mark.parametrize("access", SCHEMES)
@pytest.mark.parametrize("invoke", [False, True])
def test_the_addresses_in_the_outputs_answer(
    real: RealProgram, access: str, rollout: str, *, invoke: bool
) -> None:
    outputs = real.run(lambda: _build(access, rollout, invoke=invoke))
    assert outputs["openai_base_url"].startswith(f"{SCHEMES[access]}://")
    _asks(real.world, outputs)


def _asks(world: World, outputs: Mapping[str, Any]) -> None:
    chat = world.direct.post(f"{outputs['openai_base_url']}/chat/completions", json=CHAT)
    assert chat.status_code == 200, (outputs["openai_base_url"], chat.text)
    assert chat.json()["object"] == "chat.completion"
    predicted = world.direct.post(outputs["predict_url"], json=INSTANCES)
    assert predicted.status_code == 200, (outputs["predict_url"], predicted.text)
    assert len(predicted.json()["predictions"]) == 1
    # Who exports less than that finds the way by reading the endpoint.
    known = {key: outputs[key] for key in ("endpoint_name", "psc_ip_address")}
    address = locate(known, world.cloud.vertex.get)
    for kind, body in (("chat", CHAT), ("rawPredict", INSTANCES)):
        answer = world.direct.post(address.url(kind), json=body)
        assert answer.status_code == 200, (address.url(kind), answer.text)


def test_these_tests_notice_an_emulator_that_lets_every_way_pass(
    real: RealProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = real.run(lambda: _build("public", "new-endpoint", invoke=True))
    wrong = outputs["openai_base_url"].removesuffix("/invoke/v1") + "/chat/completions"
    assert real.world.direct.post(wrong, json=CHAT).status_code == 400
    monkeypatch.setattr(model_record, "takes_invoke", lambda *_: False)
    with pytest.raises(AssertionError):
        _asks(real.world, outputs)
