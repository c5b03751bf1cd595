"""Has transformers itself write the folder of every model of the catalog, and preflight judge it.

    python tools/saved_folders.py publish DIR          # in this project's environment
    PATH/TO/V4/python tools/saved_folders.py save DIR  # with torch and transformers 4
    PATH/TO/V5/python tools/saved_folders.py save DIR  # with torch and transformers 5
    python tools/saved_folders.py judge DIR --to tests/preflight/saved_folders.json

`publish` writes each model as its repository holds it. `save` does with it what a trainer does:
loads configuration, tokenizer and generation settings, and has `save_pretrained` write a folder.
Models are made on the meta device, so that hundreds of billions of parameters cost no memory, and
weight files are sparse: names, shapes, types, shards and index are transformers' own, the numbers
are a hole. What prepares images is copied. `judge` records, of each folder, what transformers put
there and what preflight says of it; no test and no user needs more than that record. A version
takes some three minutes, and all folders 300 MB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PUBLISHED = "published"
_IMAGES = "preprocessor_config.json"
_DTYPES = {"bfloat16": "BF16", "float16": "F16", "float32": "F32", "int64": "I64"}


def publish(folder: Path) -> None:
    """Write every model as it is published."""
    from vertex_custom_weights_provider import catalog, samples

    for row in catalog.models():
        samples.write(row.id, folder / PUBLISHED / row.id)


def _write_sparse(tensors: Mapping[str, Any], path: str, metadata: Mapping[str, str]) -> None:
    """Stand in for safetensors' own writer, which needs numbers."""
    entries: dict[str, Any] = {"__metadata__": dict(metadata)}
    end = 0
    for name, tensor in sorted(tensors.items()):
        begin, end = end, end + tensor.numel() * tensor.element_size()
        entries[name] = {
            "dtype": _DTYPES[str(tensor.dtype).removeprefix("torch.")],
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with Path(path).open("wb") as file:
        size = file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(size + end)


def _own_storage(tensors: dict[str, Any], **how: Any) -> Any:
    """Divide tensors among shards by what they hold, and not by what they are a part of.

    On the meta device nothing tells which tensors share one storage: each expert that version 5 has
    split off a fused one would count as all of them.
    """
    from huggingface_hub import split_torch_state_dict_into_shards

    for name, tensor in tensors.items():
        tensors[name] = tensor.clone()
    return split_torch_state_dict_into_shards(tensors, **how)


def _model(config: Mapping[str, Any]) -> Any:
    """Return the model of a configuration, without numbers, in the type it is published in."""
    import torch
    import transformers
    from state_dicts import _name_by_order

    plain = {key: value for key, value in config.items() if key != "quantization_config"}
    kind = getattr(transformers, config["architectures"][0], None)
    if kind is None:
        return None
    parsed = kind.config_class.from_dict(plain)
    with torch.device("meta"):
        model = kind(parsed)
    model.to(getattr(parsed, "dtype", None) or torch.bfloat16)
    model.tie_weights()
    if transformers.__version__.startswith("4."):
        _name_by_order(model)
    return model


def save(folder: Path, only: list[str]) -> None:
    """Have this environment's transformers write every model that it has a class of."""
    import transformers
    from transformers import modeling_utils

    modeling_utils.safe_save_file = _write_sparse
    modeling_utils.split_torch_state_dict_into_shards = _own_storage
    major = transformers.__version__.partition(".")[0]
    for source in sorted((folder / PUBLISHED).iterdir()):
        if only and source.name not in only:
            continue
        model = _model(json.loads((source / "config.json").read_text()))
        if model is None:
            print(f"{source.name}: transformers {major} has no such class", flush=True)
            continue
        target = folder / major / source.name
        shutil.rmtree(target, ignore_errors=True)
        model.generation_config = transformers.GenerationConfig.from_pretrained(source)
        model.save_pretrained(target)
        transformers.AutoTokenizer.from_pretrained(source).save_pretrained(target)
        if (source / _IMAGES).exists():
            shutil.copy(source / _IMAGES, target)
        print(f"{source.name}: {len(list(target.iterdir()))} files", flush=True)


def _headers(folder: Path) -> Iterator[tuple[str, list[int], str]]:
    """Yield name, shape and type of every tensor that a folder's headers list."""
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            entries = json.loads(file.read(size))
        for name, entry in entries.items():
            if name != "__metadata__":
                yield name, entry["shape"], entry["dtype"]


def facts(folder: Path) -> dict[str, Any]:
    """Return what is in a folder that transformers wrote."""
    tensors = sorted(_headers(folder))
    lines = (f"{name} {shape}\n" for name, shape, _ in tensors)
    files = sorted(path.name for path in folder.iterdir())
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    return {
        "shards": sum(name.endswith(".safetensors") for name in files),
        "files": [name for name in files if not name.endswith(".safetensors")],
        "dtypes": sorted({dtype for _, _, dtype in tensors}),
        "digest": hashlib.sha256("".join(lines).encode()).hexdigest()[:32],
        "tokenizer_class": tokenizer["tokenizer_class"],
    }


def judge(folder: Path, to: Path) -> None:
    """Record what every folder holds, and what above an info preflight says of it."""
    from vertex_custom_weights_provider.preflight import examine
    from vertex_custom_weights_provider.storage import Deadline, LocalSource

    found: dict[str, dict[str, Any]] = {}
    for one in sorted(one for writer in folder.iterdir() for one in writer.iterdir()):
        report = examine(LocalSource(one), deadline=Deadline(600))
        louder = [finding for finding in report.findings if finding.severity != "info"]
        found.setdefault(one.parent.name, {})[one.name] = {
            "recognised": one.name in report.base_models,
            "findings": sorted({f"{finding.id} {finding.severity}" for finding in louder}),
            **({} if one.parent.name == PUBLISHED else facts(one)),
        }
        for finding in louder:
            print(f"{one.parent.name}/{one.name}: {finding.id} {finding.message}")
    to.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("do", choices=["publish", "save", "judge"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="MODEL")
    parser.add_argument("--to", type=Path)
    options = parser.parse_args()
    if options.do == "publish":
        publish(options.folder)
    elif options.do == "save":
        save(options.folder, options.only)
    elif options.to is None:
        parser.error("judge needs --to")
    else:
        judge(options.folder, options.to)
    return 0


if __name__ == "__main__":
    sys.exit(main())
