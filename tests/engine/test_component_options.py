"""Resource options of a component under the real engine."""

from __future__ import annotations

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.harness import Engine

PROGRAM = """
    import pulumi
    from vertex_custom_weights import LlamaEndpoint

    def label(args):
        if args.type_ in ("vcw:m:Deployment", "vcw:m:Address", "vcw:m:Rule"):
            props = {{**args.props, "labels": {{"by": "transform"}}}}
            return pulumi.ResourceTransformResult(props, args.opts)

    LlamaEndpoint(
        "{name}",
        {{
            "weights_uri": "gs://weights/llama",
            "base_model": "llama-3.2-1b",
            "private_service_connect": {{"network": "default", "subnetwork": "default"}},
        }},
        pulumi.ResourceOptions({options}),
    )
"""


def prepare(engine: Engine, options: str) -> EmulatedCloud:
    """Write the program of the endpoint `chat`, its configuration and its weights."""
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.program(PROGRAM.format(name="chat", options=options))
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
        }
    )
    return EmulatedCloud(engine.folder / "emulator.db")


def test_renamed_component_keeps_its_endpoint_and_address_and_takes_a_transform(
    engine: Engine,
) -> None:
    cloud = prepare(engine, "")
    engine.up()
    before = [cloud.names(kind) for kind in ("endpoints", "addresses", "forwardingRules")]

    options = "aliases=[pulumi.Alias(name='chat')], transforms=[label]"
    engine.program(PROGRAM.format(name="talk", options=options))
    preview = engine.preview()
    assert {step.op for step in preview.steps} == {"same", "update"}
    engine.up()
    assert cloud.endpoint(before[0][0])["labels"]["by"] == "transform"

    assert [cloud.names(kind) for kind in ("endpoints", "addresses", "forwardingRules")] == before
    assert engine.preview().unchanged
    engine.destroy()
    assert cloud.empty


def test_retained_component_is_forgotten_and_left_standing(engine: Engine) -> None:
    cloud = prepare(engine, "retain_on_delete=True")
    engine.up()
    engine.destroy()

    assert engine.resources() == {}
    kinds = ("endpoints", "models", "addresses", "forwardingRules")
    assert [len(cloud.names(kind)) for kind in kinds] == [1, 1, 1, 1]
