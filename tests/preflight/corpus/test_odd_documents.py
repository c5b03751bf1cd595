"""Whatever JSON the small files hold, an examination ends in findings, never in an exception."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.preflight import Request, examine
from vertex_custom_weights_provider.storage import LocalSource

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, 10**9, 10**15]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
MODELS = ["llama-3.2-1b", "gemma-3-4b", "gpt-oss-20b", "llama-3.2-3b", "llama-4-scout-17b-16e"]
EXTRA_KEYS = [
    "quantization_config",
    "text_config",
    "vision_config",
    "auto_map",
    "rope_parameters",
    "num_experts",
    "num_nextn_predict_layers",
    "kv_lora_rank",
    "_attn_implementation",
    "compression_config",
    "head_dim",
    "peft_type",
]
REQUEST = Request("g2-standard-24", "NVIDIA_L4", 2, "us-central1", 1, 3)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("samples")
    for model_id in MODELS:
        samples.write(model_id, root / model_id)
    return root


def examine_with(folder: Path, name: str, document: Any) -> None:
    """Examine a folder with one file replaced; the weights are linked, not copied."""
    with tempfile.TemporaryDirectory() as place:
        for path in folder.iterdir():
            if path.name != name:
                (Path(place) / path.name).symlink_to(path)
        (Path(place) / name).write_text(json.dumps(document))
        report = examine(LocalSource(Path(place)), REQUEST)
        assert report.verdict in ("ok", "warn", "error")
        json.dumps(report.as_dict())


def changed(data: Any, document: dict[str, Any], extra: list[str]) -> dict[str, Any]:
    keys = st.lists(st.sampled_from([*document, *extra]), min_size=1, max_size=4)
    return {**document, **{key: data.draw(values) for key in data.draw(keys)}}


quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(data=st.data(), model_id=st.sampled_from(MODELS))
def test_odd_config_ends_in_findings(folders, data, model_id):
    document = json.loads((folders / model_id / "config.json").read_text())
    inner = document.get("text_config")
    if inner and data.draw(st.booleans()):
        document["text_config"] = changed(data, inner, EXTRA_KEYS)
    else:
        document = changed(data, document, EXTRA_KEYS)
    examine_with(folders / model_id, "config.json", document)


@quick
@given(data=st.data())
def test_odd_tokenizer_config_ends_in_findings(folders, data):
    folder = folders / "llama-3.2-1b"
    document = json.loads((folder / "tokenizer_config.json").read_text())
    examine_with(folder, "tokenizer_config.json", changed(data, document, ["auto_map"]))


@quick
@given(data=st.data())
def test_odd_index_ends_in_findings(folders, data):
    folder = folders / "llama-3.2-3b"
    document = json.loads((folder / "model.safetensors.index.json").read_text())
    part = data.draw(st.sampled_from(["", "weight_map", "metadata"]))
    if part:
        document[part] = changed(data, document[part], ["x"])
    else:
        document = changed(data, document, ["x"])
    examine_with(folder, "model.safetensors.index.json", document)
