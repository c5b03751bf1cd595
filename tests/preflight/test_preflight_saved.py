"""Every documented model, as published and as each transformers saves it: recognised, and right.

`tools/saved_folders.py` had transformers 4 and 5 write a folder of every model, and recorded what
they hold and what was said of them. Here each is written again from the recordings, of the same
tensors and files, and judged again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.architectures import Layout, find
from vertex_custom_weights_provider.preflight import Report, examine
from vertex_custom_weights_provider.preflight.weights.comparison import spelled
from vertex_custom_weights_provider.samples import safetensors, shards
from vertex_custom_weights_provider.samples.tensor import Tensor
from vertex_custom_weights_provider.storage import LocalSource

RECORDED = Path(__file__).with_name("saved_folders.json")
CONFIGS = Path(__file__).parents[1] / "architectures/state_dicts"
WRITERS = ("published", "4", "5")
DTYPES = {"BF16": "bfloat16", "F16": "float16"}
# The shard size of each version's save_pretrained.
SHARD_BYTES = {"4": 5_000_000_000, "5": 50_000_000_000}
# All that may be said above an info, and of what: quantization that Google's page is silent about,
# and what a server with transformers 4 does not read of what transformers 5 wrote.
WANTED = {
    ("published", "Q1 warn"): "Native ",
    ("5", "F2 warn"): "rope_parameters only, which transformers before 5 does not read",
    ("5", "F4 warn"): "the class TokenizersBackend, which transformers before 5 does not have",
}
MODELS = {row.id for row in catalog.models()}
# Models of tens of thousands of tensors that are, tensor by tensor and key by key, another's.
TWINS = {"deepseek-r1", "deepseek-v3.1", "qwen3-next-80b-a3b-thinking"}


@cache
def recorded(by: str) -> Mapping[str, Any]:
    return json.loads(RECORDED.read_text())[by]


@cache
def configs(by: str) -> Mapping[str, Any]:
    """The configurations that transformers wrote."""
    return json.loads((CONFIGS / f"transformers-{by}.json").read_text())["models"]


def stored(config: Mapping[str, Any], kinds: Collection[str], dtype: str) -> list[Tensor]:
    """The tensors of a configuration, in the spelling that was recorded."""
    architecture = find(config)
    assert architecture is not None
    layout = Layout(architecture, config, kinds)
    return [
        Tensor(spelled(pattern, key), place.shape or (), dtype)
        for pattern, places in layout.kinds.items()
        for key, place in places.items()
        if not place.spare
    ]


def written(model_id: str, by: str, folder: Path) -> None:
    """Write what transformers wrote: configuration, tensors, files and class of the tokenizer."""
    samples.write(model_id, folder)
    for weights in folder.glob("model*.safetensors*"):
        weights.unlink()
    found = recorded(by)[model_id]
    saved = configs(by)[model_id]
    (dtype,) = found["dtypes"]
    config = {**saved["config"], "dtype": DTYPES[dtype]}
    (folder / "config.json").write_text(json.dumps(config))
    made = stored(config, saved["kinds"], dtype)
    lines = (f"{t.name} {list(t.shape)}\n" for t in sorted(made, key=lambda t: t.name))
    assert hashlib.sha256("".join(lines).encode()).hexdigest()[:32] == found["digest"]
    parts = list(shards.fill(made, SHARD_BYTES[by]))
    names = shards.names(len(parts))
    for name, part in zip(names, parts, strict=True):
        safetensors.write(folder / name, part)
    if len(parts) > 1:
        where = {t.name: name for name, part in zip(names, parts, strict=True) for t in part}
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": where}))
    _tokenizer(folder, found["files"], found["tokenizer_class"])


def _tokenizer(folder: Path, files: list[str], kind: str) -> None:
    path = folder / "tokenizer_config.json"
    config = {**json.loads(path.read_text()), "tokenizer_class": kind}
    if "chat_template.jinja" in files:
        (folder / "chat_template.jinja").write_text(config.pop("chat_template"))
    path.write_text(json.dumps(config))
    for name in ("special_tokens_map.json", "added_tokens.json", "vocab.json"):
        if name in files:
            (folder / name).write_text("{}")
    if "merges.txt" in files:
        (folder / "merges.txt").write_text("#version: 0.2\n")
    for path in folder.iterdir():
        if path.name not in files and path.suffix != ".safetensors":
            path.unlink()


def louder(report: Report) -> dict[str, list[str]]:
    """Messages above an info, by rule and severity."""
    found: dict[str, list[str]] = {}
    for finding in report.findings:
        if finding.severity != "info":
            found.setdefault(f"{finding.id} {finding.severity}", []).append(finding.message)
    return found


def test_transformers_wrote_every_model_that_it_has():
    assert set(recorded("published")) == set(recorded("5")) == MODELS
    assert set(recorded("4")) == MODELS & set(configs("4"))


@pytest.mark.parametrize("by", WRITERS)
def test_what_transformers_wrote_was_recognised_and_nothing_found_but_what_is_wanted(by):
    assert {name for name, found in recorded(by).items() if not found["recognised"]} == set()
    said = {(by, line) for found in recorded(by).values() for line in found["findings"]}
    assert said <= set(WANTED)


AGAIN = [pytest.param(by, name) for by in ("4", "5") for name in sorted(set(recorded(by)) - TWINS)]


# As published they are examined in test_preflight_examine.py.
@pytest.mark.parametrize(("by", "model_id"), AGAIN)
def test_model_saved_again_is_recognised_and_nothing_is_found(by, model_id, tmp_path):
    written(model_id, by, tmp_path)
    report = examine(LocalSource(tmp_path))
    assert report.complete
    assert model_id in report.base_models
    found = louder(report)
    assert sorted(found) == recorded(by)[model_id]["findings"]
    for line, messages in found.items():
        assert all(WANTED[by, line] in message for message in messages)
