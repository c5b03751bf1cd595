"""No request kills the emulator: whatever comes is answered soon and in Google's words."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from vertex_custom_weights_provider.emulator import Settings, serve

from .conftest import PRIVATE, deploy_body
from .support.odd_requests import Maker, Request

SECONDS = float(os.environ.get("VCW_FUZZ_SECONDS", "60" if os.environ.get("CI") else "15"))
_ANSWER_WITHIN = 5.0
_PARENT = "/v1beta1/projects/my-proj/locations/us-central1"
_REGION = "/compute/v1/projects/my-proj/regions/us-central1"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[httpx.Client]:
    """A served emulator with one of everything, and a bucket."""
    weights = tmp_path / "weights" / "llama"
    weights.mkdir(parents=True)
    config = {"model_type": "llama", "hidden_size": 2048, "num_hidden_layers": 16}
    (weights / "config.json").write_text(json.dumps(config))
    settings = Settings(
        state=tmp_path / "state.db", buckets={"weights": weights.parent}, deploy_seconds=0.2
    )
    with (
        serve.running(settings) as url,
        httpx.Client(base_url=url, timeout=_ANSWER_WITHIN) as client,
    ):
        yield client


def _populate(client: httpx.Client) -> dict[str, list[str]]:
    """Make one of everything; returns the names by collection."""
    body = deploy_body("e1", "m1", privateServiceConnectConfig=PRIVATE)
    operation = client.post(f"{_PARENT}:deploy", json=body).json()
    client.post(f"/v1beta1/{operation['name']}:wait")
    endpoint = client.get(f"{_PARENT}/endpoints/e1").json()
    (deployed,) = endpoint["deployedModels"]
    client.post(f"{_REGION}/addresses", json={"name": "a1", "addressType": "INTERNAL"})
    target = deployed["privateEndpoints"]["serviceAttachment"]
    rule = {"name": "r1", "target": target, "network": "projects/my-proj/global/networks/default"}
    client.post(f"{_REGION}/forwardingRules", json=rule)
    return {
        "endpoints": ["e1", "e2"],
        "models": ["m1", "m1@1", "m2"],
        "addresses": ["a1", "n1"],
        "forwardingRules": ["r1", "n1"],
        "operations": [operation["name"].rsplit("/", 1)[-1], "1"],
        "deployedModels": [deployed["id"], "7"],
        "targets": [target],
    }


def _send(client: httpx.Client, request: Request) -> httpx.Response:
    path = "/".join(
        quote(part, safe=":", errors="surrogatepass") for part in request.path.split("/")
    )
    query = "&".join(
        f"{quote(key, errors='surrogatepass')}={quote(value, safe='', errors='surrogatepass')}"
        for key, value in request.query.items()
    )
    return client.request(
        request.verb,
        f"{path}?{query}" if query else path,
        content=request.body,
        headers={"Host": request.host, "Content-Type": "application/json"},
    )


def _wrong(answer: httpx.Response) -> str:
    """What is wrong with an answer: an error of the emulator's own, or no envelope around one."""
    if answer.status_code < 400:
        return ""
    if answer.status_code >= 500 and answer.status_code != 501:
        return "an error of the emulator"
    try:
        error = answer.json()["error"]
        return "" if error["message"] and error["code"] == answer.status_code else "an odd envelope"
    except (ValueError, LookupError, TypeError):
        return "no envelope"


def test_whatever_is_sent_is_answered_soon_and_in_googles_words(served: httpx.Client) -> None:
    seed = int(os.environ.get("VCW_FUZZ_SEED", "1"))  # the same ones in every run, unless told
    names = _populate(served)
    ends = time.monotonic() + SECONDS
    sent = 0
    for request in Maker(seed, names).requests():
        if time.monotonic() > ends:
            break
        sent += 1
        if len(request.path) + sum(map(len, request.query.values())) > 60_000:
            continue
        try:
            answer = _send(served, request)
        except httpx.TimeoutException:
            pytest.fail(f"seed {seed}, request {sent} hangs: {request}")
        wrong = _wrong(answer)
        assert not wrong, f"seed {seed}, request {sent}: {wrong}: {answer.text[:400]} to {request}"
    assert sent > SECONDS, f"only {sent} requests in {SECONDS:g} s"
    assert served.post("/_emulator/reset").json() == {}
    body = deploy_body("after", "after")
    assert served.post(f"{_PARENT}:deploy", json=body).status_code == 200
