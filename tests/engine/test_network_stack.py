"""A network stack and a model stack, on the real engine with a stand-in for pulumi-gcp's plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.harness import Engine

GCP = Path(__file__).parent / "support" / "gcp_plugin"
NETWORK = "organization/network/prod"
PLACE = {"gcp:project": "local-project", "gcp:region": "us-central1"}
PROGRAM = """
    import pulumi
    from vertex_custom_weights import ServingNetwork, ServingProject

    ready = ServingProject("ready", {"more_services": ["dns.googleapis.com"]})
    apps = ServingNetwork("apps", {"ip_range": "10.20.0.0/24"})
    shops = ServingNetwork("shops", {"network": "shops", "subnetwork": "shops"})
    pulumi.export("networks", {
        "apps": {"network": apps.network, "subnetwork": apps.subnetwork},
        "shops": {"network": shops.network, "subnetwork": shops.subnetwork},
    })
    pulumi.export("agent", ready.service_agent)
"""


def with_gcp(engine: Engine) -> Engine:
    """Name the stand-in as the plugin of pulumi-gcp."""
    path = engine.folder / "Pulumi.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["plugins"]["providers"].append({"name": "gcp", "path": str(GCP)})
    path.write_text(yaml.safe_dump(settings))
    return engine


def of(output: str) -> dict[str, str]:
    return {"stack": NETWORK, "output": output}


def connection(network: str, **more: Any) -> dict[str, Any]:
    parts = {key: of(f"networks.{network}.{key}") for key in ("network", "subnetwork")}
    return {**parts, **more}


def endpoints() -> dict[str, Any]:
    """One endpoint connected to both networks under a name, and one that shares its connection."""
    allowed = ["local-project", "shops"]
    access = {
        "allowedProjects": allowed,
        **connection("apps"),
        "connections": [connection("shops", name="shops", project="shops", globalAccess=True)],
        "dns": {"domain": "models.example.com"},
        "serviceDirectory": {"namespace": "models"},
    }
    llama = {"family": "llama", "baseModel": "llama-3.2-1b", "weightsUri": "gs://weights/llama"}
    llama = {**llama, "deployment": {"grantWeightsAccess": True}}
    shared = {"allowedProjects": allowed, "sharedWith": "chat"}
    return {
        "chat": {**llama, "privateServiceConnect": access},
        "rank": {**llama, "privateServiceConnect": shared},
    }


def configure(engine: Engine, wanted: dict[str, Any]) -> None:
    engine.configure(
        {
            **PLACE,
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": wanted,
        }
    )


def test_models_are_connected_to_the_networks_of_another_stack(
    make_engine: Callable[..., Engine],
) -> None:
    network = with_gcp(make_engine("network", project="network", stack="prod"))
    network.configure(PLACE)
    network.program(PROGRAM)
    network.up()

    models = with_gcp(make_engine("models", project="models", stack="prod"))
    models.environment = {
        **models.environment,
        "PULUMI_BACKEND_URL": network.environment["PULUMI_BACKEND_URL"],
    }
    samples.write("llama-3.2-1b", models.folder / "weights" / "llama")
    models.program("from vertex_custom_weights import stack\nstack.declare()")
    configure(models, {"chat": {"weightsUri": of("weights.chat")}})
    refused = models.preview(ok=False).text
    assert f"stack {NETWORK} has no output weights.chat" in refused
    assert "Traceback" not in refused

    configure(models, endpoints())
    made = models.up().outputs["endpoints"]
    cloud = EmulatedCloud(models.folder / "emulator.db")
    assert made["chat"]["service_attachment"] == made["rank"]["service_attachment"]
    assert set(made["chat"]["psc_ip_addresses"]) == {"default", "shops"}
    name = "http://chat.models.example.com/v1beta1/"
    assert made["chat"]["openai_base_url"] == name + made["chat"]["endpoint_name"]
    assert made["rank"]["openai_base_url"] == name + made["rank"]["endpoint_name"]

    (rule,) = cloud.names("forwardingRules")
    region = "https://compute.googleapis.com/compute/v1/projects/{}/regions/us-central1"
    live = cloud.get(f"{region.format('local-project')}/forwardingRules/{rule}")
    assert live["network"].endswith("projects/local-project/global/networks/apps-network")
    assert live["serviceDirectoryRegistrations"] == [{"namespace": "models"}]
    (shops,) = cloud.get(f"{region.format('shops')}/forwardingRules")["items"]
    assert shops["allowPscGlobalAccess"] is True
    assert shops["pscConnectionStatus"] == live["pscConnectionStatus"] == "ACCEPTED"

    resources = models.resources()
    records = {key: value["inputs"] for key, value in resources.items() if "dns-record" in key}
    assert records["chat-dns-record"]["rrdatas"] == [live["IPAddress"]]
    assert records["chat-shops-dns-record"]["rrdatas"] == [shops["IPAddress"]]
    readers = [key for key in resources if key.endswith("-reader")]
    assert readers == ["weights-access-reader"]

    answer = models.shell("vcw", "query", "hello", "--endpoint", "rank").stdout
    assert made["rank"]["endpoint_id"] in answer

    assert models.preview().unchanged
    models.destroy()
    assert cloud.empty
    assert not cloud.get(f"{region.format('shops')}/forwardingRules").get("items")
