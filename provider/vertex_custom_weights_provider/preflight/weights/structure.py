"""S3 and S4: is every layer whole, of the right shapes, and named as serving names it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, some, warn

from .census import Census, place
from .header import TensorInfo

_ADAPTER_MARKS = ("base_model.model.", ".lora_", ".base_layer.", ".modules_to_save.")
_TRAINING_MARKS = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")
_PARALLEL = "module."

_NORMS = ("input_layernorm", "post_attention_layernorm")
_ATTENTION = tuple(f"self_attn.{part}_proj" for part in "qkvo")
_FEED_FORWARD = ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
_FUSED = ("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj")
_DENSE = ("llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3_text")
_SPARSE = ("mixtral", "qwen3_moe", "llama4_text", "gpt_oss")
# What every layer of a type has. Layers of the last two differ in their attention.
_PARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_DENSE, (*_NORMS, *_ATTENTION, *_FEED_FORWARD)),
    **dict.fromkeys(_SPARSE, (*_NORMS, *_ATTENTION)),
    "phi3": (*_NORMS, *_FUSED),
    "qwen3_next": _NORMS,
    "deepseek_v3": _NORMS,
}
_FEW = 2
_ENOUGH_LAYERS = 8


def check_structure(
    census: Census, text: catalog.TextConfig, tensors: Sequence[TensorInfo]
) -> Iterator[Finding]:
    """Check names and shapes of what a decoder is made of."""
    foreign = list(_foreign_names(tensors))
    yield from foreign
    if not foreign:
        yield from _missing(census, text)
    yield from _shapes(census, text)


def _foreign_names(tensors: Sequence[TensorInfo]) -> Iterator[Finding]:
    """Find names that training gives, and serving does not look for."""
    every = "\n".join(tensor.name for tensor in tensors)
    if any(mark in every for mark in _ADAPTER_MARKS):
        names = [t.name for t in tensors if any(mark in t.name for mark in _ADAPTER_MARKS)]
        yield error(
            rules.S3,
            f"The weights hold an adapter that was not merged ({some(names)}). "
            "Merge it (peft: merge_and_unload), and save the whole model.",
        )
    elif every.startswith(_PARALLEL) or any(mark in every for mark in _TRAINING_MARKS):
        marks = (_PARALLEL, *_TRAINING_MARKS)
        names = [t.name for t in tensors if any(mark in t.name for mark in marks)]
        yield error(
            rules.S3,
            f"Tensors have names of a training framework ({some(names)}), which serving does not "
            "look for. Save the unwrapped model (accelerate: unwrap_model).",
        )


def _missing(census: Census, text: catalog.TextConfig) -> Iterator[Finding]:
    depth = text.shape.layers if text.shape else 0
    inside = {n: names for n, names in census.layers.items() if n < depth}
    lost = {*_without_parts(inside, text), *_without_what_others_have(inside)}
    documented = text.shape is not None and text.shape.model_type in _PARTS
    if documented and not any(_is_final_norm(name) for name in census.shapes):
        lost.add("norm.weight")
    if lost:
        yield error(
            rules.S3,
            f"Tensors are missing: {some(sorted(lost))}. Save the whole model again.",
        )


def _is_final_norm(name: str) -> bool:
    return place(name)[0] is None and (name == "norm.weight" or name.endswith(".norm.weight"))


def _without_parts(inside: Mapping[int, frozenset[str]], text: catalog.TextConfig) -> Iterator[str]:
    """Yield what all layers of the type have, and these do not, quantized or not."""
    parts = _PARTS.get(text.shape.model_type, ()) if text.shape else ()
    for number, names in inside.items():
        there = {name.rpartition(".")[0] for name in names}
        # The scale of a quantized matrix hangs one level below it.
        there |= {name.rpartition(".")[0] for name in there}
        for part in parts:
            if part not in there:
                yield f"layers.{number}.{part}.weight"


def _without_what_others_have(inside: Mapping[int, frozenset[str]]) -> Iterator[str]:
    """Yield tensors that all layers have but one or two."""
    if len(inside) < _ENOUGH_LAYERS:
        return
    holders = Counter(suffix for names in inside.values() for suffix in names)
    for suffix, count in holders.items():
        if 0 < len(inside) - count <= _FEW:
            lacking = (n for n, names in inside.items() if suffix not in names)
            yield from (f"layers.{n}.{suffix}" for n in lacking)


def _shapes(census: Census, text: catalog.TextConfig) -> Iterator[Finding]:
    """Compare shapes: of queries, keys and values S3, of all else S4."""
    shape = text.shape
    if shape is None:
        return
    size = text.values.get("head_dim") or shape.hidden // shape.heads
    if type(size) is not int or "kv_lora_rank" in text.values:
        size = None
    wrong = _unlike(census, _attention_shapes(shape, size) if size else {})
    if wrong:
        yield error(
            rules.S3,
            f"{some(wrong)}: not as heads, head_dim and hidden_size of config.json say. "
            "Configuration and weights are of different models; upload the config.json that was "
            "saved with them.",
        )
    wrong = _unlike(census, _other_shapes(shape, size))
    if wrong:
        yield warn(
            rules.S4,
            f"{some(wrong)}: not as hidden_size and intermediate_size of config.json say. Loading "
            "them is likely to fail; upload the config.json that was saved with them.",
        )


def _unlike(census: Census, expected: Mapping[str, tuple[int, ...]]) -> list[str]:
    wrong: list[str] = []
    for name, shape in census.shapes.items():
        wanted = expected.get(place(name)[1].removesuffix(".weight"))
        if wanted is not None and name.endswith(".weight") and shape != wanted:
            wrong.append(f"{name} {list(shape)} for {list(wanted)}")
    return wrong


def _attention_shapes(shape: catalog.Shape, size: int) -> Mapping[str, tuple[int, ...]]:
    gate = 2 if shape.model_type == "qwen3_next" else 1
    queries, keys = shape.heads * size * gate, shape.kv_heads * size
    return {
        "self_attn.q_proj": (queries, shape.hidden),
        "self_attn.k_proj": (keys, shape.hidden),
        "self_attn.v_proj": (keys, shape.hidden),
        "self_attn.qkv_proj": (queries + 2 * keys, shape.hidden),
    }


def _other_shapes(shape: catalog.Shape, size: int | None) -> Mapping[str, tuple[int, ...]]:
    hidden, expected = shape.hidden, dict[str, tuple[int, ...]]()
    if size:
        expected["self_attn.o_proj"] = (hidden, shape.heads * size)
    if shape.model_type in _PARTS:
        expected |= dict.fromkeys(_NORMS, (hidden,))
    if shape.model_type in (*_DENSE, "phi3"):
        expected |= dict.fromkeys(("mlp.gate_proj", "mlp.up_proj"), (shape.ffn, hidden))
        expected["mlp.gate_up_proj"] = (2 * shape.ffn, hidden)
        expected["mlp.down_proj"] = (hidden, shape.ffn)
    return expected
