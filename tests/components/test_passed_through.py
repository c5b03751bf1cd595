"""Arguments that reach fields of Vertex AI's own, by Google's reference, and what they need."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint

RESERVATION = "projects/p/zones/us-central1-a/reservations/gpus"
KEY = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"
BASE: dict[str, Any] = {"weights_uri": "gs://b/f"}
STAYING: dict[str, Any] = {**BASE, "deployment": {"rollout": "same-endpoint"}}
LOGGED = {"enabled": True, "bigquery_destination": {"output_uri": "bq://p.d.t"}}


def declare(program: Any, args: dict[str, Any]) -> None:
    given: Any = args
    program.run(lambda: CustomWeightsEndpoint("chat", given))


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        ({"partition_size": "1g.10gb"}, {"machineSpec": {"gpuPartitionSize": "1g.10gb"}}),
        ({"hosts": 2}, {"machineSpec": {"multihostGpuNodeCount": 2}}),
        ({"flex_start": "48h"}, {"machineSpec": {}, "flexStart": {"maxRuntimeDuration": "48h"}}),
        (
            {"reservation": RESERVATION},
            {
                "machineSpec": {
                    "reservationAffinity": {
                        "reservationAffinityType": "SPECIFIC_RESERVATION",
                        "key": "compute.googleapis.com/reservation-name",
                        "values": [RESERVATION],
                    }
                }
            },
        ),
        (
            {"reservation": "any"},
            {
                "machineSpec": {
                    "reservationAffinity": {"reservationAffinityType": "ANY_RESERVATION"}
                }
            },
        ),
        (
            {"reservation": "none"},
            {"machineSpec": {"reservationAffinity": {"reservationAffinityType": "NO_RESERVATION"}}},
        ),
    ],
)
def test_machines_reach_the_fields_of_dedicated_resources(
    program: Any, machine: dict[str, Any], expected: dict[str, Any]
) -> None:
    declare(program, {**BASE, "machine": machine})
    assert program.one("chat-llm").inputs["dedicatedResources"] == expected


def test_a_reservation_may_be_an_output(program: Any) -> None:
    declare(program, {**BASE, "machine": {"reservation": pulumi.Output.from_input("any")}})
    spec = program.one("chat-llm").inputs["dedicatedResources"]["machineSpec"]
    assert spec == {"reservationAffinity": {"reservationAffinityType": "ANY_RESERVATION"}}


@pytest.mark.parametrize(
    ("argument", "value", "resource", "field", "expected"),
    [
        ("access_logging", True, "chat-llm", "enableAccessLogging", True),
        (
            "request_logging",
            LOGGED,
            "chat-api",
            "predictRequestResponseLoggingConfig",
            {"enabled": True, "bigqueryDestination": {"outputUri": "bq://p.d.t"}},
        ),
        (
            "inference_timeout",
            "20m",
            "chat-api",
            "clientConnectionConfig",
            {"inferenceTimeout": "20m"},
        ),
        ("encryption_key", KEY, "chat-api", "encryptionSpec", {"kmsKeyName": KEY}),
    ],
)
def test_what_is_said_of_an_endpoint_that_stays(
    program: Any, argument: str, value: Any, resource: str, field: str, expected: Any
) -> None:
    how = {**STAYING["deployment"], argument: value}
    declare(program, {**STAYING, "deployment": how})
    assert program.one(resource).inputs[field] == expected

    with pytest.raises(pulumi.RunError, match=rf"deployment\.{argument} needs deployment\.rollout"):
        declare(program, {**BASE, "deployment": {argument: value}})


@pytest.mark.parametrize("args", [BASE, STAYING])
def test_permissions_may_be_checked_on_the_private_path(program: Any, args: dict[str, Any]) -> None:
    declare(program, {**args, "private_service_connect": {"check_permissions": True}})
    holder = program.one("chat-api" if args is STAYING else "chat-llm")
    config = holder.inputs["privateServiceConnectConfig"]
    assert config["enableSecurePrivateServiceConnect"] is True
