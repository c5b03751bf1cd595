"""Resource options given to a component, and what becomes of them below it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint, PrivateServiceConnect
from vertex_custom_weights.stack import FAMILIES
from vertex_custom_weights_provider.resources.psc_address import PscAddress

CONNECTED = {
    "weights_uri": "gs://bucket/folder",
    "private_service_connect": {"network": "vpc", "subnetwork": "subnet"},
}
MADE = ("chat-deployment", "chat-psc-address", "chat-psc-forwarding-rule")


def declare(program: Any, component: type[CustomWeightsEndpoint], **options: Any) -> None:
    """Declare the connected endpoint `chat` with these options, after a resource `before`."""
    given: Any = CONNECTED

    def build() -> pulumi.Resource:
        before = PscAddress("before", subnetwork="subnet")
        wait = {"depends_on": before} if options.pop("waits", False) else {}
        return component("chat", given, pulumi.ResourceOptions(**options, **wait))

    program.run(build)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_of_a_component_waits_for_what_the_component_depends_on(
    program: Any, family: str
) -> None:
    declare(program, FAMILIES[family], waits=True)
    assert all("before" in program.one(name).uses for name in MADE)


def test_component_without_options_waits_for_nothing(program: Any) -> None:
    declare(program, CustomWeightsEndpoint)
    assert not any("before" in program.one(name).uses for name in MADE)


def test_connection_waits_for_what_it_depends_on(program: Any) -> None:
    args: Any = {"service_attachment": "a", "network": "vpc", "subnetwork": "subnet"}

    def build() -> pulumi.Resource:
        before = [PscAddress(name, subnetwork="subnet") for name in ("before", "and-before")]
        return PrivateServiceConnect("psc", args, pulumi.ResourceOptions(depends_on=before))

    program.run(build)
    assert {"before", "and-before"} <= program.one("psc-address").uses


def test_transformation_of_a_component_reaches_its_resources(program: Any) -> None:
    def label(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        if args.type_.startswith("pulumi-python:dynamic/"):
            args.props["labels"] = {"by": "transformation"}
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    declare(program, CustomWeightsEndpoint, transformations=[label])
    labels = [program.one(name).inputs["labels"] for name in MADE]
    assert labels == [{"by": "transformation"}] * len(MADE)


def test_alias_is_told_of_the_component_and_left_to_pulumi_below(program: Any) -> None:
    declare(program, CustomWeightsEndpoint, aliases=[pulumi.Alias(name="talk")])

    assert program.one("chat").aliases == ("talk",)
    assert program.one("chat-deployment").aliases == ()
