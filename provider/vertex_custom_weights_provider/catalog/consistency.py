"""Checks the catalog's data against itself: `python -m ...catalog.consistency`.

Run it after editing a data file. It knows no outside truth; it finds what cannot be true at once.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ._data import load
from .accelerators import accelerator_names, accelerators, tpus
from .fingerprint import identify, read_config
from .machines import Machine, machines
from .models import Model, lists, model, models
from .regions import regions

_FILES = ("accelerators", "machines", "models", "quantization", "regions")
_DATE = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_CONFIDENCES = frozenset({"sourced", "derived", "estimate", "uncertain", "unknown"})
_SIZES = (1, 2, 4, 8, 16)
_SPEC = re.compile(r"(2 hosts )?(?P<machine>[a-z0-9-]+)(/\w+?x(?P<count>\d+))?( \(.*\))?")
# Rows that nothing in a configuration separates.
_INSEPARABLE = frozenset(
    {
        frozenset({"gemma-3-4b", "medgemma-4b", "medgemma-1.5-4b"}),
        frozenset({"llama-3.1-70b", "llama-3.3-70b"}),
        frozenset({"qwen2-1.5b", "qwen2.5-1.5b"}),
        frozenset({"deepseek-r1", "deepseek-v3", "deepseek-v3.1"}),
        frozenset({"qwen3-next-80b-a3b-instruct", "qwen3-next-80b-a3b-thinking"}),
    }
)


def problems() -> Iterator[str]:
    """Yield what contradicts itself, one sentence each."""
    yield from _files()
    yield from _twice("model", (row.id for row in models()))
    yield from _twice("machine", (row.id for row in machines()))
    yield from _twice("region", (row.id for row in regions()))
    for row in models():
        yield from _model(row)
    for machine in machines():
        yield from _machine(machine)
    yield from _accelerators()


def _files() -> Iterator[str]:
    for name in _FILES:
        data = load(name)
        if not _DATE.fullmatch(str(data.get("date", ""))):
            yield f"{name}.json has no date"
        if not any("source" in key for key in data):
            yield f"{name}.json names no source"


def _twice(what: str, ids: Iterable[str]) -> Iterator[str]:
    yield from (f"{what} {name} is there {n} times" for name, n in Counter(ids).items() if n > 1)


def _model(row: Model) -> Iterator[str]:
    if model(row.name) is not row:
        yield f"{row.id}: its name leads to {model(row.name).id}"
    if row.bf16_bytes != 2 * row.parameters:
        yield f"{row.id}: bf16 bytes are not twice the parameters"
    if row.checkpoint_bytes < (row.native_bytes or row.bf16_bytes):
        yield f"{row.id}: the checkpoint is smaller than what is served of it"
    if (row.native_bytes is None) != (row.native_quantization is None):
        yield f"{row.id}: native bytes and native quantization go together"
    heads, kv = row.shape.heads, row.shape.kv_heads
    fitting = tuple(n for n in _SIZES if heads % n == 0 and (kv % n == 0 or n % kv == 0))
    if row.tensor_parallel != fitting:
        yield f"{row.id}: tensor-parallel sizes do not follow from {heads} and {kv} heads"
    layers = row.attention.full_layers + row.attention.window_layers
    if layers > row.shape.layers or (layers < row.shape.layers and not row.attention.state_bytes):
        yield f"{row.id}: attention is described for {layers} of {row.shape.layers} layers"
    known = {page.id for page in lists()}
    if not row.lists or not set(row.lists) <= known:
        yield f"{row.id}: is on no page of Google's"
    yield from _recognition(row)
    yield from (f"{row.id}: {text}" for spec in row.published_specs for text in _spec(spec))
    yield from _default(row)


def _recognition(row: Model) -> Iterator[str]:
    text: dict[str, Any] = {
        "model_type": row.shape.model_type,
        "num_hidden_layers": row.shape.layers,
        "hidden_size": row.shape.hidden,
        "intermediate_size": row.shape.ffn,
        "num_attention_heads": row.shape.heads,
        "num_key_value_heads": row.shape.kv_heads,
        "num_experts": row.shape.experts,
        "rope_theta": row.rope.theta,
        "rope_scaling": {"rope_type": row.rope.type},
        "vocab_size": row.vocab,
    }
    whole = {"model_type": row.model_type, "text_config": text, "vision_config": {}}
    config = whole if row.multimodal else text
    found = frozenset(match.id for match in identify(read_config(config)).rows)
    if row.id not in found or (len(found) > 1 and found not in _INSEPARABLE):
        yield f"{row.id}: its own shape is recognised as {', '.join(sorted(found)) or 'nothing'}"


def _spec(spec: str) -> Iterator[str]:
    match = _SPEC.fullmatch(spec)
    machine = {row.id: row for row in machines()}.get(match["machine"]) if match else None
    if match is None or machine is None:
        yield f"published machine {spec!r} is not in the catalog"
    elif match["count"] and machine.accelerator and int(match["count"]) > machine.count:
        yield f"published machine {spec!r} has {machine.count} accelerators"


def _default(row: Model) -> Iterator[str]:
    machine = {machine.id: machine for machine in machines()}.get(row.default_machine)
    if machine is None or machine.accelerator is None:
        yield f"{row.id}: default machine {row.default_machine!r} has no GPU of the catalog"
    elif machine.count not in row.tensor_parallel:
        yield f"{row.id}: cannot be split over the GPUs of its default {machine.id}"


def _machine(row: Machine) -> Iterator[str]:
    known = {accelerator.id for accelerator in accelerators()}
    carried = {row.accelerator} - {None} | set(row.attachable or ())
    if not carried <= known:
        yield f"{row.id}: carries {carried - known}, which are not in the catalog"
    if bool(carried) == bool(row.tpu):
        yield f"{row.id}: carries neither GPUs nor TPUs, or both"
    if row.tpu and row.tpu not in {tpu.id for tpu in tpus()}:
        yield f"{row.id}: TPU {row.tpu} is not in the catalog"
    if row.price_confidence not in _CONFIDENCES:
        yield f"{row.id}: {row.price_confidence!r} is no price confidence"
    if (row.usd_per_hour is None) != (row.price_confidence == "unknown"):
        yield f"{row.id}: a price is there exactly when it is not unknown"


def _accelerators() -> Iterator[str]:
    known = {row.id for row in regions()}
    for row in accelerators():
        if accelerator_names().get(row.id) != row.number:
            yield f"{row.id}: its number is not that of the API's enum"
        if row.usable_gib * 2**30 > row.memory_gb * 1.08 * 1e9:
            yield f"{row.id}: more memory is usable than it has"
    for row in (*accelerators(), *tpus()):
        unknown = set(row.default_quota) - known
        if unknown:
            yield f"{row.id}: quota in unknown regions {', '.join(sorted(unknown))}"


if __name__ == "__main__":
    found = list(problems())
    sys.stdout.write("".join(f"{text}\n" for text in found) or "The catalog is consistent.\n")
    raise SystemExit(bool(found))
