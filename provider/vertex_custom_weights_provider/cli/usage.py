"""What lists of commands say of each, and the lines to copy that its help ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import typer

_F = TypeVar("_F", bound=Callable[..., Any])

# By command: a few words, then the examples.
USAGE: Mapping[str, Sequence[str]] = {
    "init": (
        "Start a project, or set one up for custom weights.",
        "vcw init --sample",
        "vcw init my-models --base-model qwen3-0.6b",
        "vcw init --state gs://my-state",
    ),
    "query": (
        "Ask a deployed model.",
        'vcw query "hello"',
        'vcw query --stack prod --endpoint support --stream "Where is my order?"',
        'vcw query --predict \'[{"prompt": "Dear customer,", "max_tokens": 40}]\'',
        'vcw query --client sdk "hello"',
        'vcw query --show "hello"',
    ),
    "doctor": (
        "Check what a stack needs, and say how to mend it.",
        "vcw doctor",
        "vcw doctor --stack prod --format json",
    ),
    "preflight": (
        "Check weights and machine before a deployment.",
        "vcw preflight ./my-run",
        "vcw preflight ./my-run --machine g2-standard-12 --accelerator NVIDIA_L4 --count 1",
        "vcw preflight gs://my-bucket/run-7 --stack prod --format json",
    ),
    "adopt": (
        "Print the program for what is deployed already.",
        "vcw adopt --project my-project --location us-central1",
        "vcw adopt --stack prod --format stack-config --write stacks/Pulumi.prod.yaml",
        "vcw adopt --stack prod --format import-file --write import.json",
    ),
    "probe": (
        "Find out for nothing what holds of Google.",
        "vcw probe --project my-project --save recording.json",
        "vcw probe --backend emulator --yes",
        "vcw probe --project my-project --clean",
    ),
    "report": (
        "Say what `pulumi up` would do, for reviewers.",
        "vcw report",
        "vcw report --stack prod --html report.html --fail-on warning",
        "vcw report -- --policy-pack policy/launch",
    ),
    "schema": (
        "Print the JSON schema of stack files.",
        "vcw schema > stack.schema.json",
        "vcw schema | jq '.\"$defs\".endpoint.properties | keys'",
    ),
    "catalog models": (
        "List the documented base models.",
        "vcw catalog models --family llama",
        "vcw catalog models --format json",
    ),
    "catalog check": (
        "Compare the catalog with a saved copy of Google's page.",
        "vcw catalog check page.html",
    ),
    "catalog machines": (
        "List machines and accelerators.",
        "vcw catalog machines --accelerator NVIDIA_L4 --region europe-west4",
    ),
    "catalog regions": (
        "List regions and default quota.",
        "vcw catalog regions --accelerator NVIDIA_H100_80GB",
    ),
    "catalog prices": (
        "List what machines cost an hour.",
        "vcw catalog prices --accelerator NVIDIA_L4",
    ),
    "emulator serve": (
        "Serve it over HTTP.",
        "vcw emulator serve",
        "vcw emulator serve --port 8080 --bucket my-bucket=./weights",
        "vcw emulator serve --scenario stockout --deploy-seconds 60",
    ),
    "emulator show": (
        "Show what it holds.",
        "vcw emulator show",
        "vcw emulator show --stack local --log",
        "vcw emulator show --url http://127.0.0.1:8080 --format json",
    ),
    "emulator reset": (
        "Forget everything.",
        "vcw emulator reset",
        "vcw emulator reset --stack local",
    ),
    "emulator advance": (
        "Move its clock forward.",
        "vcw emulator advance 10m",
        "vcw emulator advance 7d --stack local",
    ),
    "emulator sample-weights": (
        "Write weights in a model's true shape.",
        "vcw emulator sample-weights llama-3.2-1b",
        "vcw emulator sample-weights qwen3-0.6b ./weights/qwen",
    ),
    "emulator fault add": (
        "Make the next calls of a method misbehave.",
        "vcw emulator fault add '*.locations.deploy' --status 503 --times 3",
        "vcw emulator fault add '*.endpoints.get' --reset after --skip 1",
    ),
    "emulator fault list": (
        "Show all faults.",
        "vcw emulator fault list",
    ),
    "emulator fault clear": (
        "Forget all faults.",
        "vcw emulator fault clear",
    ),
    "emulator scenario list": (
        "Show all scenarios.",
        "vcw emulator scenario list",
    ),
    "emulator scenario set": (
        "Make scenarios active.",
        "vcw emulator scenario set stockout",
        "vcw emulator scenario set quota-exceeded psc-slow --stack local",
    ),
    "emulator scenario clear": (
        "Let everything go well again.",
        "vcw emulator scenario clear",
    ),
}


def command(app: typer.Typer, path: str) -> Callable[[_F], _F]:
    """Make a function a command of an app.

    Args:
        app: What the command belongs to.
        path: The command as it is typed, without `vcw`.
    """
    told, *lines = USAGE[path]
    # The mark keeps the help from joining the lines.
    examples = "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
    return app.command(path.rpartition(" ")[2], short_help=told, epilog=examples)
