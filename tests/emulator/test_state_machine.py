"""Random calls, one by one and at once, compared with a small pure model."""

from __future__ import annotations

import copy
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import count, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vertex_custom_weights_provider.emulator import Settings, create_app
from vertex_custom_weights_provider.emulator.state import clock

from .conftest import LOCATION, MACHINE, Cloud
from .support.reference_model import OK, Call, World

# The full run takes minutes: VCW_FULL=1.
FULL = os.environ.get("VCW_FULL") == "1"
ENDPOINTS = ("a", "b", "c")
MODELS = ("m", "n")
# Sums of these never meet the moment at which something happens.
STEPS = (0.1709, 0.4703, 1.3117, 5.0311, 700.0719, 604_800.1303)

endpoints = st.sampled_from(ENDPOINTS)
models = st.sampled_from(MODELS)
position = st.integers(0, 5)
blueprints = st.one_of(
    st.tuples(st.just("create"), endpoints),
    st.tuples(st.just("deploy"), endpoints, models),
    st.tuples(st.just("upload"), models),
    st.tuples(st.just("deploy_model"), endpoints, models, st.booleans()),
    st.tuples(st.just("undeploy"), position),
    st.tuples(st.just("delete"), endpoints),
    st.tuples(st.just("delete_model"), models),
    st.tuples(st.just("label"), endpoints, st.sampled_from(["red", "blue"])),
    st.tuples(st.just("split"), position),
    st.tuples(st.just("cancel"), st.integers(0, 3)),
)


