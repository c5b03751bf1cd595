"""The program against Pulumi's mocks: what it declares, without an engine and without a cloud."""

import runpy
from pathlib import Path
from typing import Any

import pulumi

CONFIG = {
    "gcp:project": "my-project",
    "gcp:region": "us-central1",
    "project:weightsUri": "gs://my-bucket/run-1",
    "project:baseModel": "llama-3.2-1b",
    "project:maxReplicas": "2",
    "project:network": "apps",
    "project:subnetwork": "apps-us-central1",
}
# What Google would answer, as far as the program goes on with it.
OUTPUTS = {
    "endpointName": "projects/my-project/locations/us-central1/endpoints/chat",
    "ipAddress": "10.0.0.2",
}


class Recorder(pulumi.runtime.Mocks):
    """Remembers what is declared, by name."""

    def __init__(self) -> None:
        self.declared: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.declared[args.name] = args.inputs
        return f"{args.name}-id", {**args.inputs, **OUTPUTS}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        del args
        return {}


def declared() -> dict[str, dict[str, Any]]:
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, preview=False)
    pulumi.runtime.set_all_config(CONFIG)

    @pulumi.runtime.test
    def run() -> None:
        runpy.run_path(str(Path(__file__).parents[1] / "__main__.py"))

    run()
    return recorder.declared


def test_endpoint_is_private_and_serves_the_configured_weights() -> None:
    deployment = declared()["chat-llm"]

    assert deployment["gcsUri"] == "gs://my-bucket/run-1"
    assert deployment["privateServiceConnectConfig"]["enablePrivateServiceConnect"]


def test_endpoint_is_connected_to_the_configured_network() -> None:
    resources = declared()

    assert resources["chat-ip"]["subnetwork"] == "apps-us-central1"
    assert resources["chat-fwd"]["network"] == "apps"


def test_replicas_stay_below_the_configured_number() -> None:
    assert declared()["chat-llm"]["dedicatedResources"]["maxReplicaCount"] == 2
