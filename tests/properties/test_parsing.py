"""Specs: from what a program writes to typed inputs and back, and what is said of mistakes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.durations import seconds
from vertex_custom_weights_provider.properties.endpoint import EndpointSpec
from vertex_custom_weights_provider.properties.parsing import load, parse
from vertex_custom_weights_provider.properties.psc_address import PscAddressSpec
from vertex_custom_weights_provider.properties.psc_forwarding_rule import PscForwardingRuleSpec
from vertex_custom_weights_provider.properties.table import properties

UNKNOWN = object()
METRIC = "prometheus.googleapis.com/vertex_vllm_num_requests_waiting"
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
EVERYTHING: dict[str, Any] = {
    "project": "my-proj",
    "location": "us-central1",
    "gcsUri": "gs://weights/llama",
    "endpoint": "projects/my-proj/locations/us-central1/endpoints/shared",
    "endpointUserId": "chat",
    "endpointDisplayName": "Chat",
    "modelUserId": "chat_model",
    "modelDisplayName": "Chat model",
    "labels": {"team": "search"},
    "dedicatedEndpointDisabled": False,
    "privateServiceConnectConfig": {
        "enablePrivateServiceConnect": True,
        "projectAllowlist": ["my-proj", "other"],
        "enableSecurePrivateServiceConnect": True,
        "pscAutomationConfigs": [{"projectId": "other", "network": "projects/other/global/n"}],
    },
    "containerSpec": {
        "imageUri": "us-docker.pkg.dev/p/r/i",
        "command": ["serve"],
        "args": ["--port=8080"],
        "env": [{"name": "A", "value": "b"}],
        "ports": [{"containerPort": 8080}],
        "grpcPorts": [{"containerPort": 8081}],
        "healthRoute": "/ping",
        "invokeRoutePrefix": "/*",
        "startupProbe": {
            "exec": {"command": ["true"]},
            "initialDelaySeconds": 0,
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 60,
            "successThreshold": 1,
        },
        "healthProbe": {
            "httpGet": {"path": "/ping", "port": 8080, "host": "localhost", "scheme": "HTTP"}
        },
        "livenessProbe": {"httpGet": {"path": "/live"}},
        "sharedMemorySizeMb": 1024,
        "deploymentTimeout": "3600s",
    },
    "dedicatedResources": {
        "machineSpec": {
            **MACHINE,
            "reservationAffinity": {
                "reservationAffinityType": "SPECIFIC_RESERVATION",
                "key": "compute.googleapis.com/reservation-name",
                "values": ["projects/p/zones/z/reservations/r"],
            },
        },
        "minReplicaCount": 0,
        "maxReplicaCount": 4,
        "requiredReplicaCount": 1,
        "initialReplicaCount": 1,
        "scaleToZeroSpec": {"minScaleupPeriod": "300s", "idleScaledownPeriod": "600s"},
        "autoscalingMetricSpecs": [
            {"metricName": METRIC, "target": 60, "monitoredResourceLabels": {"Key": "v"}}
        ],
        "flexStart": {"maxRuntimeDuration": "604800s"},
    },
    "serviceAccount": "s@my-proj.iam.gserviceaccount.com",
    "enableContainerLogging": False,
    "enableAccessLogging": True,
    "weightsFingerprint": "sha256:0",
    "weightsChanges": "ignore",
    "smokeTest": {
        "enabled": True,
        "prompt": "Hi",
        "maxTokens": 8,
        "timeout": "30s",
        "expect": "(?i)hello",
        "url": "http://10.0.0.9",
        "unreachable": "warn",
        "sendToken": True,
    },
    "trafficSteps": [10, 50],
    "baseModel": "llama-3.2-1b",
    "family": "llama",
    "preflight": "warn",
    "adopt": "projects/my-proj/locations/us-central1/endpoints/by-hand",
    "generation": 3,
    "deletionPolicy": "abandon",
    "timeouts": {"create": "10800s", "update": "7200s", "delete": "3600s"},
    "owner": "urn:pulumi:dev::shop::t::chat",
}
SMALL: dict[Any, dict[str, Any]] = {
    CustomWeightsDeploymentSpec: {"project": "p", "location": "l", "gcsUri": "gs://bucket/folder"},
    EndpointSpec: {"project": "p", "location": "l"},
    PscAddressSpec: {"project": "p", "region": "r", "subnetwork": "s"},
    PscForwardingRuleSpec: {
        "project": "p",
        "region": "r",
        "target": "t",
        "address": "a",
        "network": "n",
    },
}


def small(**more: Any) -> dict[str, Any]:
    return {**SMALL[CustomWeightsDeploymentSpec], **more}


def problems(wire: dict[str, Any], model: Any = CustomWeightsDeploymentSpec) -> dict[str, str]:
    return {p.path: p.message for p in parse(model, wire).problems}


def test_every_property_of_a_deployment_survives_parsing_and_dumping() -> None:
    parsed = parse(CustomWeightsDeploymentSpec, EVERYTHING)
    assert not parsed.problems
    assert parsed.spec.wire() == EVERYTHING
    assert set(EVERYTHING) == {row.wire for row in properties(CustomWeightsDeploymentSpec)}


def test_whole_floats_are_counts_as_pulumi_sends_them() -> None:
    wire = small(dedicatedResources={"minReplicaCount": 2.0, "maxReplicaCount": 3.0})
    spec = parse(CustomWeightsDeploymentSpec, wire).spec
    assert spec.wire()["dedicatedResources"] == {"minReplicaCount": 2, "maxReplicaCount": 3}
    assert type(spec.wire()["dedicatedResources"]["minReplicaCount"]) is int


def test_a_fraction_is_no_count() -> None:
    assert "dedicatedResources.minReplicaCount" in problems(
        small(dedicatedResources={"minReplicaCount": 1.5})
    )


@pytest.mark.parametrize("model", SMALL)
def test_what_is_required_is_asked_for_by_name(model: Any) -> None:
    found = problems({}, model)
    assert set(found) == set(SMALL[model])
    assert all(message.startswith("is required") for message in found.values())


@pytest.mark.parametrize(
    ("wire", "path", "told"),
    [
        ({"gcsUri": "s3://bucket/x"}, "gcsUri", "gs://bucket/folder"),
        ({"gcsUrl": "x"}, "gcsUrl", "Did you mean gcsUri?"),
        (
            {"dedicatedResources": {"machineSpec": {"machineType": "g2-standard-12"}}},
            "dedicatedResources.machineSpec.acceleratorType",
            "all",
        ),
        (
            {"dedicatedResources": {"minReplicaCount": 3, "maxReplicaCount": 2}},
            "dedicatedResources.maxReplicaCount",
            "below minReplicaCount 3",
        ),
        (
            {"dedicatedResources": {"minReplicaCount": 0}},
            "dedicatedResources.minReplicaCount",
            "scaleToZeroSpec",
        ),
        (
            {"dedicatedResources": {"minReplicaCount": 1, "initialReplicaCount": 1}},
            "dedicatedResources.initialReplicaCount",
            "only taken when minReplicaCount is 0",
        ),
        (
            {"privateServiceConnectConfig": {"projectAllowlist": []}},
            "privateServiceConnectConfig.projectAllowlist",
            "is empty",
        ),
        (
            {"privateServiceConnectConfig": {"projectAllowlist": [f"p{n}" for n in range(11)]}},
            "privateServiceConnectConfig.projectAllowlist",
            "limit is 10",
        ),
        (
            {
                "privateServiceConnectConfig": {
                    "projectAllowlist": ["p"],
                    "pscAutomationConfigs": [{"projectId": "q", "network": "n"}],
                }
            },
            "privateServiceConnectConfig.pscAutomationConfigs[0].projectId",
            "not in projectAllowlist",
        ),
        (
            {"dedicatedResources": {"minReplicaCount": -1.0}},
            "dedicatedResources.minReplicaCount",
            "-1 is not 0 or more.",
        ),
        (
            {"dedicatedResources": {"maxReplicaCount": "two"}},
            "dedicatedResources.maxReplicaCount",
            "'two' is not a whole number.",
        ),
        (
            {"dedicatedEndpointDisabled": "perhaps"},
            "dedicatedEndpointDisabled",
            "'perhaps' is not true or false.",
        ),
        ({"labels": {"vcw-owner": "me"}}, "labels.vcw-owner", "kept for ownership"),
        ({"labels": {"Team": "x"}}, "labels.Team", "lowercase"),
        ({"labels": {f"k{n}": "v" for n in range(59)}}, "labels", "59 entries; the limit is 58"),
        ({"timeouts": {"create": "soon"}}, "timeouts.create", "is not a duration"),
        ({"deletionPolicy": "keep"}, "deletionPolicy", "delete, abandon"),
        ({"endpointUserId": "No"}, "endpointUserId", "pattern"),
        ({"containerSpec": {"imageUri": "i", "x": 1}}, "containerSpec.x", "not a property"),
        (
            {
                "dedicatedResources": {
                    "minReplicaCount": 0,
                    "scaleToZeroSpec": {"idleScaledownPeriod": "10s"},
                }
            },
            "dedicatedResources.scaleToZeroSpec.idleScaledownPeriod",
            "outside 300s to 28800s",
        ),
    ],
)
def test_a_mistake_is_told_at_its_path(wire: dict[str, Any], path: str, told: str) -> None:
    found = problems(small(**wire))
    assert list(found) == [path]
    assert told in found[path]


@pytest.mark.parametrize("literal", ["300.1.2.3", "chat-address", "10.0.0.0/24"])
def test_an_address_that_is_none_is_refused(literal: str) -> None:
    found = problems({**SMALL[PscAddressSpec], "address": literal}, PscAddressSpec)
    assert f"{literal!r} is not an IP address" in found["address"]


def test_all_mistakes_are_told_at_once_and_what_is_right_stays_usable() -> None:
    parsed = parse(
        CustomWeightsDeploymentSpec,
        small(gcsUri="nowhere", deletionPolicy="keep", labels={"a": "b"}),
    )
    assert {p.path for p in parsed.problems} == {"gcsUri", "deletionPolicy"}
    assert parsed.spec.labels == {"a": "b"}
    assert parsed.has("labels", "project")
    assert not parsed.has("gcsUri")
    assert not parsed.known("gcsUri")


def test_every_label_that_is_none_is_told() -> None:
    found = problems(small(labels={"Team": "x", "vcw-owner": "me", "fine": "yes"}))
    assert set(found) == {"labels.Team", "labels.vcw-owner"}


def test_mistakes_inside_a_block_are_told_at_once_too() -> None:
    found = problems(
        small(
            dedicatedResources={
                "minReplicaCount": "few",
                "maxReplicaCounts": 3,
                "scaleToZeroSpec": {"minScaleupPeriod": "1s", "idleScaledownPeriod": "9h"},
                "autoscalingMetricSpecs": [{"metricName": "m", "target": 0}, {"target": 50}],
            }
        )
    )
    assert set(found) == {
        "dedicatedResources.minReplicaCount",
        "dedicatedResources.maxReplicaCounts",
        "dedicatedResources.scaleToZeroSpec.minScaleupPeriod",
        "dedicatedResources.scaleToZeroSpec.idleScaledownPeriod",
        "dedicatedResources.autoscalingMetricSpecs[0].target",
        "dedicatedResources.autoscalingMetricSpecs[1].metricName",
    }
    assert "Did you mean maxReplicaCount?" in found["dedicatedResources.maxReplicaCounts"]


@pytest.mark.parametrize(
    ("wire", "path", "told"),
    [
        ({"serviceAccount": 12.0}, "serviceAccount", "12 is not text; put it in quotes."),
        ({"serviceAccount": ["a"]}, "serviceAccount", "is not text."),
        ({"labels": {"team": 1.0}}, "labels.team", "1 is not text; put it in quotes."),
        ({"labels": "team"}, "labels", "is not an object with properties of its own."),
        ({"containerSpec": []}, "containerSpec", "is not an object with properties of its own."),
        ({"containerSpec": {"args": "x"}}, "containerSpec.args", "is not a list."),
        ({"containerSpec": {"args": ["a", 2.0]}}, "containerSpec.args[1]", "2 is not text"),
        ({"containerSpec": {"ports": [{}]}}, "containerSpec.ports[0].containerPort", "is required"),
        ({"trafficSteps": [10.0, 200.0]}, "trafficSteps[1]", "200 is not 100 or less."),
        ({"generation": True}, "generation", "True is not a whole number."),
        ({"generation": float("nan")}, "generation", "nan is not a whole number."),
        ({"endpointDisplayName": "x" * 129}, "endpointDisplayName", "at most 128 characters"),
        ({"endpointUserId": "chat\n"}, "endpointUserId", "does not match the pattern"),
        ({"smokeTest": {"prompt": ""}}, "smokeTest.prompt", "is empty."),
    ],
)
def test_what_a_value_should_be_is_said_in_plain_words(
    wire: dict[str, Any], path: str, told: str
) -> None:
    found = problems(small(**wire))
    assert list(found) == [path]
    assert told in found[path]


def test_numbers_and_switches_are_read_as_stack_configuration_spells_them() -> None:
    spec = parse(
        CustomWeightsDeploymentSpec,
        small(dedicatedResources={"maxReplicaCount": "2", "spot": "true"}, generation="1"),
    ).spec
    assert spec.wire()["dedicatedResources"] == {"maxReplicaCount": 2, "spot": True}
    assert spec.generation == 1


def test_an_unknown_value_is_neither_a_problem_nor_a_value() -> None:
    wire = small(gcsUri=UNKNOWN, dedicatedResources={"machineSpec": {"machineType": UNKNOWN}})
    parsed = parse(CustomWeightsDeploymentSpec, wire, lambda value: value is UNKNOWN)
    assert not parsed.problems
    assert parsed.unknown == {"gcsUri", "dedicatedResources"}
    assert not parsed.known("gcsUri")
    assert not parsed.has("gcsUri")
    assert parsed.known("labels")
    assert not parsed.has("labels")
    assert "dedicatedResources" not in parsed.spec.wire()


def test_nulls_and_what_belongs_to_pulumi_are_passed_over() -> None:
    parsed = parse(CustomWeightsDeploymentSpec, small(labels=None, __provider="x", __defaults=[]))
    assert not parsed.problems
    assert parsed.spec.wire() == small()


def test_state_of_a_newer_version_can_still_be_loaded() -> None:
    assert load(EndpointSpec, {"project": "p", "location": "l", "cometTail": 1}).project == "p"
    deep = {"containerSpec": {"imageUri": "i", "cometTail": {"length": 1}}}
    assert load(CustomWeightsDeploymentSpec, small(**deep)).wire() == small(
        containerSpec={"imageUri": "i"}
    )


def test_loading_what_was_never_checked_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="gcsUri"):
        load(CustomWeightsDeploymentSpec, small(gcsUri="nowhere"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [("1.5s", "1.5s"), ("0s", "0s"), ("40m", "2400s"), ("20s", "20s")],
)
def test_durations_are_kept_as_google_writes_them(text: str, kept: str) -> None:
    # protobuf's JSON form of google.protobuf.Duration: seconds without an exponent
    spec = load(
        EndpointSpec,
        {"project": "p", "location": "l", "clientConnectionConfig": {"inferenceTimeout": text}},
    )
    assert spec.wire()["clientConnectionConfig"] == {"inferenceTimeout": kept}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("600s", 600), ("90m", 5400), ("2h", 7200), ("1h30m", 5400), ("1.5s", 1.5)],
)
def test_durations_are_read_as_people_write_them(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "10", "h", "s10", "-5s", "5 min"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        seconds(text)


KEY = st.from_regex(r"[a-uw-z][a-z0-9_-]{0,10}", fullmatch=True)
VALUE = st.from_regex(r"[a-z0-9_-]{0,10}", fullmatch=True)
SECONDS = st.integers(1, 100_000).map(lambda n: f"{n}s")


@st.composite
def deployments(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(1, 5))
    optional: dict[str, Any] = {
        "labels": draw(st.none() | st.dictionaries(KEY, VALUE, min_size=1, max_size=3)),
        "endpointDisplayName": draw(st.none() | st.text(max_size=128)),
        "dedicatedEndpointDisabled": draw(st.none() | st.booleans()),
        "generation": draw(st.none() | st.integers(0, 9)),
        "timeouts": draw(
            st.none() | st.fixed_dictionaries({k: SECONDS for k in ("create", "update", "delete")})
        ),
        "privateServiceConnectConfig": draw(
            st.none()
            | st.fixed_dictionaries(
                {
                    "enablePrivateServiceConnect": st.just(True),
                    "projectAllowlist": st.lists(KEY, min_size=1, max_size=10, unique=True),
                }
            )
        ),
        "dedicatedResources": draw(
            st.none()
            | st.fixed_dictionaries(
                {"minReplicaCount": st.just(low), "maxReplicaCount": st.integers(low, 9)},
                optional={"machineSpec": st.just(MACHINE), "spot": st.booleans()},
            )
        ),
    }
    return small(**{k: v for k, v in optional.items() if v is not None})


@given(deployments())
def test_any_valid_deployment_round_trips(wire: dict[str, Any]) -> None:
    parsed = parse(CustomWeightsDeploymentSpec, wire)
    assert not parsed.problems
    assert parsed.spec.wire() == wire
    assert load(CustomWeightsDeploymentSpec, parsed.spec.wire()) == parsed.spec


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from([row.wire for row in properties(CustomWeightsDeploymentSpec)]),
        JSON,
    )
)
def test_no_input_whatever_breaks_the_parser(wire: dict[str, Any]) -> None:
    for problem in parse(CustomWeightsDeploymentSpec, wire).problems:
        assert problem.path
        assert problem.message
