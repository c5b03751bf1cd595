"""Resource options given to a component, and what becomes of them below it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint, PrivateServiceConnect
from vertex_custom_weights.stack import FAMILIES
from vertex_custom_weights_provider.resources.psc_address import PscAddress
from vertex_custom_weights_provider.tokens import COMPONENTS, token

NETWORK = {"network": "vpc", "subnetwork": "subnet"}
CONNECTED = {"weights_uri": "gs://bucket/folder", "private_service_connect": NETWORK}
VERSION = {"weights_uri": "gs://bucket/folder", "traffic": 100}
OURS = {token(component) for component in COMPONENTS}
PSC = ("chat-ip", "chat-fwd")
MADE = ("chat-llm", *PSC)
SHAPES = [
    pytest.param(CONNECTED, MADE, id="new-endpoint"),
    pytest.param(
        {**CONNECTED, "deployment": {"rollout": "same-endpoint"}},
        ("chat-api", *MADE),
        id="same-endpoint",
    ),
    pytest.param(
        {"versions": {"blue": VERSION}, "private_service_connect": NETWORK},
        ("chat-api", "chat-blue", "chat-mix", *PSC),
        id="versions",
    ),
]


def declare(
    program: Any, component: type[CustomWeightsEndpoint], args: Any = None, **options: Any
) -> None:
    """Declare the connected endpoint `chat` with these options, after a resource `before`."""
    given: Any = CONNECTED if args is None else args

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


@pytest.mark.parametrize(("args", "made"), SHAPES)
def test_all_waits_and_is_protected_however_the_endpoint_is_made(
    program: Any, args: Any, made: tuple[str, ...]
) -> None:
    declare(program, CustomWeightsEndpoint, args, waits=True, protect=True)
    assert program.names == {"before", "chat", *made}
    assert all("before" in program.one(name).uses for name in made)
    assert all(each.protect for each in program.declared if each.name != "before")


@pytest.mark.parametrize(("args", "made"), SHAPES)
def test_everything_hangs_under_the_component(
    program: Any, args: Any, made: tuple[str, ...]
) -> None:
    declare(program, CustomWeightsEndpoint, args)
    parents = {(program.one(name).parent, program.one(name).parent_type) for name in made}
    assert parents == {("chat", "vcw:m:CustomWeights"), ("chat", "vcw:m:Connection")}


def test_component_without_options_waits_for_nothing(program: Any) -> None:
    declare(program, CustomWeightsEndpoint)
    assert not any("before" in program.one(name).uses for name in MADE)


def test_connection_waits_for_what_it_depends_on(program: Any) -> None:
    args: Any = {"service_attachment": "a", "network": "vpc", "subnetwork": "subnet"}

    def build() -> pulumi.Resource:
        before = [PscAddress(name, subnetwork="subnet") for name in ("before", "and-before")]
        return PrivateServiceConnect("psc", args, pulumi.ResourceOptions(depends_on=before))

    program.run(build)
    assert {"before", "and-before"} <= program.one("psc-ip").uses


@pytest.mark.parametrize(("args", "made"), SHAPES)
def test_transformation_of_a_component_reaches_its_resources(
    program: Any, args: Any, made: tuple[str, ...]
) -> None:
    def label(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        if args.type_.startswith("vcw:"):
            args.props["labels"] = {"by": "transformation"}
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    declare(program, CustomWeightsEndpoint, args, transformations=[label])
    labelled = [name for name in made if name != "chat-mix"]  # which has none
    labels = [program.one(name).inputs["labels"] for name in labelled]
    assert labels == [{"by": "transformation"}] * len(labelled)


def test_options_that_reach_nothing_are_warned_about(program: Any) -> None:
    declare(
        program,
        CustomWeightsEndpoint,
        ignore_changes=["replicas"],
        custom_timeouts=pulumi.CustomTimeouts(create="3h"),
    )
    (warning,) = program.warnings
    assert warning.startswith("custom_timeouts, ignore_changes: without effect on a component")


def test_options_that_are_honoured_are_not_warned_about(program: Any) -> None:
    declare(
        program, CustomWeightsEndpoint, waits=True, protect=True, retain_on_delete=True, aliases=[]
    )
    assert program.warnings == []


def test_alias_is_told_of_the_component_and_left_to_pulumi_below(program: Any) -> None:
    declare(program, CustomWeightsEndpoint, aliases=[pulumi.Alias(name="talk")])

    assert program.one("chat", "vcw:m:CustomWeights").aliases == ("talk",)
    assert program.one("chat", "vcw:m:Connection").aliases == ()
    assert program.one("chat-llm").aliases == ()


NAMED = {"domain": "example.com"}
ALL_OF_A_CONNECTION: dict[str, Any] = {
    **NETWORK,
    "dns": NAMED,
    "connections": [{"name": "shops", "dns": NAMED, **NETWORK}],
}


@pytest.mark.parametrize(("args", "made"), SHAPES)
def test_names_begin_with_the_parents_so_that_pulumi_hands_its_aliases_down(
    program: Any, args: Any, made: tuple[str, ...]
) -> None:
    declare(
        program, CustomWeightsEndpoint, {**args, "private_service_connect": ALL_OF_A_CONNECTION}
    )
    below = {each.name: each.parent for each in program.declared if each.parent_type in OURS}
    assert below.keys() >= {*made, "chat-dns-zone", "chat-shops-dns-record"}
    assert [name for name, parent in below.items() if not name.startswith(parent)] == []


def test_names_of_a_connections_parts_begin_with_its_own(program: Any) -> None:
    given: Any = {"service_attachment": "a", **ALL_OF_A_CONNECTION}
    program.run(lambda: PrivateServiceConnect("shop-psc", given))
    below = {each.name for each in program.declared if each.parent == "shop-psc"}
    parts = ("ip", "fwd", "dns-zone", "dns-record")
    assert below == {f"shop-psc-{first}{part}" for first in ("", "shops-") for part in parts}
