"""`vcw report` on real previews, held against what `up` then does to the cloud."""

from __future__ import annotations

import json
import re
from typing import Any

from vertex_custom_weights_provider import catalog, samples

from .support.cloud import EmulatedCloud
from .support.harness import CHECKOUT, Engine

PRIVATE = {
    "allowedProjects": ["local-project"],
    "network": "default",
    "subnetwork": "default",
}


def endpoint(family: str, model: str, **more: Any) -> dict[str, Any]:
    weights = f"gs://weights/{model}"
    return {"family": family, "baseModel": model, "weightsUri": weights, **more}


def configure(engine: Engine, wanted: dict[str, dict[str, Any]]) -> None:
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": wanted,
        }
    )


def report(engine: Engine, *options: str) -> str:
    """Return the Markdown; a page is written beside it, as a reviewer would have it."""
    page = ["--html", "report.html", "--markdown", "report.md"]
    engine.shell("vcw", "report", "--stack", engine.stack, *page, "--fail-on", "never", *options)
    assert (engine.folder / "report.html").read_text().endswith("</html>")
    return (engine.folder / "report.md").read_text()


def fates(text: str) -> dict[str, str]:
    """Return what the summary says happens to each endpoint."""
    return dict(re.findall(r"^\| `([\w-]+)` \| \*\*([\w ]+)\*\* \|", text, re.MULTILINE))


def costs(text: str) -> dict[str, tuple[float, float]]:
    """Return the sums of the report: floor and ceiling, now and afterwards."""
    row = re.search(r"^\| USD an hour \| (.+) \| .+ \| (.+) \|$", text, re.MULTILINE)
    assert row is not None, text
    spans = [[float(price) for price in cell.split(" to ")] for cell in row.groups()]
    now, then = ((span[0], span[-1]) for span in spans)
    return {"now": now, "then": then}


def deployed(cloud: EmulatedCloud) -> dict[str, dict[str, Any]]:
    """Return the endpoints of the cloud by display name."""
    found = [cloud.endpoint(name) for name in cloud.names("endpoints")]
    return {one["displayName"]: one for one in found}


def price(endpoints: dict[str, dict[str, Any]]) -> tuple[float, float]:
    """Return what the catalog asks for what is deployed: floor and ceiling an hour."""
    low = high = 0.0
    for one in endpoints.values():
        (model,) = one["deployedModels"]
        resources = model["dedicatedResources"]
        spec = resources["machineSpec"]
        row, count = catalog.machine(spec["machineType"]), spec["acceleratorCount"]
        least = resources.get("minReplicaCount", 1)
        low += row.usd_for(least, count) or 0.0
        high += row.usd_for(resources.get("maxReplicaCount", least), count) or 0.0
    return round(low, 2), round(high, 2)


def change(engine: Engine, wanted: dict[str, dict[str, Any]]) -> None:
    """Retrain one, give a second another machine, add a third, remove a fourth."""
    path = engine.folder / "weights" / "llama-3.2-1b" / "generation_config.json"
    path.write_text(json.dumps({"temperature": 0.2}))
    wanted["resized"] |= {
        "machine": {"type": "g2-standard-24", "accelerator": "NVIDIA_L4", "acceleratorCount": 2},
        "replicas": {"min": 1, "max": 3},
    }
    wanted["added"] = endpoint("qwen", "qwen3-0.6b")
    del wanted["removed"]
    configure(engine, wanted)


