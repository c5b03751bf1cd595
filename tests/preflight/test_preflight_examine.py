"""Examinations as a whole: every documented model, silent stores, and the service's word."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from vertex_custom_weights_provider import catalog, errors, samples
from vertex_custom_weights_provider.preflight import (
    Memo,
    Request,
    examine,
    listing_digest,
    quota_reader,
    recommender,
)
from vertex_custom_weights_provider.storage import (
    ChangedError,
    GcsSource,
    Listing,
    LocalSource,
    MissingError,
    ObjectInfo,
    UnreadableError,
)

GROUPS = [
    {"gemma-3-4b", "medgemma-4b", "medgemma-1.5-4b"},
    {"llama-3.1-70b", "llama-3.3-70b"},
    {"qwen2-1.5b", "qwen2.5-1.5b"},
    {"deepseek-r1", "deepseek-v3", "deepseek-v3.1"},
    {"qwen3-next-80b-a3b-instruct", "qwen3-next-80b-a3b-thinking"},
]
# The others of these groups have the same tensors, and their configurations are tested elsewhere.
SLOW_TWINS = {"deepseek-r1", "deepseek-v3", "qwen3-next-80b-a3b-thinking"}
# A hundred thousand tensors take seconds, and saving them again changes no key of a tensor.
SLOW_AGAIN = {"deepseek-v3.1", "qwen3-coder-480b-a35b", "qwen3-next-80b-a3b-instruct"}
CHECKPOINTS = [
    pytest.param(row.id, resaved, id=f"{row.id}-{'resaved' if resaved else 'published'}")
    for row in catalog.models()
    for resaved in (False, True)
    if row.id not in SLOW_TWINS and not (resaved and row.id in SLOW_AGAIN)
]


@pytest.mark.parametrize(("model_id", "resaved"), CHECKPOINTS)
def test_checkpoint_of_true_shape_is_recognised_and_weighed(model_id, resaved, tmp_path):
    samples.write(model_id, tmp_path, resaved=resaved)
    report = examine(LocalSource(tmp_path))
    row = catalog.model(model_id)
    assert set(report.base_models) == next((g for g in GROUPS if model_id in g), {model_id})
    remarks = {f.id for f in report.findings if f.severity != "info"}
    later = resaved and any("rope_parameters" in f.message for f in report.findings)
    native = {"Q1"} if row.native_quantization else set[str]()
    assert remarks == native | ({"F2"} if later else set()), report.findings
    assert report.bytes_in_memory == (row.native_bytes or row.bf16_bytes)
    assert report.complete
    assert report.machines


class Broken(LocalSource):
    """A store that lists, and fails to read."""

    failure: Exception = UnreadableError("no")
    only = ""

    def read(self, name: str, start: int, length: int, generation: str) -> bytes:
        if name.startswith(self.only):
            raise self.failure
        return super().read(name, start, length, generation)


class Silent(LocalSource):
    """A store that does not even list."""

    failure: Exception = UnreadableError("PERMISSION_DENIED: no")

    def list(self) -> Listing:
        raise self.failure


@pytest.fixture
def llama(tmp_path):
    samples.write("llama-3.2-1b", tmp_path / "llama")
    return tmp_path / "llama"


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("gs://bkt/a*", "wildcards are not expanded"),
        ("gs://bkt/a\x1b[31m", r"a\x1b[31m is empty"),
        ("gs://bkt/run/config.json", "is a file, not a folder"),
    ],
)
def test_address_of_nothing_is_explained(uri, said):
    report = examine(GcsSource(Rest(storage={}), uri))
    assert [(f.id, f.severity) for f in report.findings] == [("F1", "error")]
    assert said in report.findings[0].message


def test_refused_listing_is_a_warning(llama):
    report = examine(Silent(llama))
    assert (report.verdict, report.complete, report.fingerprint) == ("warn", False, None)
    assert [f.message for f in report.findings] == [
        "The weights were not checked: PERMISSION_DENIED: no."
    ]


def test_missing_bucket_is_an_error(llama):
    source = Silent(llama)
    source.failure = MissingError("bucket b does not exist")
    assert [(f.id, f.severity) for f in examine(source).findings] == [("F1", "error")]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer_config.json"])
@pytest.mark.parametrize("failure", [UnreadableError("no"), ChangedError("changed")])
def test_unreadable_object_is_said_and_not_held_against_the_weights(llama, name, failure):
    source = Broken(llama)
    source.failure, source.only = failure, name
    report = examine(source)
    assert not report.complete
    assert report.verdict == "warn"
    assert any(name in f.message for f in report.findings)


def test_machine_is_judged_even_when_the_weights_cannot_be(llama):
    report = examine(Silent(llama), Request("g2-standard-12"))
    assert {f.id for f in report.findings if f.severity == "error"} == {"C1"}


def test_memory_comes_from_the_catalog_when_headers_cannot_be_read(llama):
    source = Broken(llama)
    source.only = "model.safetensors"
    assert examine(source).bytes_in_memory == catalog.model("llama-3.2-1b").bf16_bytes


def test_unlisted_model_is_refused_only_when_strict(tmp_path):
    samples.write("mistral-7b-v0.1", tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"rope_theta": 10000.0', '"rope_theta": 1e6'))
    assert examine(LocalSource(tmp_path)).verdict == "warn"
    assert examine(LocalSource(tmp_path), Request(strict=True)).verdict == "error"


def test_errors_come_first(llama):
    (llama / "tokenizer_config.json").unlink()
    (llama / "tokenizer.json").unlink()
    severities = [f.severity for f in examine(LocalSource(llama)).findings]
    assert severities == sorted(severities, key=["error", "warn", "info"].index)


def test_progress_counts_weight_files(tmp_path):
    samples.write("llama-3.1-8b", tmp_path)
    seen: list[tuple[int, int]] = []
    examine(LocalSource(tmp_path), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_same_bytes_are_studied_once(llama):
    source, memo = Broken(llama), Memo()
    source.only = "nothing"
    first = examine(source, memo=memo)
    source.only = ""
    assert examine(source, memo=memo) == first


def test_fingerprint_follows_the_weights_and_ignores_the_rest(llama):
    before = listing_digest(LocalSource(llama).list())
    (llama / "README.md").write_text("hello")
    (llama / "runs").mkdir()
    (llama / "runs/events").write_text("hello")
    assert listing_digest(LocalSource(llama).list()) == before
    (llama / "config.json").write_text("{}")
    assert listing_digest(LocalSource(llama).list()) != before


def test_fingerprint_is_that_of_the_bytes_where_the_store_knows_checksums():
    def listed(generation: str, checksum: str) -> str:
        item = ObjectInfo("model.safetensors", 5, generation, checksum)
        return listing_digest(Listing("gs://b/m", (item,)))

    assert listed("1", "crc32c:x") == listed("2", "crc32c:x")
    assert listed("1", "crc32c:x") != listed("1", "crc32c:y")
    assert listed("1", "") != listed("2", "")


def test_fingerprint_ignores_pickles_when_there_are_safetensors():
    weights = ObjectInfo("model.safetensors", 5, "1")
    both = (weights, ObjectInfo("pytorch_model.bin", 5, "1"))
    assert listing_digest(Listing("u", both)) == listing_digest(Listing("u", (weights,)))


def answer(base_model: str) -> dict[str, Any]:
    machine = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4"}
    spec = {"machineSpec": {**machine, "acceleratorCount": 1}}
    return {"baseModel": base_model, "recommendations": [{"region": "us-east1", "spec": spec}]}


@pytest.mark.parametrize(
    ("base_model", "agrees"),
    [
        ("publishers/meta/models/llama3-2@llama-3.2-1b-instruct", True),
        ("publishers/qwen/models/qwen3@qwen3-8b", False),
        ("publishers/someone/models/else", True),
    ],
)
def test_disagreement_of_the_service_is_shown(llama, base_model, agrees):
    report = examine(LocalSource(llama), recommend=lambda _: answer(base_model))
    assert [f.id for f in report.findings if f.id == "G1"] == ([] if agrees else ["G1"])
    assert report.service_base_model == base_model
    assert report.recommended[0].machine_type == "g2-standard-12"
    assert report.recommended[0].accelerator_count == 1


def test_service_that_knows_an_unlisted_model_settles_the_doubt(tmp_path):
    samples.write("mistral-7b-v0.1", tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"rope_theta": 10000.0', '"rope_theta": 1e6'))
    known = answer("publishers/mistral-ai/models/mistral@mistral-7b-v0.3")
    report = examine(LocalSource(tmp_path), Request(strict=True), recommend=lambda _: known)
    assert [(f.id, f.severity) for f in report.findings] == [("M1", "info")]


def test_refusal_of_the_service_is_an_error(llama):
    def refuse(_: str) -> None:
        raise errors.InvalidArgument("no such model", http_status=400)

    report = examine(LocalSource(llama), recommend=refuse)
    assert [(f.id, f.severity) for f in report.findings] == [("G1", "error")]


def test_refusal_of_weights_that_are_bad_anyhow_is_not_repeated(llama):
    def refuse(_: str) -> None:
        raise errors.InvalidArgument("could not find config.json", http_status=400)

    (llama / "config.json").unlink()
    report = examine(LocalSource(llama), recommend=refuse)
    assert {f.id for f in report.findings if f.severity == "error"} == {"F2"}


@pytest.mark.parametrize(
    "failure",
    [errors.PermissionDenied("no", http_status=403), errors.NoAnswer("gone")],
)
def test_service_that_may_not_be_asked_changes_nothing(llama, failure):
    def refuse(_: str) -> None:
        raise failure

    assert examine(LocalSource(llama), recommend=refuse).verdict == "ok"


@pytest.mark.parametrize(
    "odd", [{}, {"baseModel": 3}, {"specs": [None, 4, {"machineSpec": []}]}, {"specs": "x"}]
)
def test_odd_answer_of_the_service_changes_nothing(llama, odd):
    assert examine(LocalSource(llama), recommend=lambda _: odd).verdict == "ok"


class Rest:
    """Answers by the beginning of the address."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.sent: list[tuple[str, Any]] = []

    def read(self, url: str, params: Any = None, **_: Any) -> bytes:
        return json.dumps(self.send("GET", url, params=params)).encode()

    def send(self, method: str, url: str, *, body: Any = None, **_: Any) -> dict[str, Any]:
        self.sent.append((url, body))
        if method == "POST":
            return {"baseModel": method}
        found = self.answers[url.removeprefix("https://").partition(".")[0]]
        if isinstance(found, Exception):
            raise found
        return found


