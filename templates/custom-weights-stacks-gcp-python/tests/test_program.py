"""The program against Pulumi's mocks: what it declares, without an engine and without a cloud."""

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import yaml

PROJECT = Path(__file__).parents[1]
# What Google would answer, as far as the program goes on with it.
OUTPUTS = {
    "endpointName": "projects/my-project/locations/us-central1/endpoints/chosen",
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


def endpoints() -> dict[str, Any]:
    """Return what Pulumi.yaml lists."""
    config = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]
    return config["vertex-custom-weights:endpoints"]["value"]


def declared() -> dict[str, dict[str, Any]]:
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, preview=False)
    pulumi.runtime.set_all_config(
        {
            "gcp:project": "my-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:endpoints": json.dumps(endpoints()),
        }
    )

    @pulumi.runtime.test
    def run() -> None:
        runpy.run_path(str(PROJECT / "__main__.py"))

    run()
    return recorder.declared


def test_every_endpoint_is_declared_with_its_weights() -> None:
    resources = declared()

    for name, settings in endpoints().items():
        assert resources[f"{name}-llm"]["gcsUri"] == settings["weightsUri"]


def test_no_endpoint_is_public() -> None:
    for name, inputs in declared().items():
        if name.endswith("-deployment"):
            assert inputs["privateServiceConnectConfig"]["enablePrivateServiceConnect"]
