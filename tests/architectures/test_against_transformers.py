"""The layouts hold what transformers itself saves: names and shapes, tensor by tensor.

The recordings are made by `tools/state_dicts.py`, on the meta device, with transformers 4 and 5.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import samples
from vertex_custom_weights_provider.architectures import ARCHITECTURES, Layout, find

RECORDINGS = Path(__file__).parent / "state_dicts"
VARIANTS = Path(__file__).parent / "variants.json"
MAJORS = ("4", "5")
Kinds = dict[str, dict[str, int]]


@cache
def recorded(major: str) -> Mapping[str, Any]:
    """What one major version of transformers saves, by configuration."""
    return json.loads((RECORDINGS / f"transformers-{major}.json").read_text())["models"]


@cache
def variants() -> Mapping[str, Any]:
    """Small configurations with the options that the published ones do not use."""
    return json.loads(VARIANTS.read_text())


def given(name: str) -> dict[str, Any]:
    """The configuration that was recorded, as published."""
    config = variants().get(name) or samples.config_of(name)
    return {key: value for key, value in config.items() if key != "quantization_config"}


def laid_out(config: Mapping[str, Any], kinds: Kinds) -> dict[str, tuple[int, ...]]:
    """Names and shapes of what the layout needs, in the spelling that `kinds` are in."""
    architecture = find(config)
    assert architecture is not None
    layout = Layout(architecture, config, kinds)
    shapes: dict[str, tuple[int, ...]] = {}
    for pattern, places in layout.kinds.items():
        for key, place in places.items():
            if not place.spare:
                assert place.shape is not None
                numbers = iter(key)
                name = "".join(next(numbers) if c == "*" else c for c in pattern)
                shapes[name] = place.shape
    return shapes


def by_kind(shapes: Mapping[str, tuple[int, ...]]) -> Kinds:
    """Shapes as the recordings count them."""
    found: dict[str, Counter[str]] = {}
    for name, shape in shapes.items():
        pattern = ".".join("*" if part.isdecimal() else part for part in name.split("."))
        found.setdefault(pattern, Counter())[str(list(shape))] += 1
    return {kind: dict(count) for kind, count in found.items()}


def digest(shapes: Mapping[str, tuple[int, ...]]) -> str:
    lines = (f"{name} {list(shape)}\n" for name, shape in sorted(shapes.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:32]


def apart(major: str) -> list[str]:
    """One configuration for each set of tensors: twins take seconds, and tell nothing more."""
    return list({found["digest"]: name for name, found in recorded(major).items()}.values())


RECORDED = [pytest.param(major, name) for major in MAJORS for name in apart(major)]


@pytest.mark.parametrize(("major", "name"), RECORDED)
@pytest.mark.parametrize("written", ["as published", "as saved"])
def test_layout_is_what_transformers_saves(major, name, written):
    found = recorded(major)[name]
    config = given(name) if written == "as published" else found["config"]
    shapes = laid_out(config, found["kinds"])
    assert by_kind(shapes) == found["kinds"]  # explains what the digest only tells
    assert (len(shapes), digest(shapes)) == (found["tensors"], found["digest"])


def test_every_architecture_was_compared():
    compared = {given(name)["model_type"] for major in MAJORS for name in recorded(major)}
    assert compared == set(ARCHITECTURES)


def differing(stated: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Defaults of ours that are not those that a bare configuration was saved with."""
    return {
        key: (default, stated[key])
        for key, default in keys.items()
        if key in stated and default is not None and stated[key] != default
    }


@pytest.mark.parametrize("major", MAJORS)
@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_a_key_left_out_is_what_its_class_has_it_be(major, kind):
    config = recorded(major).get(f"{kind}-bare", {}).get("config", {})
    architecture = ARCHITECTURES[kind]
    inner = config.get("text_config", {}) if architecture.nested else config
    assert differing(inner, architecture.keys) == {}
    for name, part in architecture.parts.items():
        assert differing(config.get(f"{name}_config") or {}, part.keys) == {}
