"""Callers of a private address notice no rollout, under the real engine."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import openai

from vertex_custom_weights_provider.emulator import Settings, serve

from .support.cloud import EmulatedCloud
from .support.harness import Engine

PROGRAM = """
    import pulumi
    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint
    from vertex_custom_weights_provider.resources.psc_address import PscAddress
    from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule

    address = PscAddress("ip", subnetwork="default")
    endpoint = Endpoint(
        "chat", private_service_connect_config={"project_allowlist": ["local-project"]}
    )
    model = CustomWeightsDeployment(
        "model",
        endpoint=endpoint.endpoint_name,
        gcs_uri="gs://weights/FOLDER",
        preflight="off",
        container_spec={"invoke_route_prefix": "/*"},
        dedicated_resources={
            "machine_spec": {
                "machine_type": "g2-standard-MACHINE",
                "accelerator_type": "NVIDIA_L4",
                "accelerator_count": 1,
            },
        },
        smoke_test={
            "url": address.ip_address.apply(lambda ip: f"http://{ip}"),
            "expect": "no model ran",
        },
    )
    PscForwardingRule(
        "rule",
        target=model.service_attachment,
        address=address.ip_address,
        network="default",
    )
    pulumi.export("endpoint", endpoint.endpoint_name)
    pulumi.export("address", address.ip_address)
    pulumi.export("attachment", model.service_attachment)
    pulumi.export("deployed", model.deployed_model_id)
"""


def write(engine: Engine, folder: str, machine: int) -> None:
    text = textwrap.dedent(PROGRAM).replace("FOLDER", folder).replace("MACHINE", str(machine))
    engine.program(text)


@dataclass
class Caller:
    """Asks the model by its private address, over and over, while the block runs."""

    url: str
    address: str
    endpoint: str
    served_by: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="caller")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _loop(self) -> None:
        client = openai.OpenAI(
            base_url=f"{self.url}/v1beta1/{self.endpoint}/invoke/v1",
            api_key="none",
            max_retries=0,
            default_headers={"Host": self.address},
        )
        message: Any = {"role": "user", "content": "hello"}
        with client:
            while not self._ended.wait(0.02):
                try:
                    answer = client.chat.completions.with_raw_response.create(
                        model="", messages=[message]
                    )
                except openai.OpenAIError as failed:
                    self.failures.append(str(failed))
                else:
                    self.served_by.append(answer.headers["X-Vertex-AI-Deployed-Model-Id"])


def test_callers_see_no_failure_while_weights_machine_and_a_bad_model_are_rolled_out(
    make_engine: Callable[..., Engine],
) -> None:
    engine = make_engine("load")
    state = engine.folder / "emulator.db"
    with serve.running(Settings(state, deploy_seconds=1)) as url:
        engine.configure(
            {
                "gcp:project": "local-project",
                "gcp:region": "us-central1",
                "vertex-custom-weights:backend": "emulator",
                "vertex-custom-weights:emulatorUrl": url,
            }
        )
        cloud = EmulatedCloud(state)
        write(engine, "one", 12)
        first = engine.up().outputs
        with Caller(url, first["address"], first["endpoint"]) as caller:
            write(engine, "two", 12)
            second = engine.up().outputs
            write(engine, "two", 8)
            third = engine.up().outputs
            bad = {"http": 400, "message": "CUDA out of memory"}
            # The trial's alone: callers ask the endpoint, and not one of its models.
            rule = {"method": "*deployedModels.invoke*", "times": 1, "error": bad}
            httpx.post(f"{url}/_emulator/faults", json=rule).raise_for_status()
            write(engine, "three", 8)
            assert "rolled back" in engine.up(ok=False).text

        assert caller.failures == []
        deployed = [outputs["deployed"] for outputs in (first, second, third)]
        # In order, each took over from the one before, and the bad one served nobody.
        assert list(dict.fromkeys(caller.served_by)) == deployed
        assert len(set(deployed)) == 3
        assert first["attachment"] == third["attachment"]
        endpoint = cloud.endpoint(first["endpoint"].rsplit("/", 1)[-1])
        assert [one["id"] for one in endpoint["deployedModels"]] == deployed[-1:]
        assert len(cloud.names("models")) == 1
        engine.destroy()
        assert cloud.empty
