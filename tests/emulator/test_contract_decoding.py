"""Requests are read in every spelling Google's parser takes, and refused in its words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertex_custom_weights_provider.emulator.contract import extract
from vertex_custom_weights_provider.emulator.contract.decoding import Decoder, refusal

GARDEN = "aiplatform.projects.locations."


def decode(
    method: str, body: Any, api: str = "aiplatform.v1beta1"
) -> tuple[dict[str, Any], list[str]]:
    decoder = Decoder(extract.apis()[api])
    read = decoder.body(decoder.api.methods[method], body)
    return read, [violation.description for violation in decoder.violations]


def accept(method: str, body: Any, api: str = "aiplatform.v1beta1") -> dict[str, Any]:
    read, violations = decode(method, body, api)
    assert not violations
    return read


def test_snake_and_camel_keys_may_be_mixed_in_one_object() -> None:
    body = {"custom_model": {"gcsUri": "gs://b/m"}, "modelConfig": {"model_user_id": "m"}}

    assert accept(GARDEN + "deploy", body) == {
        "customModel": {"gcsUri": "gs://b/m"},
        "modelConfig": {"modelUserId": "m"},
    }


def test_keys_of_maps_keep_their_spelling() -> None:
    body = {"displayName": "e", "labels": {"my_team": "x_y"}, "traffic_split": {"0": 100}}

    read = accept(GARDEN + "endpoints.create", body)

    assert read["labels"] == {"my_team": "x_y"}
    assert read["trafficSplit"] == {"0": 100}


def test_instances_and_parameters_pass_untouched() -> None:
    body = {"instances": [{"max_tokens": 5, "n": None}], "parameters": {"top_p": 1}}

    assert accept(GARDEN + "endpoints.predict", body) == body


@pytest.mark.parametrize("sent", [11, "11", "NVIDIA_L4"])
def test_an_enum_may_be_sent_as_number_or_name(sent: object) -> None:
    spec = {"machineSpec": {"acceleratorType": sent}}
    body = {"deployConfig": {"dedicatedResources": spec}}

    read = accept(GARDEN + "deploy", body)

    read_spec = read["deployConfig"]["dedicatedResources"]["machineSpec"]
    assert read_spec == {"acceleratorType": "NVIDIA_L4"}


@pytest.mark.parametrize("sent", [2, "2", 2.0])
def test_a_count_may_be_sent_as_number_string_or_float(sent: object) -> None:
    body = {"deployConfig": {"dedicatedResources": {"min_replica_count": sent}}}

    read = accept(GARDEN + "deploy", body)

    assert read["deployConfig"]["dedicatedResources"] == {"minReplicaCount": 2}


@pytest.mark.parametrize(("sent", "read"), [("true", True), ("false", False), (True, True)])
def test_a_boolean_may_be_sent_as_string(sent: object, read: bool) -> None:
    config = {"privateServiceConnectConfig": {"enablePrivateServiceConnect": sent}}

    decoded = accept(GARDEN + "deploy", {"endpointConfig": config})

    psc = decoded["endpointConfig"]["privateServiceConnectConfig"]
    assert psc == {"enablePrivateServiceConnect": read}


@pytest.mark.parametrize("sent", ["600s", {"seconds": 600}, {"seconds": "600", "nanos": 0}])
def test_a_duration_may_be_sent_as_string_or_object(sent: object) -> None:
    body = {"endpoint": {"clientConnectionConfig": {"inferenceTimeout": sent}}}

    read = accept(GARDEN + "endpoints.update", body)

    assert read["endpoint"]["clientConnectionConfig"] == {"inferenceTimeout": "600s"}


def test_a_path_parameter_repeated_in_the_body_is_tolerated() -> None:
    assert accept(GARDEN + "deploy", {"destination": "projects/p/locations/l"}) == {}


def test_fields_that_only_the_server_sets_are_dropped() -> None:
    body = {"displayName": "e", "createTime": "2026-01-01T00:00:00Z", "deployedModels": [{}]}

    assert accept(GARDEN + "endpoints.create", body) == {"displayName": "e"}


def test_a_single_value_stands_for_a_list_of_one() -> None:
    psc = {"projectAllowlist": "my-proj"}

    read = accept(GARDEN + "deploy", {"endpointConfig": {"privateServiceConnectConfig": psc}})

    assert read["endpointConfig"]["privateServiceConnectConfig"]["projectAllowlist"] == ["my-proj"]


@pytest.mark.parametrize(
    ("method", "body", "message"),
    [
        (
            "deploy",
            {"customWeights": {}},
            'Invalid JSON payload received. Unknown name "customWeights": Cannot find field.',
        ),
        (
            "deploy",
            {"customModel": {"uri": "x"}},
            "Invalid JSON payload received. Unknown name \"uri\" at 'custom_model': "
            "Cannot find field.",
        ),
        (
            "endpoints.create",
            {"foo": 1},
            "Invalid JSON payload received. Unknown name \"foo\" at 'endpoint': Cannot find field.",
        ),
        (
            "endpoints.create",
            {"displayName": ["a"]},
            'Invalid JSON payload received. Unknown name "display_name" at '
            "'endpoint.display_name': Proto field is not repeating, cannot start list.",
        ),
        (
            "deploy",
            {"deployConfig": {"dedicatedResources": {"minReplicaCount": "many"}}},
            "Invalid value at 'deploy_config.dedicated_resources.min_replica_count' "
            '(TYPE_INT32), "many"',
        ),
        (
            "deploy",
            {"deployConfig": {"dedicatedResources": {"machineSpec": {"acceleratorType": "L4"}}}},
            "Invalid value at 'deploy_config.dedicated_resources.machine_spec.accelerator_type' "
            '(type.googleapis.com/google.cloud.aiplatform.v1beta1.AcceleratorType), "L4"',
        ),
        ("deploy", {"customModel": "x"}, None),
        ("deploy", {"customModel": {}, "publisherModelName": "p"}, None),
        ("endpoints.create", {"labels": {"a": 1}}, None),
        ("endpoints.create", {"labels": "a"}, None),
        (
            "endpoints.update",
            {"endpoint": {"clientConnectionConfig": {"inferenceTimeout": 9}}},
            None,
        ),
    ],
)
def test_a_malformed_request_is_refused_in_googles_words(
    method: str, body: dict[str, Any], message: str | None
) -> None:
    _, violations = decode(GARDEN + method, body)

    assert len(violations) == 1
    if message is not None:
        assert violations == [message]


def test_v1_does_not_know_custom_models() -> None:
    _, violations = decode(
        GARDEN + "deploy", {"customModel": {"gcsUri": "gs://b/m"}}, "aiplatform.v1"
    )

    assert 'Unknown name "customModel"' in violations[0]


def test_all_violations_are_reported_at_once_with_their_fields() -> None:
    decoder = Decoder(extract.apis()["aiplatform.v1beta1"])
    body = {"customModel": {"a": 1, "b": 2}}
    decoder.body(decoder.api.methods[GARDEN + "deploy"], body)

    error = refusal(decoder.violations)

    assert (error.http, error.status) == (400, "INVALID_ARGUMENT")
    assert len(error.message.splitlines()) == 2
    assert error.details[0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert [v["field"] for v in error.details[0]["fieldViolations"]] == ["custom_model"] * 2


def test_compute_takes_only_its_own_spelling() -> None:
    _, violations = decode("compute.addresses.insert", {"address_type": "INTERNAL"}, "compute.v1")

    assert 'Unknown name "address_type"' in violations[0]


def test_compute_reads_an_empty_enum_as_unset() -> None:
    body = {"name": "r", "loadBalancingScheme": ""}

    assert accept("compute.forwardingRules.insert", body, "compute.v1") == {"name": "r"}


METHODS = [
    (api, method)
    for api in extract.apis().values()
    for method in api.methods.values()
    if method.request is not None
]
SCALARS = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8)


JUNK = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS)


@st.composite
def _messages(draw: st.DrawFn, api: extract.Api, schema: str, depth: int = 0) -> Any:
    """A message with some of its fields in some spelling, most of them of the right kind."""
    spellings = sorted(api.spellings[schema])
    if not spellings or depth > 3:
        return draw(JUNK)
    chosen = draw(st.lists(st.sampled_from(spellings), max_size=3, unique=True))
    fields = api.schemas[schema]
    body = {
        name: draw(_values(api, fields[api.spellings[schema][name]].rstrip("!"), depth + 1))
        for name in chosen
    }
    return body | draw(st.sampled_from([{}, {}, {}, {"unknown": 1}]))


@st.composite
def _values(draw: st.DrawFn, api: extract.Api, word: str, depth: int) -> Any:
    if draw(st.integers(0, 9)) == 0:
        return draw(JUNK)
    if word.startswith("[]"):
        return draw(st.lists(_values(api, word[2:], depth), max_size=2))
    if word.startswith("{}"):
        return draw(st.dictionaries(st.text(max_size=3), _values(api, word[2:], depth), max_size=2))
    if word.startswith("@"):
        return draw(_messages(api, word[1:], depth))
    if word.startswith("#"):
        numbers = api.enums[word[1:]]
        return draw(st.sampled_from([*numbers, *numbers.values()]))
    known = {
        "duration": st.sampled_from(["1s", "1.5s", {"seconds": "3"}, {"seconds": 1, "nanos": 5}]),
        "bool": st.sampled_from([True, False, "true", "false"]),
        "string": st.text(max_size=5),
    }
    return draw(known.get(word, st.integers(-9, 9) | st.sampled_from(["7", 7.0])))


@given(st.data())
def test_whatever_is_sent_is_read_or_refused(data: st.DataObject) -> None:
    api, method = data.draw(st.sampled_from(METHODS))
    body = data.draw(_messages(api, str(method.request)) | JUNK)
    decoder = Decoder(api)

    read = decoder.body(method, body)

    assert isinstance(read, dict)
    assert all(violation.description for violation in decoder.violations)


@given(st.data())
def test_what_was_read_is_read_again_as_it_is(data: st.DataObject) -> None:
    api, method = data.draw(st.sampled_from(METHODS))
    first = Decoder(api)
    read = first.body(method, data.draw(_messages(api, str(method.request))))
    again = Decoder(api)

    if not first.violations:
        assert again.body(method, read) == read
        assert not again.violations
