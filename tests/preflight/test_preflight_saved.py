"""Every documented model, as published and as each transformers saves it: recognised, and right.

Configurations are those that transformers wrote (`tools/state_dicts.py` recorded them); that names
and shapes are what it writes beside them is held in `tests/architectures`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.preflight.weights.base_model import check_identity
from vertex_custom_weights_provider.preflight.weights.comparison import compare
from vertex_custom_weights_provider.preflight.weights.header import TensorInfo
from vertex_custom_weights_provider.preflight.weights.tensors import check_tensors, check_types
from vertex_custom_weights_provider.samples.layout import tensors

RECORDINGS = Path(__file__).parents[1] / "architectures/state_dicts"
MODELS = sorted(row.id for row in catalog.models())


@cache
def recorded(major: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / f"transformers-{major}.json").read_text())["models"]


def written(model_id: str, by: str) -> dict[str, Any] | None:
    """The configuration that was written; None where that version has no such class."""
    if by == "published":
        return samples.config_of(model_id)
    found = recorded(by).get(model_id)
    return found["config"] if found else None


@pytest.mark.parametrize("by", ["published", "4", "5"])
@pytest.mark.parametrize("model_id", MODELS)
def test_model_is_recognised_and_nothing_is_found(model_id, by):
    config = written(model_id, by)
    if config is None:  # transformers 4 never knew it, so that nobody can have saved it so
        assert by == "4"
        assert model_id in recorded("5")
        return
    text = catalog.read_config(config)
    assert model_id in {row.id for row in catalog.identify(text).rows}
    made = tensors(model_id, config, resaved=by != "published")
    header = [TensorInfo(t.name, t.dtype, t.shape, 0, t.nbytes) for t in made]
    compared = compare(config, header)
    assert compared is not None
    findings = [
        *check_identity(config, text),
        *check_tensors(compared, whole=True),
        *check_types(compared),
    ]
    assert [f for f in findings if f.severity != "info"] == []
