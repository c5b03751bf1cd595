"""Writes a base model's checkpoint folder: true in everything but the numbers in the tensors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider import catalog

from . import safetensors, shards, tokenizer
from .layout import tensors
from .resave import resaved as as_resaved

# What `save_pretrained` of transformers 5 fills before it starts another file.
_RESAVED_SHARD_BYTES = 50_000_000_000
_PROCESSOR = {"image_processor_type": "Gemma3ImageProcessor", "image_seq_length": 256}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        model_id: Catalog row.
        directory: The checkpoint folder.
        files: Names of its files.
        tensors: Number of tensors.
        weight_bytes: Bytes of the tensors, which the disk does not hold.
    """

    model_id: str
    directory: Path
    files: tuple[str, ...]
    tensors: int
    weight_bytes: int


def config_of(model_id: str) -> dict[str, Any]:
    """Return the published `config.json` of a catalog row."""
    source = resources.files("vertex_custom_weights_provider.samples").joinpath(
        "data", f"{model_id}.json"
    )
    return json.loads(source.read_bytes())


def _small_files(config: dict[str, Any], wanted: tuple[str, ...]) -> dict[str, bytes]:
    files: dict[str, Any] = {
        "config.json": config,
        "generation_config.json": {"transformers_version": config["transformers_version"]},
        "tokenizer.json": tokenizer.tokenizer_json(),
        "tokenizer_config.json": tokenizer.tokenizer_config(config),
    }
    if "vision_config" in config:
        files["preprocessor_config.json"] = _PROCESSOR
    encoded = {
        name: json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"
        for name, content in files.items()
    }
    if "tokenizer.model" in wanted:
        encoded["tokenizer.model"] = tokenizer.sentencepiece_model()
    return encoded


def _index(names: list[str], parts: list[shards.Shard], *, resaved: bool) -> bytes:
    metadata: dict[str, int] = {"total_size": sum(t.nbytes for part in parts for t in part)}
    if resaved:
        metadata["total_parameters"] = sum(t.elements for part in parts for t in part)
    weight_map = {t.name: name for name, part in zip(names, parts, strict=True) for t in part}
    index = {"metadata": metadata, "weight_map": dict(sorted(weight_map.items()))}
    return json.dumps(index, indent=2).encode() + b"\n"


def write(model_id: str, directory: Path, *, resaved: bool = False) -> Written:
    """Write the checkpoint of a catalog model into `directory`, which is made when missing.

    The weight files are sparse: headers are real, data is a hole that reads as zeros.

    Args:
        model_id: Our id, Google's name or a Hugging Face repository.
        directory: Where to write; files of the same names are replaced.
        resaved: As transformers 5 would write it, instead of as it was published.

    Raises:
        catalog.UnknownModelError: with what may have been meant.
    """
    row = catalog.model(model_id)
    published = config_of(row.id)
    config = as_resaved(published) if resaved else published
    all_tensors = tensors(row.id, published, resaved=resaved)
    if resaved:
        parts = list(shards.fill(all_tensors, _RESAVED_SHARD_BYTES))
    else:
        parts = shards.split(all_tensors, row.shards)
    names = shards.names(len(parts))
    files = _small_files(config, row.tokenizer_files)
    if len(parts) > 1:
        files["model.safetensors.index.json"] = _index(names, parts, resaved=resaved)
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (directory / name).write_bytes(content)
    for name, part in zip(names, parts, strict=True):
        safetensors.write(directory / name, part)
    return Written(
        model_id=row.id,
        directory=directory,
        files=tuple(sorted([*files, *names])),
        tensors=len(all_tensors),
        weight_bytes=sum(tensor.nbytes for tensor in all_tensors),
    )