def test_report_says_beforehand_what_the_update_does_to_endpoints_callers_and_cost(
    engine: Engine,
) -> None:
    for model in ("llama-3.2-1b", "gemma-3-1b", "qwen3-0.6b", "mistral-7b-v0.1"):
        samples.write(model, engine.folder / "weights" / model)
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    wanted = {
        "retrained": endpoint("llama", "llama-3.2-1b", privateServiceConnect=PRIVATE),
        "resized": endpoint("gemma", "gemma-3-1b"),
        "removed": endpoint("mistral", "mistral-7b-v0.1", public=True),
    }
    configure(engine, wanted)
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    engine.up()
    before, addresses = deployed(cloud), cloud.names("addresses")

    change(engine, wanted)
    told = report(engine)

    assert fates(told) == {
        "retrained": "replaced",
        "resized": "replaced",
        "removed": "removed",
        "added": "new",
    }
    assert "**Why:** The weights under weightsUri have changed." in told
    assert "`machine.type` `g2-standard-12` → `g2-standard-24`" in told
    assert "which only the update can tell, callers of 10.0.0.2 are cut off" in told
    assert before["removed"]["dedicatedEndpointDns"] in told
    assert re.search(r"Llama-3.2 1B, 2\.5 GB: ✅ ok", told)
    assert "About 18 minutes" in told
    assert re.search(r"`retrained-fwd` \| PscForwardingRule \| may be replaced", told)
    assert re.search(r"`retrained-ip` \| PscAddress \| unchanged", told)
    assert deployed(cloud) == before  # a report spends nothing

    engine.up()
    after = deployed(cloud)
    assert not {before[name]["name"] for name in before} & {one["name"] for one in after.values()}
    assert set(after) == {"retrained", "resized", "added"}
    assert costs(told) == {"now": price(before), "then": price(after)}
    # The emulator, as Google, may give the new endpoint the attachment of the old one.
    assert cloud.calls("forwardingRules.delete") == []
    assert cloud.names("addresses") == addresses

    wanted["added"]["replicas"] = {"min": 1, "max": 2}
    wanted["resized"]["labels"] = {"team": "docs"}
    configure(engine, wanted)
    told = report(engine)
    assert fates(told) == {"added": "changed in place", "resized": "changed in place"}
    assert "Unchanged endpoints: `retrained`." in told

    engine.up()
    assert {name: one["name"] for name, one in deployed(cloud).items()} == {
        name: one["name"] for name, one in after.items()
    }
    assert costs(told) == {"now": price(after), "then": price(deployed(cloud))}


def test_report_of_a_preview_that_fails_lists_all_that_must_be_mended(engine: Engine) -> None:
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama-3.2-1b")
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    wanted = {
        "open": endpoint("llama", "llama-3.2-1b", public=True),
        "empty": endpoint("qwen", "qwen3-0.6b"),
    }
    configure(engine, wanted)
    engine.run("stack", "ls")  # makes the stack
    policies = engine.write("policies.json", "{}")
    pack = ("--policy-pack", str(CHECKOUT / "stacks" / "policy" / "launch"))

    told = report(engine, "--", *pack, "--policy-pack-config", str(policies))

    assert "**The preview failed" in told
    assert "`empty-llm`: weightsUri: gs://weights/qwen3-0.6b is empty" in told
    assert re.search(r"`open-llm`: .*is public.*\(policy vertex-custom-weights: not-public\)", told)
    assert fates(told) == {"open": "stopped by an error", "empty": "stopped by an error"}


def test_a_change_of_address_is_told_as_it_comes_to_pass(engine: Engine) -> None:
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama-3.2-1b")
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    allowed = {"allowedProjects": ["local-project"]}
    wanted = {
        "chat": endpoint("llama", "llama-3.2-1b", privateServiceConnect=PRIVATE),
        "extra": endpoint(
            "llama", "llama-3.2-1b", privateServiceConnect={**allowed, "sharedWith": "chat"}
        ),
    }
    configure(engine, wanted)
    engine.preview()
    fresh = report(engine)
    assert "no connection here" not in fresh
    engine.up()
    before = engine.outputs()["endpoints"]["chat"]["psc_ip_address"]
    wanted["chat"]["privateServiceConnect"] = {**PRIVATE, "ipAddress": "10.0.0.77"}
    configure(engine, wanted)

    preview = engine.preview("--diff").text
    told = report(engine)

    assert "the address stays" not in preview + told
    assert f"chat-ip: {before} is given back and 10.0.0.77 taken" in preview
    assert "--replace" not in told
    assert "its address chat-ip is replaced" in told
    assert re.findall(r"^\| `(\w+)` \| \*\*reconnected\*\* \| have to follow", told, re.M) == [
        "chat",
        "extra",
    ]
    engine.up()
    assert engine.outputs()["endpoints"]["chat"]["psc_ip_address"] == "10.0.0.77"
