"""What an error message may say about the call that provoked it."""

from __future__ import annotations

import re
from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json
from vertex_custom_weights_provider.emulator.names import project_number

_PROJECT = re.compile(r"projects/([^/:]+)")
_LOCATION = re.compile(r"(?:locations|regions)/([^/:]+)")
_BUCKET = re.compile(r"gs://([^/]+)")
# How accelerators are spelled in quota ids, where that is not the enum without its prefixes.
_IN_QUOTA_IDS = {
    "NVIDIA_H100_80GB": "H100",
    "NVIDIA_H100_MEGA_80GB": "H100Mega",
    "NVIDIA_H200_141GB": "H200",
    "TPU_V5_LITEPOD": "V5E",
}


def about(resource: str, body: Json) -> dict[str, str]:
    """The variables of error texts, from a relative resource name and a canonical body."""
    project = _first(_PROJECT, resource, "my-project")
    machine = _find(body, "machineSpec") or {}
    accelerator = str(machine.get("acceleratorType", "NVIDIA_L4"))
    number = project_number(project)
    return {
        "resource": resource.split(":", maxsplit=1)[0],
        "parent": location_of(resource),
        "project": project,
        "number": number,
        "location": _first(_LOCATION, resource, "us-central1"),
        "serviceAgent": f"service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com",
        "principal": "user@example.com",
        "bucket": _first(_BUCKET, str(body), _bucket_in(resource)),
        "machineType": str(machine.get("machineType", "g2-standard-12")),
        "acceleratorType": accelerator,
        "acceleratorCount": str(machine.get("acceleratorCount", 1)),
        "quota": quota_id(accelerator),
        "spotQuota": quota_id(accelerator, spot=True),
        "limit": "0",
    }


def location_of(resource: str) -> str:
    """The location a relative resource name lies in."""
    return "/".join(resource.split(":", 1)[0].split("/")[:4])


def quota_id(accelerator: str, *, spot: bool = False) -> str:
    """The id of the quota that serving on an accelerator is charged to."""
    short = _IN_QUOTA_IDS.get(accelerator)
    if short is None:
        short = re.sub(r"NVIDIA_|TESLA_|_", "", accelerator)
    kind = "TPU" if accelerator.startswith("TPU") else "GPUs"
    spot_word = "Preemptible" if spot else ""
    return f"CustomModelServing{spot_word}{short}{kind}PerProjectPerRegion"


def _first(pattern: re.Pattern[str], text: str, default: str) -> str:
    match = pattern.search(text)
    return match[1] if match else default


def _bucket_in(resource: str) -> str:
    match = re.search(r"/b/([^/]+)", resource)
    return match[1] if match else "my-bucket"


def _find(value: Any, key: str) -> Json | None:
    """The first object under a key, wherever it is."""
    if isinstance(value, list):
        found = (_find(item, key) for item in cast("list[Any]", value))
    elif isinstance(value, dict):
        document = cast("Json", value)
        if isinstance(document.get(key), dict):
            return document[key]
        found = (_find(item, key) for item in document.values())
    else:
        return None
    return next((item for item in found if item is not None), None)
