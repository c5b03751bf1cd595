"""What Vertex AI makes of a deployment by itself: missing replicas, and ends that come anyway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from vertex_custom_weights_provider.api.messages import DeployedModel
from vertex_custom_weights_provider.lifecycle.lines import Line
from vertex_custom_weights_provider.properties.durations import seconds
from vertex_custom_weights_provider.properties.machines import DedicatedResources


def remarks(deployed: DeployedModel) -> Iterator[str]:
    """Yield what is to be known of a deployment that serves."""
    if deployed.status.message:
        yield f"deployment {deployed.id}: {deployed.status.message}"
    if ends := _end(deployed):
        yield (
            f"deployment {deployed.id} runs on flex-start machines until {ends}, when Vertex AI "
            "removes it: run `pulumi refresh` and `pulumi up` then to deploy it again"
        )


def planned(resources: DedicatedResources | None) -> Iterator[Line]:
    """Yield what a preview says of an end that comes by itself."""
    if resources is not None and resources.flex_start is not None:
        hours = seconds(resources.flex_start.max_runtime_duration) / 3600
        yield Line(
            "flexStart",
            f"Vertex AI removes this deployment {hours:g} hours after it was deployed; `pulumi "
            "refresh` and `pulumi up` deploy it again",
        )
    elif resources is not None and resources.scale_to_zero_spec is not None:
        yield Line(
            "scaleToZeroSpec",
            "while it sleeps a request is refused with 429 and wakes it up; asleep for 30 days it "
            "is removed, and `pulumi refresh` and `pulumi up` deploy it again",
        )


def why_gone(resources: DedicatedResources | None) -> str:
    """Return why Vertex AI may have removed a deployment itself; empty when it would not."""
    if resources is not None and resources.flex_start is not None:
        runtime = resources.flex_start.max_runtime_duration
        return f"Vertex AI removes what runs on flex-start machines after {runtime}"
    if resources is not None and resources.scale_to_zero_spec is not None:
        return "Vertex AI removes what has scaled to zero and was not asked for 30 days"
    return ""


def _end(deployed: DeployedModel) -> str:
    runtime = deployed.dedicated_resources.get("flexStart", {}).get("maxRuntimeDuration")
    if not runtime or not deployed.create_time:
        return ""
    try:
        begun = datetime.fromisoformat(deployed.create_time)
        return f"{begun + timedelta(seconds=seconds(runtime)):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError):
        return ""
