"""The differ: yes or no, in place or not, decided by the property table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from vertex_custom_weights_provider.lifecycle.diff import compare
from vertex_custom_weights_provider.properties.base import AT_CREATION, Change, Mutability, Spec
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.endpoint import EndpointSpec
from vertex_custom_weights_provider.properties.machines import DedicatedResources
from vertex_custom_weights_provider.properties.psc_address import PscAddressSpec
from vertex_custom_weights_provider.properties.psc_forwarding_rule import PscForwardingRuleSpec
from vertex_custom_weights_provider.properties.table import properties
from vertex_custom_weights_provider.properties.traffic_split import TrafficSplitSpec

from ..properties.test_parsing import EVERYTHING, deployments

MODELS = (
    CustomWeightsDeploymentSpec,
    EndpointSpec,
    PscAddressSpec,
    PscForwardingRuleSpec,
    TrafficSplitSpec,
)
UNKNOWN = object()


def table(model: type[Spec]) -> Iterator[tuple[str, Mutability | None, bool]]:
    for row in properties(model):
        yield row.wire, row.mutability, row.computed


ALL = [(model, *row) for model in MODELS for row in table(model)]
ROWS = [row for row in ALL if row[2] is None or row[2].change is not Change.NOTHING]


def test_adopt_alone_changes_nothing_afterwards() -> None:
    silent = [(model, key) for model, key, mutability, _ in ALL if mutability is AT_CREATION]
    assert silent == [(model, "adopt") for model in MODELS]
    for model, key in silent:
        for before, after in (("a", "b"), ("a", None), (None, "b")):
            assert not compare(model, {key: before}, {key: after}).changes


@pytest.mark.parametrize(
    ("model", "key", "mutability", "_computed"), ROWS, ids=[f"{r[0].__name__}.{r[1]}" for r in ROWS]
)
def test_every_property_says_what_its_change_means_and_why(
    model: type[Spec], key: str, mutability: Mutability | None, _computed: bool
) -> None:
    assert mutability is not None
    if mutability.change in (Change.REPLACE, Change.REPLACE_FIRST):
        assert mutability.reason


@pytest.mark.parametrize(
    ("model", "key", "mutability", "_computed"), ROWS, ids=[f"{r[0].__name__}.{r[1]}" for r in ROWS]
)
def test_a_changed_property_is_reported_under_its_own_rule(
    model: type[Spec], key: str, mutability: Mutability, _computed: bool
) -> None:
    diff = compare(model, {key: "before"}, {key: "after"})
    assert [change.path for change in diff.changes] == [key]
    replaces = mutability.change in (Change.REPLACE, Change.REPLACE_FIRST)
    assert bool(diff.replacing) is replaces
    assert diff.old_goes_first is (mutability.change is Change.REPLACE_FIRST)


@pytest.mark.parametrize(
    ("model", "key", "_mutability", "computed"), ROWS, ids=[f"{r[0].__name__}.{r[1]}" for r in ROWS]
)
def test_an_unknown_value_counts_as_a_change(
    model: type[Spec], key: str, _mutability: Mutability, computed: bool
) -> None:
    diff = compare(model, {key: "before"}, {key: UNKNOWN}, lambda value: value is UNKNOWN)
    assert [change.path for change in diff.changes] == [key]


@pytest.mark.parametrize(
    ("model", "key", "_mutability", "computed"), ROWS, ids=[f"{r[0].__name__}.{r[1]}" for r in ROWS]
)
def test_a_property_that_vanishes_is_a_change_unless_the_service_fills_it_in(
    model: type[Spec], key: str, _mutability: Mutability, computed: bool
) -> None:
    assert bool(compare(model, {key: "before"}, {}).changes) is not computed


def test_learning_the_fingerprint_of_the_weights_for_the_first_time_is_free() -> None:
    model = CustomWeightsDeploymentSpec
    assert not compare(model, {}, {"weightsFingerprint": "a"}).changes
    assert compare(model, {"weightsFingerprint": "a"}, {"weightsFingerprint": "b"}).replacing


@given(deployments())
def test_nothing_differs_from_itself(wire: dict[str, Any]) -> None:
    assert not compare(CustomWeightsDeploymentSpec, wire, wire).changes


@given(deployments(), deployments())
def test_changes_there_are_changes_back_unless_computed(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    there = {c.path for c in compare(CustomWeightsDeploymentSpec, one, other).changes if c.new}
    back = {c.path for c in compare(CustomWeightsDeploymentSpec, other, one).changes}
    lost = {c.path for c in compare(CustomWeightsDeploymentSpec, one, other).changes if not c.old}
    assert there - lost <= back


def test_nested_properties_have_rules_of_their_own() -> None:
    old = {**EVERYTHING, "endpoint": None}
    new = {**old, "dedicatedResources": {**old["dedicatedResources"], "maxReplicaCount": 9}}
    diff = compare(CustomWeightsDeploymentSpec, old, new)
    assert [(c.path, c.kind) for c in diff.changes] == [
        ("dedicatedResources.maxReplicaCount", "UPDATE")
    ]
    assert not diff.replacing
    machine = {**old["dedicatedResources"]["machineSpec"], "acceleratorCount": 2}
    new = {**old, "dedicatedResources": {**old["dedicatedResources"], "machineSpec": machine}}
    [change] = compare(CustomWeightsDeploymentSpec, old, new).replacing
    assert change.path == "dedicatedResources.machineSpec.acceleratorCount"
    assert "fixed when it is deployed" in change.mutability.reason


def test_what_replaces_a_deployment_is_rolled_out_where_an_endpoint_is_given() -> None:
    old, new = EVERYTHING, {**EVERYTHING, "gcsUri": "gs://weights/other"}
    diff = compare(CustomWeightsDeploymentSpec, old, new)
    assert not diff.replacing
    assert [change.path for change in diff.rolling_out] == ["gcsUri"]
    alone = compare(
        CustomWeightsDeploymentSpec, {**old, "endpoint": None}, {**new, "endpoint": None}
    )
    assert [change.path for change in alone.replacing] == ["gcsUri"]
    assert not alone.rolling_out


def test_moving_onto_an_endpoint_replaces() -> None:
    alone = {**EVERYTHING, "endpoint": None}
    diff = compare(CustomWeightsDeploymentSpec, alone, {**EVERYTHING, "gcsUri": "gs://b/c"})
    assert {change.path for change in diff.replacing} == {"endpoint", "gcsUri"}


def reasons(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.path for change in compare(CustomWeightsDeploymentSpec, old, new).reasons]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"gcsUri": "gs://b/two", "weightsFingerprint": "w2", "modelUserId": "m2"}, ["gcsUri"]),
        ({"weightsFingerprint": "w2", "modelUserId": "m2"}, ["weightsFingerprint"]),
        (
            {"serviceAccount": "sa", "weightsFingerprint": "w2", "modelUserId": "m2"},
            ["serviceAccount", "weightsFingerprint"],
        ),
        ({"modelUserId": "m2"}, ["modelUserId"]),
        (
            {"endpoint": "e", "privateServiceConnectConfig": None, "modelUserId": "m2"},
            ["endpoint"],
        ),
        ({"displayName": "x"}, []),
    ],
)
def test_reasons_are_causes_and_not_what_follows_from_them(
    changed: dict[str, Any], told: list[str]
) -> None:
    old = {
        "gcsUri": "gs://b/one",
        "weightsFingerprint": "w1",
        "modelUserId": "m1",
        "privateServiceConnectConfig": {"projectAllowlist": ["p"]},
    }
    assert reasons(old, {**old, **changed}) == told


def test_a_reason_names_the_property_and_no_value_which_may_be_secret() -> None:
    old = {"gcsUri": "gs://b/one", "weightsFingerprint": "w1"}
    (weights,) = compare(CustomWeightsDeploymentSpec, old, {**old, "gcsUri": "gs://b/two"}).reasons
    assert weights.told() == (
        "replaced because of gcsUri: a deployed model's weights are loaded once, from the folder "
        "it was deployed from"
    )
    (bytes_,) = compare(
        CustomWeightsDeploymentSpec, old, {**old, "weightsFingerprint": "w"}
    ).reasons
    assert bytes_.told() == (
        "replaced because of weightsFingerprint: the weights under gcsUri have changed"
    )


def test_labels_are_compared_one_by_one() -> None:
    diff = compare(EndpointSpec, {"labels": {"a": "1", "b": "1"}}, {"labels": {"b": "2", "c": "3"}})
    assert [(c.path, c.kind) for c in diff.changes] == [
        ("labels.a", "DELETE"),
        ("labels.b", "UPDATE"),
        ("labels.c", "ADD"),
    ]


def test_a_null_inside_a_block_is_an_absent_value() -> None:
    old = {"dedicatedResources": {"minReplicaCount": 1, "spot": None}}
    new = {"dedicatedResources": {"minReplicaCount": 1}}
    assert not compare(CustomWeightsDeploymentSpec, old, new).changes


def test_touches_tells_a_block_from_one_with_a_longer_name() -> None:
    diff = compare(EndpointSpec, {"labels": {"a": "1"}}, {"labels": {"a": "2"}})
    assert diff.touches("labels")
    assert diff.touches("labels.a")
    assert not diff.touches("label")


def test_blocks_are_recognised_behind_their_optional() -> None:
    rows = {row.wire: row for row in properties(CustomWeightsDeploymentSpec)}
    assert rows["dedicatedResources"].block is DedicatedResources
    assert rows["labels"].block is None
