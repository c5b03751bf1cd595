"""A change with something of everything, for pictures of the report."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider.report.model import Report

from .previews import (
    H100,
    PLACE,
    PRIVATE,
    UNKNOWN,
    component,
    deployment,
    deployment_urn,
    facts,
    machine,
    report,
    rule,
    step,
    urn,
)

_SERVING = "projects/here/locations/us-central1/endpoints/assistant-1"
_PRIVATE: dict[str, Any] = {"privateServiceConnectConfig": PRIVATE}
_DOCUMENTS: dict[str, Any] = {**_PRIVATE, "endpointUserId": "documents-5b1f"}
_ALL_THREE = ("support", "documents", "search")


def example() -> Report:
    """Build it: replaced, rolled out beside another version, new, removed, unchanged."""
    urns = {name: deployment_urn(f"{name}-deployment", name) for name in _ALL_THREE}
    green = deployment_urn("assistant-green")
    return report(
        *map(component, _ALL_THREE),
        deployment(
            "support-llm",
            "replace",
            home="support",
            old={
                **_PRIVATE,
                "gcsUri": "gs://acme-models/support/run-7",
                "endpointUserId": "support-30c8",
            },
            new={
                **_PRIVATE,
                "gcsUri": "gs://acme-models/support/run-8",
                "endpointUserId": "support-96ff",
            },
        ),
        rule("support-fwd", "replace", UNKNOWN, of=urns["support"], replaceReasons=["target"]),
        deployment(
            "documents-llm",
            "update",
            home="documents",
            old=_DOCUMENTS,
            new={**_DOCUMENTS, "dedicatedResources": machine(least=2, most=6)},
            outputs={"serviceAttachment": "projects/tp/serviceAttachments/gkedpm-2"},
        ),
        deployment(
            "search-llm",
            "create",
            home="search",
            new={
                "gcsUri": "gs://acme-models/search/2026-11-02-a-folder-with-a-long-name/checkpoint",
                "dedicatedResources": machine(H100, 1, 2),
                "privateServiceConnectConfig": PRIVATE,
                "endpointUserId": "search-07fc",
            },
        ),
        *_side_by_side(),
        deployment(
            "retired",
            "delete",
            old={"endpointUserId": "retired-02"},
            outputs={"dedicatedEndpointDns": "r.example"},
        ),
        deployment("routing", "same", old={"gcsUri": "gs://acme-models/routing/4"}),
        step("apps", "gcp:compute/network:Network", "update", old={}, new={"mtu": 1500}),
        found={
            urns["support"]: facts(base_models=["llama-3.1-8b"], bytes_in_memory=16_060_000_000),
            urns["search"]: facts(
                verdict="warn",
                base_models=["llama-3.1-70b"],
                bytes_in_memory=141_100_000_000,
                expected_minutes=27,
                quota={"limit": 8, "usage": 0},
                findings=[
                    {
                        "id": "C4",
                        "severity": "warn",
                        "message": "Needs 16 NVIDIA_H100_80GB in us-central1, and the limit is 8. "
                        "Request quota, or lower maxReplicaCount.",
                    },
                    {"id": "F4", "severity": "info", "message": "No chat template was found."},
                ],
            ),
            green: facts(expected_minutes=19),
        },
    )


def _side_by_side() -> list[dict[str, Any]]:
    """Return two versions behind one endpoint, the second of which is rolled out anew."""
    home = {"endpoint": [urn("assistant", "vcw:m:Endpoint")]}
    onto = {"endpoint": _SERVING, "endpointUserId": None}
    blue, green = "assistant-blue", "assistant-green"
    shares = [
        {"deployedModelId": f"id-{blue}", "percent": 90, "name": "blue"},
        {"deployedModelId": UNKNOWN, "percent": 10, "name": "green"},
    ]
    was = [{**shares[0], "percent": 100}, {"deployedModelId": f"id-{green}", "percent": 0}]
    return [
        step(
            "assistant",
            "vcw:m:Endpoint",
            "same",
            new={**PLACE, "endpointId": "assistant-1", "privateServiceConnectConfig": PRIVATE},
            outputs={"endpointName": _SERVING},
        ),
        deployment(blue, "same", old=onto, depends=home),
        deployment(
            green,
            "update",
            old=onto,
            new={**onto, "gcsUri": "gs://bucket/two", "weightsFingerprint": "w1-2"},
            depends=home,
        ),
        step(
            "assistant-mix",
            "vcw:m:Traffic",
            "update",
            old={"endpoint": _SERVING, "traffic": was},
            new={"endpoint": _SERVING, "traffic": shares},
            depends=home,
        ),
        rule("assistant-fwd", "same", "x", of=deployment_urn(blue)),
    ]
