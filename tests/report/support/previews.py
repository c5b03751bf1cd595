"""What `pulumi preview --json` prints, made to measure; the engine's own is in `tests/engine`.

preview(deployment("chat", "replace", old={"gcsUri": "gs://b/1"}, new={"gcsUri": "gs://b/2"}))
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from vertex_custom_weights_provider.report.build import build
from vertex_custom_weights_provider.report.model import EndpointReport, Report
from vertex_custom_weights_provider.report.reading.preview import UNKNOWN, Preview, read_preview

Json = dict[str, Any]
COMPONENT = "vcw:m:Llama"
STACK = "pulumi:pulumi:Stack"
L4 = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
H100 = {
    "machineType": "a3-highgpu-8g",
    "acceleratorType": "NVIDIA_H100_80GB",
    "acceleratorCount": 8,
}
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["here"]}
PLACE = {"project": "here", "location": "us-central1"}
ATTACHMENT = "projects/tp/regions/us-central1/serviceAttachments/gkedpm-1"
_OPS_WITHOUT_OLD = ("create", "import")


def urn(name: str, type_: str, *around: str) -> str:
    return f"urn:pulumi:dev::shop::{'$'.join((*around, type_))}::{name}"


def step(
    name: str,
    type_: str,
    op: str,
    *,
    old: Json | None = None,
    new: Json | None = None,
    outputs: Json | None = None,
    parent: str = "",
    depends: Mapping[str, Sequence[str]] | None = None,
    around: Sequence[str] = (),
    **fields: Any,
) -> Json:
    """Make one step; `outputs` are those of the old state, which holds its inputs too."""
    where = urn(name, type_, *around)
    common = {"parent": parent, "propertyDependencies": dict(depends or {})}
    made: Json = {"op": op, "urn": where, **fields}
    if op not in _OPS_WITHOUT_OLD:
        was = old if old is not None else new or {}
        state = {"urn": where, "inputs": was, "outputs": {**was, **(outputs or {})}}
        made["oldState"] = {**common, **state}
    if op != "delete":
        wanted = new if new is not None else old or {}
        made["newState"] = {"urn": where, "inputs": wanted, **common}
        if op == "same":
            made["newState"]["outputs"] = {**wanted, **(outputs or {})}
    return made


def component(name: str, op: str = "same", type_: str = COMPONENT) -> Json:
    return step(name, type_, op)


def inputs(**given: Any) -> Json:
    """Return inputs of a deployment that makes its own endpoint."""
    base: Json = {
        **PLACE,
        "gcsUri": "gs://bucket/one",
        "weightsFingerprint": "w1-1",
        "endpointUserId": "chat-1",
        "modelUserId": "chat-1",
        "dedicatedResources": {"machineSpec": L4},
    }
    return {key: value for key, value in {**base, **given}.items() if value is not None}


def machine(spec: Mapping[str, Any] = L4, least: Any = None, most: Any = None) -> Json:
    """Return `dedicatedResources`."""
    found: Json = {"machineSpec": dict(spec)}
    if least is not None:
        found["minReplicaCount"] = least
    if most is not None:
        found["maxReplicaCount"] = most
    return found


def deployment(
    name: str,
    op: str,
    *,
    old: Json | None = None,
    new: Json | None = None,
    home: str = "",
    **fields: Any,
) -> Json:
    """Make a step of a `CustomWeightsDeployment`, inside a component when `home` is given."""
    outputs = {"endpointName": f"projects/here/locations/us-central1/endpoints/{name}-1"}
    outputs |= {"deployedModelId": f"id-{name}", "serviceAttachment": ATTACHMENT}
    if home:
        fields = {"parent": urn(home, COMPONENT), "around": (COMPONENT,), **fields}
    return step(
        name,
        "vcw:m:Deployment",
        op,
        old=None if old is None and op in _OPS_WITHOUT_OLD else inputs(**(old or {})),
        new=None if op == "delete" else inputs(**(new if new is not None else old or {})),
        outputs={**outputs, **fields.pop("outputs", {})},
        **fields,
    )


def rule(
    name: str,
    op: str,
    target: str,
    *,
    of: str = "",
    replaceReasons: Sequence[str] = (),  # noqa: N803 - as the preview spells it
    **given: Any,
) -> Json:
    """Make a step of a forwarding rule to `target`, made from deployment `of`."""
    wanted = {"project": "here", "network": "projects/here/global/networks/apps", "target": target}
    outputs = {"ipAddress": "10.0.0.9", "pscConnectionStatus": "ACCEPTED"}
    return step(
        name,
        "vcw:m:Rule",
        op,
        old={**wanted, "target": ATTACHMENT, **given},
        new={**wanted, **given},
        outputs=outputs,
        depends={"target": [of]} if of else {},
        replaceReasons=list(replaceReasons),
    )


def document(*steps: Json, diagnostics: Sequence[Json] = (), summary: Json | None = None) -> str:
    stack = {"op": "same", "urn": urn("shop-dev", STACK)}
    made = {"steps": [stack, *steps], "diagnostics": list(diagnostics)}
    return json.dumps({**made, "changeSummary": summary or {}})


def preview(*steps: Json, **more: Any) -> Preview:
    return read_preview(document(*steps, **more))


def facts(**given: Any) -> Json:
    """Return what an examination records."""
    return {
        "verdict": "ok",
        "findings": [],
        "base_models": ["llama-3.2-1b"],
        "bytes_in_memory": 2_500_000_000,
        "expected_minutes": 18,
        "complete": True,
        **given,
    }


def report(*steps: Json, found: Mapping[str, Json] | None = None, **more: Any) -> Report:
    """Build the report of a preview; `found` holds facts by URN."""
    return build(preview(*steps, **more), found)


def only(made: Report) -> EndpointReport:
    """Return the only endpoint of a report."""
    (endpoint,) = made.endpoints
    return endpoint


def deployment_urn(name: str, home: str = "") -> str:
    around = (COMPONENT,) if home else ()
    return urn(name, "vcw:m:Deployment", *around)


__all__ = ["UNKNOWN"]
