"""Endpoints that have Vertex AI let into the bucket of their weights."""

from __future__ import annotations

import json
from typing import Any

import pulumi

from vertex_custom_weights import CustomWeightsEndpoint, stack

GRANT: dict[str, Any] = {"grant_weights_access": True}
READER = "gcp:storage/bucketIAMMember:BucketIAMMember"


def readers(program: Any) -> dict[str, str]:
    """Return the buckets that are opened, by the name of the grant."""
    found = (resource for resource in program.declared if resource.type == READER)
    return {resource.name: resource.inputs["bucket"] for resource in found}


def declare(program: Any, **args: Any) -> None:
    given: Any = {"deployment": GRANT, **args}
    program.run(lambda: CustomWeightsEndpoint("chat", given))


def test_nothing_is_granted_unless_asked_for(program: Any) -> None:
    declare(program, weights_uri="gs://models/f", deployment={})
    assert readers(program) == {}


def test_deployment_waits_for_the_grant(program: Any) -> None:
    declare(program, weights_uri="gs://models/f")

    assert readers(program) == {"chat-weights-access-reader": "models"}
    assert "chat-weights-access-reader" in program.one("chat-llm").uses


def test_bucket_of_several_versions_is_opened_once(program: Any) -> None:
    versions = {
        "a": {"weights_uri": "gs://models/a", "traffic": 90},
        "b": {"weights_uri": "gs://models/b", "traffic": 10},
        "c": {"weights_uri": pulumi.Output.from_input("gs://elsewhere/c"), "traffic": 0},
    }
    declare(program, versions=versions)

    assert readers(program) == {
        "chat-models-weights-access-reader": "models",
        "chat-c-weights-access-reader": "elsewhere",
    }


def endpoints(program: Any, **entries: Any) -> None:
    config = {
        "gcp:project": "here",
        "gcp:region": "us-central1",
        "vertex-custom-weights:endpoints": json.dumps(entries),
    }
    pulumi.runtime.set_all_config(config)
    program.run_stack(stack.declare)


def test_bucket_of_several_endpoints_of_a_stack_is_opened_once(program: Any) -> None:
    asking = {"deployment": {"grantWeightsAccess": True}}
    endpoints(
        program,
        chat={"weightsUri": "gs://models/chat", **asking},
        embed={"weightsUri": "gs://models/embed", **asking},
        rank={"weightsUri": "gs://models/rank", "project": "there", **asking},
        own={"weightsUri": "gs://own/f"},
    )

    assert readers(program) == {
        "models-access-reader": "models",
        "models-access-there-reader": "models",
    }
    for name in ("chat", "embed"):
        assert "models-access-reader" in program.one(f"{name}-llm").uses
    assert "models-access-there-reader" in program.one("rank-llm").uses
    assert program.one("own-llm").uses == set()
