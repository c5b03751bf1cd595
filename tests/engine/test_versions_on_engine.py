"""docs/how-to/blue-green.md, step by step, under a caller who never stops asking."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Self

import yaml

from vertex_custom_weights_provider import samples

from ..docs.support.blocks import CHECKOUT, blocks
from .support.cloud import EmulatedCloud
from .support.harness import Engine

PAGE = blocks(CHECKOUT / "docs" / "how-to" / "blue-green.md")
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


def steps() -> list[dict[str, Any]]:
    """Return the settings of endpoint `chat` that the page shows, one after the other."""
    shown = [yaml.safe_load(block.text) for block in PAGE if block.language == "yaml"]
    return [page["config"]["vertex-custom-weights:endpoints"]["chat"] for page in shown]


def configure(engine: Engine, settings: dict[str, Any]) -> None:
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"my-bucket": "bucket"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": {"chat": settings},
        }
    )


def up(engine: Engine, settings: dict[str, Any]) -> dict[str, Any]:
    """Bring the endpoint to these settings, and return its outputs."""
    configure(engine, settings)
    return engine.up().outputs["endpoints"]["chat"]


def test_versions_come_shift_and_go_as_the_page_says_without_a_refused_request(
    engine: Engine,
) -> None:
    alone, beside, shifted, replaced = steps()
    for run in ("run-7", "run-8", "run-9"):
        samples.write("llama-3.2-1b", engine.folder / "bucket" / "chat" / run)
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    single = up(engine, alone)
    with Caller(cloud, single["openai_base_url"]) as caller:
        # What is deployed becomes the version with most traffic.
        both = up(engine, beside)
        ids = both["deployed_model_ids"]
        assert ids["blue"] == both["deployed_model_id"] == single["deployed_model_id"]
        assert cloud.endpoint(both["endpoint_id"])["trafficSplit"] == {ids["blue"]: 100}

        configure(engine, shifted)
        preview = engine.preview()
        assert {step.name for step in preview.steps if step.op != "same"} == {"chat-mix"}
        (told,) = (block.text for block in PAGE if block.language == "text")
        assert told.strip() in preview.text
        engine.up()
        split = cloud.endpoint(both["endpoint_id"])["trafficSplit"]
        assert split == {ids["blue"]: 30, ids["green"]: 70}

        # One goes while it still has traffic, one may go down to zero replicas, one comes.
        last = up(engine, replaced)
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
