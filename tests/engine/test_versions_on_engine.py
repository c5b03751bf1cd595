"""Several versions of the weights behind one endpoint, changed under a caller who never stops."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Self

from vertex_custom_weights_provider import samples

from .cloud import EmulatedCloud
from .harness import Engine

ADDRESS = "10.128.0.42"
QUESTION = {"messages": [{"role": "user", "content": "hello"}]}


class Caller:
    """Asks the endpoint all the time, by its private address; remembers what was not answered."""

    def __init__(self, cloud: EmulatedCloud, base_url: str) -> None:
        self.asked, self.refused = 0, list[str]()
        self._cloud, self._url = cloud, f"{base_url}/chat/completions"
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._end.is_set():
            answer = self._cloud.http.post(self._url, json=QUESTION)
            self.asked += 1
            if answer.status_code != 200:
                self.refused.append(answer.text)
            time.sleep(0.05)


def configure(engine: Engine, **settings: Any) -> None:
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": {
                "chat": {
                    "family": "llama",
                    "baseModel": "llama-3.2-1b",
                    "privateServiceConnect": {
                        "network": "default",
                        "subnetwork": "default",
                        "ipAddress": ADDRESS,
                    },
                    **settings,
                }
            },
        }
    )


def version(folder: str, traffic: int, **more: Any) -> dict[str, Any]:
    return {"weightsUri": f"gs://weights/{folder}", "traffic": traffic, **more}


def up(engine: Engine, **settings: Any) -> dict[str, Any]:
    """Bring the endpoint to these settings, and return its outputs."""
    configure(engine, **settings)
    return engine.up().outputs["endpoints"]["chat"]


def test_versions_come_shift_and_go_without_a_refused_request(engine: Engine) -> None:
    for folder in ("one", "two", "three"):
        samples.write("llama-3.2-1b", engine.folder / "weights" / folder)
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    single = up(engine, weightsUri="gs://weights/one", deployment={"rollout": "same-endpoint"})
    with Caller(cloud, single["openai_base_url"]) as caller:
        # The deployment that is there becomes the version with most traffic.
        both = up(engine, versions={"blue": version("one", 100), "green": version("two", 0)})
        ids = both["deployed_model_ids"]
        assert ids["blue"] == both["deployed_model_id"] == single["deployed_model_id"]
        assert cloud.endpoint(both["endpoint_id"])["trafficSplit"] == {ids["blue"]: 100}

        configure(engine, versions={"blue": version("one", 30), "green": version("two", 70)})
        preview = engine.preview()
        assert {step.name for step in preview.steps if step.op != "same"} == {"chat-traffic"}
        assert "traffic moves: blue 100 % → 30 %, green 0 % → 70 %" in preview.text
        engine.up()
        split = cloud.endpoint(both["endpoint_id"])["trafficSplit"]
        assert split == {ids["blue"]: 30, ids["green"]: 70}

        # One goes while it still has traffic, one goes down to zero replicas, one comes.
        lean = {"min": 0, "max": 2, "idlePeriod": "30m"}
        versions = {"green": version("two", 60, replicas=lean), "red": version("three", 40)}
        last = up(engine, versions=versions)
        assert set(last["deployed_model_ids"]) == {"green", "red"}
        serving = cloud.endpoint(last["endpoint_id"])["deployedModels"]
        assert {str(model["id"]) for model in serving} == set(last["deployed_model_ids"].values())

    assert caller.refused == []
    assert caller.asked > 20
    for key in ("endpoint_name", "openai_base_url", "service_attachment"):
        assert single[key] == last[key]
    assert engine.refresh("--expect-no-changes").unchanged
    engine.destroy()
    assert cloud.empty
