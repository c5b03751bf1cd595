"""The policy pack under the real engine."""

from __future__ import annotations

import json
from typing import Any

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.harness import CHECKOUT, Engine

LAUNCHER = CHECKOUT / "stacks" / "policy" / "launch"


def prepare(engine: Engine, policies: dict[str, Any], **endpoint: Any) -> list[str]:
    """Write a stack of one endpoint, and return the options that put it under the policies."""
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    chat = {"family": "llama", "baseModel": "llama-3.2-1b", "weightsUri": "gs://weights/llama"}
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": {"chat": {**chat, **endpoint}},
        }
    )
    settings = engine.write("policies.json", json.dumps(policies))
    return ["--policy-pack", str(LAUNCHER), "--policy-pack-config", str(settings)]


def test_violation_stops_preview_and_update_with_the_policys_words(engine: Engine) -> None:
    policies = {
        "not-public": {"except": ["chat"], "vpcServiceControls": True},
        "labels": {"labels": ["team"], "values": {"env": ["prod"]}},
        "rollout-cost": {"maxUsdPerHour": 1.5},
        "regions": {"regions": ["europe-*"]},
        "guarded": "mandatory",
    }
    options = prepare(engine, policies, public=True, labels={"env": "dev"})

    preview = engine.preview(*options, ok=False)
    for told in (
        "is public, but inside a VPC Service Controls perimeter only private endpoints",
        "has no label team",
        "has label env: dev. Allowed are prod.",
        "costs up to 1.96 USD an hour while it is rolled out",
        "is in us-central1. Allowed are europe-*.",
        "could be deleted by mistake. Set protect: true.",
    ):
        assert f"chat-llm {told}" in preview.text
    assert "Traceback" not in preview.text

    engine.up(*options, ok=False)
    assert EmulatedCloud(engine.folder / "emulator.db").empty


def test_limit_for_the_whole_stack_stops_the_preview(engine: Engine) -> None:
    options = prepare(engine, {"total-cost": {"maxUsdPerHour": 1.5}}, replicas={"max": 2})

    text = engine.preview(*options, ok=False).text
    assert "all endpoints together cost up to 1.96 USD an hour" in text


def test_stack_that_keeps_the_rules_is_deployed_under_them(engine: Engine) -> None:
    policies = {"guarded": "mandatory", "machines": {"machines": ["g2-standard-*"]}}
    options = prepare(engine, policies, protect=True)

    engine.up(*options)
    assert engine.preview(*options).unchanged

    (engine.folder / "weights" / "llama" / "generation_config.json").write_text("{}")
    assert "marked for protection" in engine.preview(*options, ok=False).text
    assert "protect" in engine.destroy(ok=False).text
    assert len(EmulatedCloud(engine.folder / "emulator.db").names("endpoints")) == 1


UNKNOWN_LABEL = """
    import pulumi
    from vertex_custom_weights import LlamaEndpoint

    weights = "gs://weights/llama"
    first = LlamaEndpoint("first", {"weights_uri": weights, "labels": {"team": "search"}})
    labels = {"team": first.deployed_model_id.apply(lambda _: "")}
    LlamaEndpoint("second", {"weights_uri": weights, "labels": labels})
"""


def test_value_that_only_the_update_knows_is_judged_in_the_update(engine: Engine) -> None:
    options = prepare(engine, {"labels": {"labels": ["team"]}})
    engine.program(UNKNOWN_LABEL)

    preview = engine.preview(*options)
    assert "can't be known during preview" in preview.text
    assert "Traceback" not in preview.text

    assert "second-llm has no label team" in engine.up(*options, ok=False).text
    assert len(EmulatedCloud(engine.folder / "emulator.db").names("endpoints")) == 1


def test_machine_chosen_by_preflight_is_judged_as_the_one_it_is(engine: Engine) -> None:
    policies = {"machines": {"machines": ["g2-standard-*"]}, "cost": {"maxUsdPerHour": 0.5}}
    text = engine.preview(*prepare(engine, policies, machine={"type": "auto"}), ok=False).text

    assert "(1 × g2-standard-" in text
    assert "Allowed are" not in text
