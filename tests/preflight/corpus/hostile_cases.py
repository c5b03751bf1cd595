"""More of the corpus: content made to stop, slow down or flood an examination."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import folders as f
from .cases import Case
from .folders import Build

_SIZES = ("rope_theta", "num_hidden_layers", "num_key_value_heads", "vocab_size", "head_dim")


def _literal(key: str, number: str) -> Build:
    """Write a number that Python's own writer would not."""

    def build(directory: Path) -> None:
        path = directory / "config.json"
        path.write_text(path.read_text().replace("{", f'{{"{key}": {number},', 1))

    return f.then(f.config(**{key: ...}), build)


def numbers() -> Iterator[Case]:
    """Numbers that arithmetic does not survive."""
    for key in _SIZES:
        huge = f.on_base(_literal(key, "9" * 400))
        yield Case(f"{key}_of_400_digits", huge, "error", "F2")
        yield Case(f"{key}_infinite", f.on_base(_literal(key, "1e999")), "error", "F2")
    yield Case(
        "total_size_of_4000_digits",
        f.sharded(f.index(lambda d: d["metadata"].update(total_size=10**4000))),
        "warn",
        "S2",
    )
    yield Case(
        "shard_count_of_200_digits",
        f.on_base(f.rename(f.WEIGHTS, f"model-00001-of-{'9' * 200}.safetensors")),
        "ok",
        "",
    )


def floods() -> Iterator[Case]:
    """What costs much, or would be said very often."""
    for label, template in {
        "digits": "1" * 900_000,
        "spaces": "range( " + "1 " * 400_000,
        "names": "__a" * 300_000 + " ",
    }.items():
        build = f.on_base(f.tokenizer_config(chat_template=template))
        signs = label == "names"
        yield Case(f"template_of_{label}", build, "warn" if signs else "ok", "X1" if signs else "")
    yield Case(
        "three_hundred_empty_files",
        f.on_base(
            f.rename(f.WEIGHTS, "whole.safetensors"),
            *(f.put(f"part{n}.safetensors", b"") for n in range(300)),
        ),
        "error",
        "S1",
    )
    yield Case(
        "two_thousand_kernels",
        f.on_base(f.config(**{f"a{n}_attn_implementation": "x/y" for n in range(2000)})),
        "error",
        "X1",
    )
    yield Case(
        "one_bad_type_many_times",
        f.on_base(f.config(parts=[{"model_type": "a/b"}] * 3000)),
        "error",
        "X1",
    )


ALL = [*numbers(), *floods()]
