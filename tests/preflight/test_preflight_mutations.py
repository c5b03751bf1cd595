"""Whatever is taken from a checkpoint, put to it, renamed or resized: it is not called ok.

Generated for every model of the catalog, in memory: with the few layers and experts that hold each
kind of tensor, a header is compared with its layout hundreds of times a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from vertex_custom_weights_provider import catalog, samples
from vertex_custom_weights_provider.preflight.findings import Finding
from vertex_custom_weights_provider.preflight.weights.comparison import compare, grouped
from vertex_custom_weights_provider.preflight.weights.header import TensorInfo
from vertex_custom_weights_provider.preflight.weights.tensors import check_tensors, check_types
from vertex_custom_weights_provider.samples.layout import tensors

LAYERS, EXPERTS, BLOCKS = 8, 3, 3
FEWEST_CASES = 3_000
PREFIXES = (
    "model.",
    "module.",
    "transformer.",
    "_orig_mod.",
    "_forward_module.",
    "_fsdp_wrapped_module.",
    "base_model.model.",
    "pretrained_model.",
    "policy.",
    "actor.",
    "llm.",
    "student.",
)
HEADS: Mapping[str, tuple[int, ...]] = {
    "v_head.summary.weight": (1, 64),
    "score.weight": (2, 64),
    "classifier.weight": (2, 64),
    "value_head.weight": (1, 64),
    "reward_head.0.weight": (1, 64),
    "lm_head.bias": (64,),
}
# Serving needs neither: all of a group may be absent, and a head that is the embedding.
MAY_BE_ABSENT = ("mtp.", "rotary_emb.inv_freq", "lm_head.weight")

Header = dict[str, TensorInfo]


@dataclass(frozen=True)
class Mutant:
    label: str
    header: Header


def shortened(config: Mapping[str, Any]) -> dict[str, Any]:
    """The same model with few layers, so that each kind of tensor is still there."""
    short = dict(config)
    layers = min(short.get("num_hidden_layers", LAYERS), LAYERS)
    sizes = {
        "num_hidden_layers": layers,
        "num_experts": EXPERTS,
        "num_local_experts": EXPERTS,
        "n_routed_experts": EXPERTS,
        "num_kv_shared_layers": 2,
    }
    short |= {key: size for key, size in sizes.items() if short.get(key)}
    if short.get("layer_types"):
        short["layer_types"] = short["layer_types"][-layers:]
    if "text_config" in short:
        short["text_config"] = shortened(short["text_config"])
    for part, depth in (("vision_config", "num_hidden_layers"), ("audio_config", "depth")):
        if short.get(part):
            keys = {"num_hidden_layers", "depth"} & short[part].keys() or {depth}
            short[part] = {**short[part], **dict.fromkeys(keys, BLOCKS)}
    return short


def header_of(model_id: str, config: Mapping[str, Any]) -> Header:
    made = tensors(model_id, config, resaved=False)
    return {t.name: TensorInfo(t.name, t.dtype, t.shape, 0, t.nbytes) for t in made}


def judged(config: Mapping[str, Any], header: Iterable[TensorInfo]) -> list[Finding]:
    compared = compare(config, header)
    assert compared is not None
    return [*check_tensors(compared, whole=True), *check_types(compared)]


def mutants(header: Header) -> Iterator[Mutant]:
    for pattern, members in grouped(header.values()).items():
        names = [tensor.name for tensor in members.values()]
        yield from _without(header, pattern, names)
        yield from _resized(header, names[len(names) // 2])
    for prefix in PREFIXES:
        renamed = {prefix + name: t._replace(name=prefix + name) for name, t in header.items()}
        yield Mutant(f"all names under {prefix}", renamed)
    for name, shape in HEADS.items():
        yield Mutant(f"with {name}", {**header, name: TensorInfo(name, "BF16", shape, 0, 0)})


def _without(header: Header, pattern: str, names: list[str]) -> Iterator[Mutant]:
    parts = {"everywhere": names, "in half": names[::2], "once": names[-1:]}
    for where, lost in parts.items():
        alone = len(lost) == len(names)
        if alone and any(mark in pattern for mark in MAY_BE_ABSENT):
            continue
        rest = {name: t for name, t in header.items() if name not in set(lost)}
        yield Mutant(f"{pattern} lost {where}", rest)


def _resized(header: Header, name: str) -> Iterator[Mutant]:
    tensor = header[name]
    for n in range(len(tensor.shape)):
        shape = tuple(size + (i == n) for i, size in enumerate(tensor.shape))
        yield Mutant(f"{name} {shape}", {**header, name: tensor._replace(shape=shape)})
    yield Mutant(f"{name} empty", {**header, name: tensor._replace(shape=(0,))})


MODELS = sorted(row.id for row in catalog.models())


@pytest.mark.parametrize("model_id", MODELS)
def test_no_mutant_is_ok(model_id):
    config = shortened(samples.config_of(model_id))
    header = header_of(model_id, config)
    assert judged(config, header.values()) == []
    passed = [m.label for m in mutants(header) if not judged(config, m.header.values())]
    assert passed == []


def test_there_are_enough_mutants():
    configs = {model_id: shortened(samples.config_of(model_id)) for model_id in MODELS}
    count = sum(1 for name, config in configs.items() for _ in mutants(header_of(name, config)))
    assert count >= FEWEST_CASES
