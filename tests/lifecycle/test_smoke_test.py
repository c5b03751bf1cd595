"""What a rollout asks a new deployment, and what it makes of the answer or of silence."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider.adapter.provider import Failed

from .support.given_endpoint import ASKABLE, models_of, onto, seen
from .support.inputs import bare_endpoint, deployment
from .support.small_engine import Refused, SmallEngine
from .support.world import LOCATION, PROJECT, REGION, World

KIND = "CustomWeightsDeployment"
IP = "10.128.0.9"
CONFIG = {"enablePrivateServiceConnect": True, "projectAllowlist": [PROJECT]}


@pytest.fixture
def name(world: World) -> str:
    """A public endpoint on which nothing is deployed."""
    return bare_endpoint(world, dedicatedEndpointEnabled=True)


@pytest.fixture
def private(world: World) -> str:
    """A private endpoint with the old model on it, reached at `IP`."""
    name = bare_endpoint(world, privateServiceConnectConfig=CONFIG)
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, **ASKABLE))
    assert engine.saved is not None
    connection = {
        "project": PROJECT,
        "region": REGION,
        "target": engine.saved.outs["serviceAttachment"],
        "address": IP,
        "network": "default",
    }
    SmallEngine(world, "PscForwardingRule").up(connection)
    return name


def asked(world: World) -> list[str]:
    return [call for call in world.wire.calls if "/invoke/" in call]


def deployed(world: World, name: str, **inputs: Any) -> SmallEngine:
    """Return a resource whose old model serves."""
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, **ASKABLE, **inputs))
    world.wire.heal()
    world.lines.shown.clear()
    return engine


def silent(world: World, host: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have nobody answer at a host; returns the tries."""
    tries: list[int] = []
    passed_on = world.wire.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == host:
            tries.append(1)
            raise httpx.ConnectTimeout("timed out")
        return passed_on(request)

    monkeypatch.setattr(world.wire, "handle_request", handle)
    return tries


def test_a_failed_smoke_test_is_rolled_back_and_the_old_one_serves_on(
    world: World, name: str
) -> None:
    engine = deployed(world, name)
    before, models = seen(world, name)["trafficSplit"], world.things()["models"]
    world.fault(method="*invoke*", times=1, error={"http": 400, "message": "CUDA out of memory"})
    with pytest.raises(Failed) as failed:
        engine.up(onto(name, gcsUri="gs://weights/bad", **ASKABLE))
    assert "CUDA out of memory" in str(failed.value)
    assert "rolled back" in str(failed.value)
    assert seen(world, name)["trafficSplit"] == before
    assert world.things()["models"] == models
    assert list(models_of(world, name).values()) == ["gs://weights/llama"]
    assert engine.preview(onto(name, **ASKABLE)) == "unchanged"
    assert engine.refresh() == "unchanged"


def test_a_failure_halfway_through_the_traffic_is_rolled_back(world: World, name: str) -> None:
    engine = deployed(world, name)
    before = seen(world, name)["trafficSplit"]
    world.fault(method="*invoke*", skip=1, times=1, error={"http": 400, "message": "boom"})
    with pytest.raises(Failed, match="rolled back"):
        engine.up(onto(name, gcsUri="gs://weights/bad", trafficSteps=[50], **ASKABLE))
    assert seen(world, name)["trafficSplit"] == before
    assert len(models_of(world, name)) == 1


def test_a_server_that_still_warms_up_is_asked_again(world: World, name: str) -> None:
    engine = deployed(world, name)
    world.fault(method="*invoke*", times=4, error={"http": 503, "message": "warming up"})
    assert engine.up(onto(name, gcsUri="gs://weights/b", **ASKABLE)) == "updated"
    assert len(asked(world)) == 5
    assert world.unused_faults() == []


def test_a_server_that_never_warms_up_is_rolled_back_after_the_timeout(
    world: World, name: str
) -> None:
    engine = deployed(world, name)
    world.fault(method="*invoke*", times=99, error={"http": 503, "message": "warming up"})
    test = {"timeout": "5m"}
    with pytest.raises(Failed, match="smoke test failed: UNAVAILABLE: warming up"):
        engine.up(onto(name, gcsUri="gs://weights/b", smokeTest=test, **ASKABLE))
    assert 20 < len(asked(world)) < 40
    assert list(models_of(world, name).values()) == ["gs://weights/llama"]