class EmulatorComparison(RuleBasedStateMachine):
    """Holds the emulator and the model, and makes each call on both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        state = Path(self.folder.name) / "state.db"
        self.cloud = Cloud(create_app(Settings(state, validate_responses=True)))
        self.pool = ThreadPoolExecutor(4)
        self.world = World()
        self.tags = count(1)
        self.operations: dict[int, str] = {}

    def teardown(self) -> None:
        self.pool.shutdown()
        self.cloud.app.close()
        self.folder.cleanup()

    @initialize(deployments=st.integers(0, 3))
    def stop_the_clock_and_begin(self, deployments: int) -> None:
        """Begin with something deployed: from nothing, random calls seldom get that far."""
        with self.cloud.app.store.write() as tx:
            clock.set_factor(tx, 0)
        if deployments:
            self.one_call(("create", "a"))
            self.one_call(("upload", "m"))
            self.time_passes(5.0311)
        for _ in range(deployments):
            self.one_call(("deploy_model", "a", "m", True))
            self.time_passes(5.0311)

    @rule(blueprint=blueprints)
    def one_call(self, blueprint: tuple[Any, ...]) -> None:
        call = self._concrete(blueprint)
        expected = self.world.apply(call)
        assert self._send(call) == expected, call

    @rule(several=st.lists(blueprints, min_size=2, max_size=4))
    def several_calls_at_once(self, several: list[tuple[Any, ...]]) -> None:
        calls = [self._concrete(blueprint) for blueprint in several]
        answers = list(self.pool.map(self._send, calls))
        seen = self._observe()
        for order in permutations(range(len(calls))):
            world = copy.deepcopy(self.world)
            expected = {index: world.apply(calls[index]) for index in order}
            if [expected[index] for index in range(len(calls))] == answers and (
                world.snapshot() == seen
            ):
                self.world = world
                return
        pytest.fail(f"no order of {calls} explains {answers} and {seen}")

    @rule(seconds=st.sampled_from(STEPS))
    def time_passes(self, seconds: float) -> None:
        self.cloud.advance(seconds)
        self.world.advance(seconds)
        for name, (_, deployed, _) in self._observe()["endpoints"].items():
            self.world.learn(name, [own for own, _ in deployed])

    @invariant()
    def both_show_the_same(self) -> None:
        assert self._observe() == self.world.snapshot()

    def _concrete(self, blueprint: tuple[Any, ...]) -> Call:
        """Number the call, and put real ids where the blueprint has positions."""
        kind, *rest = blueprint
        tag = next(self.tags)
        if kind in ("undeploy", "split"):
            known = [("a", "404")]
            for name, endpoint in self.world.endpoints.items():
                known += [(name, own) for own, _ in endpoint.deployed]
            return kind, tag, *known[rest[0] % len(known)]
        if kind == "deploy_model":
            return kind, tag, rest[0], rest[1], str(tag), rest[2]
        if kind == "cancel":
            running = sorted(self.world.running)
            return kind, tag, running[rest[0]] if rest[0] < len(running) else 0
        return kind, tag, *rest

    def _send(self, call: Call) -> str:
        kind, tag, *rest = call
        if kind == "cancel" and rest[0] == 0:
            return OK
        verb, path, body, query = getattr(self, f"_request_{kind}")(*rest)
        response = self.cloud.call(verb, path, body, **query)
        if response.status_code != 200:
            return response.json()["error"]["status"]
        if "/operations/" in response.json().get("name", ""):
            self.operations[tag] = response.json()["name"]
        return OK

    def _request_create(self, endpoint: str) -> tuple[Any, ...]:
        body = {"displayName": endpoint}
        return "POST", f"{LOCATION}/endpoints", body, {"endpointId": endpoint}

    def _request_deploy(self, endpoint: str, model: str) -> tuple[Any, ...]:
        body = {
            "customModel": {"gcsUri": "gs://weights/x"},
            "endpointConfig": {"endpointUserId": endpoint},
            "modelConfig": {"modelUserId": model},
        }
        return "POST", f"{LOCATION}:deploy", body, {}

    def _request_upload(self, model: str) -> tuple[Any, ...]:
        body = {"modelId": model, "model": {"displayName": model}}
        return "POST", f"{LOCATION}/models:upload", body, {}

    def _request_deploy_model(
        self, endpoint: str, model: str, own: str, traffic: bool
    ) -> tuple[Any, ...]:
        deployed = {
            "id": own,
            "model": f"{LOCATION}/models/{model}",
            "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
        }
        body = {"deployedModel": deployed, **({"trafficSplit": {"0": 100}} if traffic else {})}
        return "POST", f"{LOCATION}/endpoints/{endpoint}:deployModel", body, {}

    def _request_undeploy(self, endpoint: str, own: str) -> tuple[Any, ...]:
        path = f"{LOCATION}/endpoints/{endpoint}:undeployModel"
        return "POST", path, {"deployedModelId": own}, {}

    def _request_delete(self, endpoint: str) -> tuple[Any, ...]:
        return "DELETE", f"{LOCATION}/endpoints/{endpoint}", None, {}

    def _request_delete_model(self, model: str) -> tuple[Any, ...]:
        return "DELETE", f"{LOCATION}/models/{model}", None, {}

    def _request_label(self, endpoint: str, label: str) -> tuple[Any, ...]:
        body = {"labels": {"color": label}}
        return "PATCH", f"{LOCATION}/endpoints/{endpoint}", body, {"updateMask": "labels"}

    def _request_split(self, endpoint: str, own: str) -> tuple[Any, ...]:
        body = {"trafficSplit": {own: 100}}
        return "PATCH", f"{LOCATION}/endpoints/{endpoint}", body, {"updateMask": "trafficSplit"}

    def _request_cancel(self, target: int) -> tuple[Any, ...]:
        return "POST", f"{self.operations[target]}:cancel", None, {}

    def _observe(self) -> dict[str, Any]:
        shown = self.cloud.ok("GET", f"{LOCATION}/endpoints").get("endpoints", [])
        registered = self.cloud.ok("GET", f"{LOCATION}/models").get("models", [])
        running, failed = set(), {}
        for tag, name in self.operations.items():
            operation = self.cloud.ok("GET", name)
            if "done" not in operation:
                running.add(tag)
            elif "error" in operation:
                failed[tag] = operation["error"]["code"]
        return {
            "endpoints": {_last(item["name"]): _condensed(item) for item in shown},
            "models": {_last(item["name"]) for item in registered},
            "running": running,
            "failed": failed,
        }


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _condensed(item: dict[str, Any]) -> tuple[str, list[list[str]], dict[str, int]]:
    deployed = [[one["id"], _last(one["model"])] for one in item.get("deployedModels", [])]
    return item.get("labels", {}).get("color", ""), deployed, item.get("trafficSplit", {})


TestEmulatorAgainstItsModel = EmulatorComparison.TestCase
TestEmulatorAgainstItsModel.settings = settings(
    max_examples=2000 if FULL else 25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    print_blob=True,
)
