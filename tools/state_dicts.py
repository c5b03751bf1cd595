"""Records which tensors transformers saves for a configuration, and the configuration it writes.

    python tools/state_dicts.py CONFIG.json... --to tests/architectures/state_dicts

Run it in an environment with torch and one version of transformers; it needs nothing else, and no
test and no user needs it. Models are made on the meta device, so that hundreds of billions of
parameters cost no memory, and `save_pretrained` itself decides what it would write: it is stopped
once it has the names. One file a major version comes out: for each configuration the class, the
number of tensors, a digest of all names and shapes, and names and shapes by kind (numbers replaced
by `*`), so that a difference can be explained.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import modeling_utils

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.)")


class _Named(Exception):  # noqa: N818 - not an error: it ends a save early
    def __init__(self, tensors: dict[str, Any]) -> None:
        self.tensors = tensors


def _stop(state_dict: dict[str, Any], **_: object) -> None:
    raise _Named(state_dict)


def _name_by_order(model: Any) -> None:
    """Let version 4 find which tensors are one: it asks by names that it has changed before."""
    ignored = model._keys_to_ignore_on_save or ()  # noqa: SLF001 - what the save goes by
    tensors = model.state_dict(keep_vars=True)
    order = iter([tensor for name, tensor in tensors.items() if name not in ignored])
    model.get_parameter = lambda _name: next(order)


def saved(config: dict[str, Any]) -> tuple[dict[str, tuple[int, ...]], dict[str, Any]]:
    """Return names and shapes that `save_pretrained` writes, and its `config.json`."""
    plain = {key: value for key, value in config.items() if key != "quantization_config"}
    kind = getattr(transformers, config["architectures"][0])
    with torch.device("meta"):
        model = kind(kind.config_class.from_dict(plain))
    model.tie_weights()
    if transformers.__version__.startswith("4."):
        _name_by_order(model)
    modeling_utils.split_torch_state_dict_into_shards = _stop
    with tempfile.TemporaryDirectory() as folder:
        try:
            model.save_pretrained(folder)
        except _Named as named:
            shapes = {name: tuple(t.shape) for name, t in named.tensors.items()}
            return shapes, json.loads((Path(folder) / "config.json").read_text())
    message = "save_pretrained no longer splits what it saves"
    raise RuntimeError(message)


def digest(shapes: dict[str, tuple[int, ...]]) -> str:
    """Return one value for all names and shapes."""
    lines = (f"{name} {list(shape)}\n" for name, shape in sorted(shapes.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:32]


def kinds(shapes: dict[str, tuple[int, ...]]) -> dict[str, dict[str, int]]:
    """Return how many tensors of each kind have which shape."""
    found: dict[str, Counter[str]] = {}
    for name, shape in shapes.items():
        found.setdefault(_NUMBER.sub("*", name), Counter())[str(list(shape))] += 1
    return {kind: dict(sorted(found[kind].items())) for kind in sorted(found)}


def record(path: Path) -> dict[str, Any] | None:
    """Return what is recorded of one configuration; None when this version has no such class."""
    config = json.loads(path.read_text())
    if not hasattr(transformers, config["architectures"][0]):
        return None
    shapes, written = saved(config)
    return {
        "class": config["architectures"][0],
        "tensors": len(shapes),
        "digest": digest(shapes),
        "kinds": kinds(shapes),
        "config": written,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("configs", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    major = transformers.__version__.partition(".")[0]
    file = options.to / f"transformers-{major}.json"
    known = json.loads(file.read_text()) if file.exists() else {"models": {}}
    known["transformers"] = transformers.__version__
    for path in options.configs:
        try:
            found = record(path)
        except Exception as failed:  # noqa: BLE001 - one configuration must not cost the others
            print(f"{path.stem}: {type(failed).__name__}: {failed}", file=sys.stderr)
            continue
        if found:
            known["models"][path.stem] = found
        print(path.stem, found and found["tensors"], flush=True)
    known["models"] = dict(sorted(known["models"].items()))
    file.write_text(json.dumps(known, indent=0, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