def test_an_answer_must_hold_what_is_expected(world: World, name: str) -> None:
    engine = deployed(world, name)
    expects = {"prompt": "Say hello", "expect": "no model ran.*Say hello"}
    assert engine.up(onto(name, gcsUri="gs://weights/b", smokeTest=expects, **ASKABLE)) == "updated"
    other = {"expect": "Paris"}
    with pytest.raises(Failed, match=r"does not contain what .*\(Paris\).* rolled back"):
        engine.up(onto(name, gcsUri="gs://weights/c", smokeTest=other, **ASKABLE))
    assert list(models_of(world, name).values()) == ["gs://weights/b"]


def test_a_deployment_beside_one_of_others_is_asked_once_before_it_gets_traffic(
    world: World, name: str
) -> None:
    deployed(world, name)
    beside = SmallEngine(world, KIND, "green")
    assert beside.up(onto(name, **ASKABLE)) == "created"
    assert len(asked(world)) == 1
    assert "has no traffic yet" in world.lines.text
    assert beside.up(onto(name, labels={"team": "search"}, **ASKABLE)) == "updated"
    assert len(asked(world)) == 1


def test_a_deployment_beside_one_of_others_that_does_not_answer_is_removed(
    world: World, name: str
) -> None:
    deployed(world, name)
    before = seen(world, name)["trafficSplit"]
    world.fault(method="*invoke*", times=1, error={"http": 400, "message": "CUDA out of memory"})
    with pytest.raises(Failed, match="CUDA out of memory.*nothing is left of it"):
        SmallEngine(world, KIND, "green").up(onto(name, **ASKABLE))
    assert seen(world, name)["trafficSplit"] == before
    assert len(models_of(world, name)) == 1


def test_a_test_that_is_switched_off_asks_nothing(world: World, name: str) -> None:
    engine = deployed(world, name)
    engine.up(onto(name, gcsUri="gs://weights/b", smokeTest={"enabled": False}, **ASKABLE))
    assert asked(world) == []
    assert "not asked" not in world.lines.text


def test_changing_only_the_test_asks_google_nothing(world: World, name: str) -> None:
    engine = deployed(world, name)
    mutations = len(world.mutations())
    assert engine.up(onto(name, smokeTest={"prompt": "Hi"}, **ASKABLE)) == "updated"
    assert len(world.mutations()) == mutations
    assert asked(world) == []


