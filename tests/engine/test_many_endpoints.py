"""Preflight of many endpoints under the real engine: everything wrong at once, and at what cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.harness import Engine
from .support.quantized import write_gptq
from .test_product import PROGRAM, config

ONE_L4 = {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "acceleratorCount": 1}
MACHINE = "machine"
# By endpoint: what is different about it, and the findings it must get, by property.
WRONG: dict[str, tuple[dict[str, Any], tuple[tuple[str, str], ...]]] = {
    "absent": ({}, (("weightsUri", "is empty"),)),
    "no-config": ({}, (("weightsUri", "config.json"),)),
    "no-tokenizer": ({}, (("weightsUri", "tokenizer"),)),
    "cut-short": ({}, (("weightsUri", "model.safetensors"),)),
    "gptq": ({}, (("weightsUri", "hold quantized tensors"),)),
    "large": ({}, ((f"{MACHINE}.type", "does not fit"),)),
    "accelerator": (
        {"machine": {**ONE_L4, "accelerator": "NVIDIA_A100_80GB"}},
        ((f"{MACHINE}.accelerator", "NVIDIA_A100_80GB does not go with g2-standard-12"),),
    ),
    "count": (
        {"machine": {**ONE_L4, "acceleratorCount": 3}},
        ((f"{MACHINE}.acceleratorCount", "3 does not fit"),),
    ),
    "region": ({"location": "us-centrl1"}, (("location", "us-central1"),)),
    "everything": (
        {"machine": {**ONE_L4, "type": "g2-standrd-12"}, "location": "us-centrl1"},
        (
            ("weightsUri", "hold quantized tensors"),
            ("weightsUri", "tokenizer"),
            (f"{MACHINE}.type", "g2-standard-12"),
            ("location", "us-central1"),
        ),
    ),
}


def write_bad_weights(root: Path) -> None:
    """Write one folder for each endpoint, each bad in its own way."""
    for name in WRONG:
        if name in ("gptq", "everything"):
            write_gptq(root / name)
        elif name != "absent":
            samples.write("llama-2-13b" if name == "large" else "llama-3.2-1b", root / name)
    (root / "no-config" / "config.json").unlink()
    with (root / "cut-short" / "model.safetensors").open("r+b") as file:
        file.truncate(100_000)
    for name in ("no-tokenizer", "everything"):
        for file in (root / name).glob("tokenizer.*"):
            file.unlink()


def test_one_preview_lists_every_finding_of_ten_bad_endpoints_by_its_property(
    engine: Engine,
) -> None:
    write_bad_weights(engine.folder / "weights")
    endpoints = {
        name: {"weightsUri": f"gs://weights/{name}", "machine": ONE_L4, **different}
        for name, (different, _) in WRONG.items()
    }
    engine.program(PROGRAM)
    engine.configure(config(endpoints))
    preview = engine.preview(ok=False)
    told: dict[str, list[str]] = {}
    for line in preview.diagnostics:
        if line.severity == "error" and line.resource:
            whose, _, message = line.message.removeprefix("Preview failed: ").partition(": ")
            assert whose == line.resource
            told.setdefault(line.resource, []).extend(message.splitlines())
    for name, (_, findings) in WRONG.items():
        lines = told[f"{name}-llm"]
        for path, text in findings:
            assert any(line.startswith(f"{path}: ") and text in line for line in lines), lines
    assert EmulatedCloud(engine.folder / "emulator.db").empty


def fleet(engine: Engine) -> None:
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.program(PROGRAM)
    chat = {"weightsUri": "gs://weights/llama", "machine": ONE_L4}
    engine.configure(config({f"chat-{number}": chat for number in range(4)}))


@pytest.mark.parametrize("bundled", [False, True])
def test_folders_are_announced_to_our_host_and_need_not_be(
    make_engine: Callable[..., Engine], bundled: bool
) -> None:
    engine = make_engine("fleet", bundled=bundled)
    fleet(engine)
    preview = engine.preview("--logtostderr", "-v=9", "--debug")
    assert ("not looked at ahead" in preview.text) is bundled
    assert preview.changes["create"] > 4


def test_of_many_endpoints_only_those_with_other_weights_are_replaced(engine: Engine) -> None:
    names = [f"chat-{number}" for number in range(4)]
    for name in names:
        samples.write("llama-3.2-1b", engine.folder / "weights" / name)
    endpoints = {n: {"weightsUri": f"gs://weights/{n}", "machine": ONE_L4} for n in names}
    endpoints["chat-3"]["deployment"] = {"weightsChanges": "ignore"}
    engine.program(PROGRAM)
    engine.configure(config(endpoints))
    engine.up()
    assert engine.preview().unchanged

    for name in ("chat-2", "chat-3"):
        path = engine.folder / "weights" / name / "generation_config.json"
        path.write_text(json.dumps({"temperature": 0.1}))
    preview = engine.preview()
    replaced = {step.name for step in preview.steps if step.op == "replace"}
    assert replaced == {"chat-2-llm"}
    assert "the weights under weightsUri have changed" in preview.text
    engine.destroy()


def test_a_machine_left_to_preflight_is_told_in_the_preview_and_kept(engine: Engine) -> None:
    fleet(engine)
    chat = {"weightsUri": "gs://weights/llama", "machine": {"type": "auto"}}
    engine.configure(config({"chat": chat}))
    preview = engine.preview()
    machine = preview.step("chat-llm").inputs["dedicatedResources"]["machineSpec"]
    assert machine["machineType"] == "g2-standard-12"
    [line] = [m for m in preview.messages("info") + preview.messages("info#err") if "auto" in m]
    assert "USD an hour" in line
    engine.up()
    assert engine.preview().unchanged
    engine.destroy()
