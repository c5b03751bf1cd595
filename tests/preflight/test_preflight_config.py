"""What a configuration says that only some readers take as it is meant, or that names code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.architectures import ARCHITECTURES
from vertex_custom_weights_provider.preflight.weights.config_spelling import check_rope_spelling
from vertex_custom_weights_provider.preflight.weights.executable_content import check_config_code
from vertex_custom_weights_provider.preflight.weights.tokenizer_files import check_tokenizer_config
from vertex_custom_weights_provider.storage import Listing
from vertex_custom_weights_provider.storage.inventory import Inventory

RECORDINGS = Path(__file__).parents[1] / "architectures/state_dicts"
EARLIER = json.loads((RECORDINGS / "transformers-4.json").read_text())["models"]
LATER = json.loads((RECORDINGS / "transformers-5.json").read_text())["models"]
KINDS_OF_4 = {found["config"]["model_type"] for found in EARLIER.values()}
BARE = [name for name in EARLIER if name.endswith("-bare")]


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_an_architecture_is_as_old_as_the_transformers_that_saved_it(kind):
    assert ARCHITECTURES[kind].since == (4 if kind in KINDS_OF_4 else 5)


def with_base(config: dict[str, Any], theta: float) -> dict[str, Any]:
    """A configuration whose rotary base only transformers 5 reads."""
    inner = dict(config.get("text_config") or config)
    for key in ("rope_theta", "rope_scaling"):
        inner.pop(key, None)
    inner["rope_parameters"] = {"rope_type": "default", "rope_theta": theta}
    return {**config, "text_config": inner} if "text_config" in config else inner


@pytest.mark.parametrize("name", BARE)
def test_a_base_is_lost_unless_it_is_that_of_the_class_of_transformers_4(name):
    config = EARLIER[name]["config"]
    default = config.get("text_config", config)["rope_theta"]
    assert list(check_rope_spelling(with_base(config, default))) == []
    (finding,) = check_rope_spelling(with_base(config, default + 1))
    assert f"becomes {default:g}" in finding.message


@pytest.mark.parametrize("kind", sorted(ARCHITECTURES))
def test_a_base_is_lost_of_every_type_that_transformers_4_has(kind):
    found = list(check_rope_spelling(with_base({"model_type": kind}, 12_345.0)))
    assert bool(found) == (kind in KINDS_OF_4)


@pytest.mark.parametrize("name", ["llama-3.2-1b", "gemma-3-4b", "qwen3.5-9b", "glm-4.7-flash"])
def test_a_class_of_transformers_5_is_lost_where_version_4_has_the_model(name):
    text = catalog.read_config(LATER[name]["config"])
    found = list(check_tokenizer_config({"tokenizer_class": "TokenizersBackend"}, text))
    assert [f.severity for f in found] == (["warn"] if name in EARLIER else [])


@pytest.mark.parametrize(
    ("named", "severity"),
    [
        ("configuration_deepseek.DeepseekV3Config", "info"),
        ("else/where--configuration_deepseek.DeepseekV3Config", "error"),
    ],
)
def test_published_code_may_be_named_and_code_of_another_repository_never(named, severity):
    config = samples.config_of("deepseek-v3")
    assert config["auto_map"]
    config["auto_map"] = {**config["auto_map"], "AutoConfig": named}
    rows = catalog.identify(catalog.read_config(config)).rows
    inventory = Inventory(Listing("gs://b/run/", ()))
    assert [f.severity for f in check_config_code(config, rows, inventory)] == [severity]
