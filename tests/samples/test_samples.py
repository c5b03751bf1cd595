"""Sample checkpoints are what they say they are."""

import json
from pathlib import Path

import pytest
from safetensors import safe_open
from tokenizers import Tokenizer

from vertex_custom_weights_provider import catalog, samples

# Tens of thousands of tensors take seconds; these are weighed where preflight is tested.
SLOW = ("deepseek", "qwen3-next", "qwen3-coder")
SAMPLES = [row.id for row in catalog.models() if not row.id.startswith(SLOW)]


def test_llama_sample_has_the_published_tensors(tmp_path):
    written = samples.write("llama-3.2-1b", tmp_path)
    assert (written.tensors, written.weight_bytes) == (146, 2_471_628_800)
    with safe_open(tmp_path / "model.safetensors", "np") as file:
        key = "model.layers.15.self_attn.k_proj.weight"
        assert file.get_slice(key).get_shape() == [512, 2048]
        assert "lm_head.weight" not in file.keys()  # noqa: SIM118 - not a dict


def test_sample_takes_next_to_no_disk(tmp_path):
    samples.write("llama-3.1-70b", tmp_path)
    assert sum(f.stat().st_blocks * 512 for f in tmp_path.iterdir()) < 2_000_000


def test_sample_tokenizer_round_trips_text(tmp_path):
    samples.write("llama-3.2-1b", tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert tokenizer.decode(tokenizer.encode("hello, Wörld").ids) == "hello, Wörld"


@pytest.mark.parametrize("model_id", SAMPLES)
def test_sample_opens_and_weighs_what_was_published(model_id, tmp_path):
    row = catalog.model(model_id)
    written = samples.write(model_id, tmp_path)
    weights = sorted(tmp_path.glob("*.safetensors"))
    assert len(weights) == row.shards
    # Llama-2 repositories store one rotary buffer a layer on top of the parameters.
    extra = row.shape.layers * 64 * 4 if row.id.startswith("llama-2") else 0
    assert written.weight_bytes == row.checkpoint_bytes + extra
    for path in (weights[0], weights[-1]):
        with safe_open(path, "np") as file:
            assert file.metadata() == {"format": "pt"}


def test_sharded_sample_has_an_index_of_every_tensor(tmp_path):
    written = samples.write("llama-3.1-8b", tmp_path)
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    assert index["metadata"] == {"total_size": 16_060_522_496}
    assert len(index["weight_map"]) == written.tensors
    assert set(index["weight_map"].values()) <= set(written.files)


def test_resaved_sample_uses_the_keys_of_transformers_5(tmp_path):
    samples.write("llama-3.2-1b", tmp_path, resaved=True)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["dtype"] == "bfloat16"
    assert config["rope_parameters"]["rope_type"] == "llama3"
    assert not {"torch_dtype", "rope_theta", "rope_scaling"} & set(config)


def test_resaved_gemma3_is_fully_materialised(tmp_path):
    samples.write("gemma-3-4b", tmp_path, resaved=True)
    text = json.loads((tmp_path / "config.json").read_text())["text_config"]
    assert (text["num_attention_heads"], text["vocab_size"]) == (8, 262208)
    assert set(text["rope_parameters"]) == {"full_attention", "sliding_attention"}


@pytest.mark.parametrize(
    "name", ["llama-3.2-1b", "llama3.2-1b", "Llama-3.2 1B", "meta-llama/Llama-3.2-1B-Instruct"]
)
def test_sample_is_found_under_every_usual_name(name, tmp_path):
    assert samples.write(name, tmp_path).model_id == "llama-3.2-1b"


def test_unknown_sample_says_what_was_meant(tmp_path):
    with pytest.raises(catalog.UnknownModelError, match=r"Did you mean llama-3\.2-1b"):
        samples.write("lama-3.2-1b", tmp_path)


RECORDED = Path(__file__).parents[1] / "architectures/state_dicts/transformers-5.json"
# The recording is made without weights, and so without their type.
NOT_OF_THE_MODEL = {"dtype", "transformers_version", "quantization_config", "auto_map"}


def differing(ours, theirs, at=""):
    """Keys that a resaved sample has, and transformers does not write so."""
    for key, value in ours.items():
        if key in NOT_OF_THE_MODEL:
            continue
        if isinstance(value, dict) and isinstance(theirs.get(key), dict):
            yield from differing(value, theirs[key], f"{at}{key}.")
        elif key not in theirs or value != theirs[key]:
            yield f"{at}{key}"


@pytest.mark.parametrize("model_id", [row.id for row in catalog.models()])
def test_resaved_config_is_what_transformers_5_writes(model_id):
    written = json.loads(RECORDED.read_text())["models"][model_id]["config"]
    assert list(differing(samples.resaved(samples.config_of(model_id)), written)) == []