def test_a_container_that_takes_no_invoke_calls_is_rolled_out_with_a_warning(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    world.lines.shown.clear()
    assert engine.up(onto(name, gcsUri="gs://weights/b", trafficSteps=[10, 50])) == "updated"
    [warning] = [line for kind, line in world.lines.shown if kind == "warn"]
    assert "containerSpec.invokeRoutePrefix" in warning


def test_a_container_that_takes_no_invoke_calls_is_rolled_back_where_the_test_insists(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    with pytest.raises(Failed, match="smokeTest.unreachable to warn"):
        engine.up(onto(name, gcsUri="gs://weights/b", smokeTest={"unreachable": "fail"}))
    assert list(models_of(world, name).values()) == ["gs://weights/llama"]


def test_a_private_endpoint_is_rolled_out_untested_and_the_line_says_how_to_test_it(
    world: World, private: str
) -> None:
    engine = deployed(world, private)
    assert engine.up(onto(private, gcsUri="gs://weights/b", **ASKABLE)) == "updated"
    assert asked(world) == []
    assert "smokeTest.url does not say where it is reached" in world.lines.text


def test_a_private_endpoint_is_asked_at_the_address_that_is_given(
    world: World, private: str
) -> None:
    engine = deployed(world, private)
    test = {"url": f"http://{IP}", "expect": "no model ran"}
    assert engine.up(onto(private, gcsUri="gs://weights/b", smokeTest=test, **ASKABLE)) == "updated"
    assert len(asked(world)) == 1
    assert "not asked" not in world.lines.text
    world.fault(method="*invoke*", times=1, error={"http": 400, "message": "CUDA out of memory"})
    with pytest.raises(Failed, match="CUDA out of memory.*rolled back"):
        engine.up(onto(private, gcsUri="gs://weights/c", smokeTest=test, **ASKABLE))


def test_a_first_deployment_is_not_held_up_by_an_address_that_leads_nowhere_yet(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = bare_endpoint(world, privateServiceConnectConfig=CONFIG)
    tries = silent(world, IP, monkeypatch)
    test = {"url": f"http://{IP}", "unreachable": "fail"}
    assert SmallEngine(world, KIND).up(onto(name, smokeTest=test, **ASKABLE)) == "created"
    assert len(tries) == 1
    assert f"http://{IP} does not answer" in world.lines.text


@pytest.mark.parametrize("policy", ["fail", "warn", None])
def test_an_address_that_does_not_answer_stops_a_rollout_unless_a_warning_will_do(
    world: World, private: str, monkeypatch: pytest.MonkeyPatch, policy: str | None
) -> None:
    engine = deployed(world, private)
    tries = silent(world, IP, monkeypatch)
    test = {"url": f"http://{IP}", "timeout": "30s"} | ({"unreachable": policy} if policy else {})
    wanted = onto(private, gcsUri="gs://weights/b", smokeTest=test, **ASKABLE)
    if policy == "warn":
        assert engine.up(wanted) == "updated"
        assert f"http://{IP} does not answer" in world.lines.text
    else:
        with pytest.raises(Failed, match=f"http://{IP} does not answer.*rolled back"):
            engine.up(wanted)
        assert list(models_of(world, private).values()) == ["gs://weights/llama"]
    assert len(tries) > 3


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ({"url": f"http://{IP}"}, False),
        ({"url": f"http://{IP}", "sendToken": True}, False),
        ({"url": f"https://{IP}"}, False),
        ({"url": f"https://{IP}", "sendToken": True}, True),
    ],
)
def test_a_token_travels_encrypted_and_elsewhere_than_to_google_only_when_told_to(
    world: World, private: str, monkeypatch: pytest.MonkeyPatch, test: dict[str, Any], told: bool
) -> None:
    sent: dict[str, bool] = {}
    passed_on = world.wire.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        sent[request.url.host] = "authorization" in request.headers
        return passed_on(request)

    class Token:
        def headers(self, *, renew: bool = False) -> dict[str, str]:
            return {"Authorization": "Bearer secret"}

    engine = deployed(world, private)
    object.__setattr__(world.cloud.vertex.rest, "auth", Token())
    monkeypatch.setattr(world.wire, "handle_request", handle)
    engine.up(onto(private, gcsUri="gs://weights/b", smokeTest=test, **ASKABLE))
    assert sent == {"us-central1-aiplatform.googleapis.com": True, IP: told}


def test_a_question_refused_for_want_of_a_token_says_how_it_is_sent(
    world: World, private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_on = world.wire.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == IP:
            return httpx.Response(401, json={"error": {"message": "who are you?"}})
        return passed_on(request)

    engine = deployed(world, private)
    monkeypatch.setattr(world.wire, "handle_request", handle)
    wanted = onto(private, gcsUri="gs://weights/b", smokeTest={"url": f"https://{IP}"}, **ASKABLE)
    with pytest.raises(Failed, match=f"No token was sent to {IP}.*smokeTest.sendToken"):
        engine.up(wanted)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"smokeTest": {"expect": "("}}, r"smokeTest.expect: '\(' is not a regular expression"),
        ({"smokeTest": {"url": "10.0.0.9"}}, "smokeTest.url"),
        ({"smokeTest": {"url": "http://10.0.0.9/v1"}}, "smokeTest.url"),
        ({"smokeTest": {"unreachable": "ignore"}}, "'ignore' is not one of warn, fail"),
        ({"containerSpec": {"invokeRoutePrefix": "/v1"}}, r"invokeRoutePrefix: can only be /\*"),
        (
            {"containerSpec": {"invokeRoutePrefix": "/*", "predictRoute": "/p"}},
            "invokeRoutePrefix: excludes predictRoute",
        ),
    ],
)
def test_a_test_that_cannot_be_put_is_refused_in_preview(
    world: World, inputs: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told):
        SmallEngine(world, KIND).check(onto(f"{LOCATION}/endpoints/shared", **inputs))


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"smokeTest": {"prompt": "Hi"}}, "smokeTest: is for rollouts"),
        ({"trafficSteps": [50]}, "trafficSteps: is for rollouts"),
        (ASKABLE, "containerSpec.imageUri: is required"),
    ],
)
def test_what_only_a_rollout_can_do_is_refused_without_an_endpoint(
    world: World, inputs: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told):
        SmallEngine(world, KIND).check(deployment(**inputs))


def test_changes_to_the_recommended_container_are_served_in_it(world: World, name: str) -> None:
    inputs = {"containerSpec": {"args": ["--max-model-len=8192"], "invokeRoutePrefix": "/*"}}
    SmallEngine(world, KIND).up(onto(name, **inputs))
    [served] = seen(world, name)["deployedModels"]
    model = world.get(served["model"])
    assert model is not None
    container = model["containerSpec"]
    assert container["args"] == ["--max-model-len=8192"]
    assert container["imageUri"]
    assert container["healthRoute"] == "/ping"
    assert "predictRoute" not in container