def test_recommender_asks_the_regional_service():
    rest = Rest()
    assert recommender(rest, "p", "us-east1")("gs://b/m") == {"baseModel": "POST"}
    url = "https://us-east1-aiplatform.googleapis.com/v1beta1/projects/p/locations/us-east1"
    assert rest.sent == [(f"{url}:recommendSpec", {"gcsUri": "gs://b/m"})]


LIMITS = {
    "dimensionsInfos": [
        {"dimensions": {"region": "us-east1"}, "details": {"value": "28"}},
        {"applicableLocations": ["us-west1"], "details": {"value": "4"}},
    ]
}
DENIED = errors.PermissionDenied("no", http_status=403)


@pytest.mark.parametrize(
    ("region", "usage", "expected"),
    [
        ("us-east1", {"timeSeries": [{"points": [{"value": {"int64Value": "5"}}]}]}, (28, 5)),
        ("us-west1", {}, (4, 0)),
        ("us-east1", DENIED, (28, None)),
    ],
)
def test_quota_is_limit_and_usage_of_the_region(region, usage, expected):
    state = quota_reader(Rest(cloudquotas=LIMITS, monitoring=usage), "p")("NVIDIA_L4", region)
    assert state is not None
    assert (state.limit, state.usage) == expected


@pytest.mark.parametrize(
    ("accelerator", "region", "limits"),
    [
        ("NVIDIA_L4", "us-east1", DENIED),
        ("NVIDIA_L4", "europe-west4", LIMITS),
        ("NVIDIA_H100_MEGA_80GB", "us-east1", LIMITS),
        ("NVIDIA_NONESUCH", "us-east1", LIMITS),
    ],
)
def test_quota_that_cannot_be_known_is_unknown(accelerator, region, limits):
    assert quota_reader(Rest(cloudquotas=limits), "p")(accelerator, region) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"dimensionsInfos": [3]},
        {"dimensionsInfos": 3},
        {"dimensionsInfos": [{"dimensions": {"region": "us-east1"}, "details": {"value": "many"}}]},
    ],
)
def test_odd_answer_about_quota_is_unknown(odd):
    assert quota_reader(Rest(cloudquotas=odd), "p")("NVIDIA_L4", "us-east1") is None


