"""What people paste for an id leads to Google and to the resource meant, or nowhere."""

from __future__ import annotations

from typing import Any, cast

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.compute import ComputeClient
from vertex_custom_weights_provider.api.messages import Address, Endpoint
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.api.vertex import VertexClient

from ..support.transport import Beneath
from .test_operations_wait import FakeClock


class Token:
    def headers(self, *, renew: bool = False) -> dict[str, str]:
        return {"Authorization": "Bearer precious"}


class Wire:
    """Notes which hosts are asked, for what, and with what."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []
        self.rest = Rest(Beneath(self._answer), Token(), FakeClock())

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return httpx.Response(200, json={"name": "x"})


@pytest.mark.parametrize(
    "name",
    [
        "projects/p/locations/evil.example#/endpoints/e",
        "projects/p/locations/evil.example?x=/endpoints/e",
        "projects/p/locations/x@evil.example#/endpoints/e",
        "projects/p/locations/evil.example\\/endpoints/e",
        "projects/p/locations//endpoints/e",
        "projects/p/locations/us-central1/endpoints/../../../other",
        "projects/p/locations/us-central1/endpoints/e?alt=media",
        "projects/p/locations/us-central1/endpoints/e%2F..",
        "projects/p/locations/us-central1/endpoints/e\n",
        "projects/pröject/locations/us-central1/endpoints/e",
        "/projects/p",
        "https://evil.example/",
        "",
    ],
)
def test_a_name_that_is_none_is_not_asked_for(name: str) -> None:
    wire = Wire()
    with pytest.raises(errors.ConfigurationError):
        VertexClient(wire.rest).find(Endpoint, name)
    with pytest.raises(errors.ConfigurationError):
        ComputeClient(wire.rest, wire.rest.clock).find(Address, name)
    with pytest.raises(errors.ConfigurationError):
        ComputeClient(wire.rest, wire.rest.clock).delete(name)
    assert not wire.seen


@pytest.mark.parametrize("location", ["evil.example", "evil.example:80", "US", "-", "1"])
def test_a_location_that_no_host_is_named_after_is_refused(location: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="is no location"):
        VertexClient(Wire().rest).url(f"projects/p/locations/{location}/endpoints/e")


@given(st.text(alphabet="abc019.-_~:/@#?%\\[] \t\né", max_size=30))
def test_whatever_stands_for_a_location_the_token_goes_to_google(text: str) -> None:
    wire = Wire()
    try:
        wire.rest.get_json(VertexClient(wire.rest).url(f"projects/p/locations/{text}/endpoints/e"))
    except errors.ConfigurationError:
        assert not wire.seen
    else:
        (request,) = wire.seen
        assert request.url.host.endswith("-aiplatform.googleapis.com")
        assert request.url.path == f"/v1beta1/projects/p/locations/{text}/endpoints/e"


@pytest.mark.parametrize(
    "name",
    [
        "projects/example.com:old/locations/us-central1/endpoints/1234567890",
        "projects/123/locations/europe-west4/operations/12345:wait",
        "projects/p/locations/us-central1:deploy",
    ],
)
def test_names_that_google_gives_are_asked_for(name: str) -> None:
    wire = Wire()
    wire.rest.get_json(VertexClient(wire.rest).url(name))
    assert wire.seen[0].url.path == f"/v1beta1/{name}"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://us-central1-aiplatform.googleapis.com/v1/x", True),
        ("https://7.us-central1-12.prediction.vertexai.goog/v1/x", True),
        ("http://us-central1-aiplatform.googleapis.com/v1/x", False),
        ("https://googleapis.com.evil.example/v1/x", False),
        ("https://evilgoogleapis.com/v1/x", False),
        ("https://us-aiplatform.googleapis.com:8443/v1/x", False),
        ("https://10.0.0.9/v1/x", False),
    ],
)
def test_only_googles_hosts_are_told_who_asks(url: str, told: bool) -> None:
    wire = Wire()
    wire.rest.send("POST", url, body={})
    assert list(wire.rest.stream(url, {})) == ['{"name":"x"}']
    assert [("Authorization" in request.headers) for request in wire.seen] == [told, told]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.googleapis.com@evil.example/v1",
        "https://evil.example\\.googleapis.com/v1",
        "https://a.googleapis.com/v1/../v2",
        "https://a.googleapis.com/v1#x",
        "ftp://a.googleapis.com/v1",
    ],
)
def test_a_url_that_leads_elsewhere_than_it_seems_is_not_asked(url: str) -> None:
    wire = Wire()
    with pytest.raises(errors.ConfigurationError):
        wire.rest.get_json(url)
    assert not wire.seen


@pytest.mark.parametrize("answer", [httpx.Response(302), httpx.Response(204), httpx.Response(200)])
def test_an_answer_that_is_no_object_is_no_answer(answer: httpx.Response) -> None:
    rest = Rest(Beneath(lambda _: answer), Token(), cast("Any", FakeClock()))
    with pytest.raises(errors.NoAnswer):
        rest.send("POST", "https://a.googleapis.com/v1", body={})
