"""What a type checker says of programs: editors complete and refuse by the same types."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

RIGHT = """
import pulumi
from vertex_custom_weights import CustomWeightsEndpoint, LlamaEndpoint

one = LlamaEndpoint("a", {"weights_uri": "gs://b/f", "base_model": "llama-3.1-8b"})
two = LlamaEndpoint("b", weights_uri=one.endpoint_name, deployment={"rollout": "same-endpoint"})
any_family = CustomWeightsEndpoint("c", weights_uri="gs://b/f", base_model="qwen3-8b")
url: pulumi.Output[str] = two.openai_base_url
"""
WRONG = """
from vertex_custom_weights import LlamaEndpoint

LlamaEndpoint("a", base_model="llama-9")
LlamaEndpoint("b", base_model="qwen3-8b")
LlamaEndpoint("c", {"base_model": "llama-9"})
LlamaEndpoint("d", weight_uri="gs://b/f")
LlamaEndpoint("e", deployment={"rollout": "same"})
LlamaEndpoint("f", deployment={"preflight": "on"})
LlamaEndpoint("g", deployment={"weights_changes": "no"})
LlamaEndpoint("h", replicas={"minimum": 1})
LlamaEndpoint("i", versions={"v1": {"weights_uri": "gs://b/f", "traffic": 100, "base_model": "x"}})
"""


def errors_in(folder: Path, text: str) -> set[int]:
    """Return the lines that pyright refuses."""
    program = folder / "program.py"
    program.write_text(text)
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run([*command, program], capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)["generalDiagnostics"]
    return {one["range"]["start"]["line"] for one in found if one["severity"] == "error"}


def test_right_programs_pass_the_type_checker(tmp_path: Path) -> None:
    assert errors_in(tmp_path, RIGHT) == set()


def test_every_wrong_line_is_refused_by_the_type_checker(tmp_path: Path) -> None:
    wrong = {n for n, line in enumerate(WRONG.splitlines()) if line.startswith("LlamaEndpoint(")}
    assert errors_in(tmp_path, WRONG) == wrong