def test_bucket_far_from_the_region_is_a_warning(llama):
    class Located(LocalSource):
        def location(self) -> str:
            return "EU"

    near = examine(Located(llama), Request(location="europe-west4"))
    far = examine(Located(llama), Request(location="us-central1"))
    assert near.verdict == "ok"
    assert [(f.id, f.severity) for f in far.findings] == [("F1", "warn")]


def test_huge_folder_is_studied_no_further_than_the_budget(tmp_path):
    samples.write("llama-3.2-1b", tmp_path)
    (tmp_path / "model.safetensors").unlink()
    blob = (15_000_000).to_bytes(8, "little") + b"{" + b" " * 14_999_999
    for n in range(1, 7):
        (tmp_path / f"model-{n:05d}-of-00006.safetensors").write_bytes(blob)
    shutil.copy(tmp_path / "config.json", tmp_path / "extra.json")
    report = examine(LocalSource(tmp_path))
    assert any("were not read" in f.message for f in report.findings)
    assert not report.complete


@pytest.mark.parametrize(("model_id", "said"), [("llama-3.2-1b", True), ("mistral-7b-v0.1", False)])
def test_a_model_without_chat_template_is_told_what_comes_of_it_unless_it_is_a_base_model(
    model_id, said, tmp_path
):
    samples.write(model_id, tmp_path)
    config = json.loads((tmp_path / "tokenizer_config.json").read_text())
    del config["chat_template"]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    report = examine(LocalSource(tmp_path))
    found = [
        f.severity for f in report.findings if "every chat completion is answered 400" in f.message
    ]
    assert found == ["info"] * said
    assert report.verdict == "ok"


def test_the_lines_that_keep_both_readers_happy_do(llama):
    config = json.loads((llama / "config.json").read_text())
    rope = {**config.pop("rope_scaling"), "rope_theta": config.pop("rope_theta")}
    (llama / "config.json").write_text(json.dumps({**config, "rope_parameters": rope}))
    (said,) = [f.message for f in examine(LocalSource(llama)).findings if f.severity == "warn"]
    lines = said.rpartition("add ")[2].removesuffix(".")
    both = json.loads(f"{{{lines}}}")
    (llama / "config.json").write_text(json.dumps({**config, "rope_parameters": rope, **both}))
    assert examine(LocalSource(llama)).verdict == "ok"
    assert both["rope_theta"] == 500000.0
    assert both["rope_scaling"]["rope_type"] == "llama3"
