"""Options that several commands take, and what completes their values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def families() -> list[str]:
    """Return the families of base models."""
    from vertex_custom_weights_provider import catalog

    return sorted({row.family for row in catalog.models()})


def base_models() -> list[str]:
    """Return the ids of the documented base models."""
    from vertex_custom_weights_provider import catalog

    return [row.id for row in catalog.models()]


def machine_types() -> list[str]:
    """Return the machine types for serving."""
    from vertex_custom_weights_provider import catalog

    return [row.id for row in catalog.machines()]


def accelerators() -> list[str]:
    """Return what machines carry: the API's names of GPUs, and generations of TPUs."""
    from vertex_custom_weights_provider import catalog

    return [row.id for row in (*catalog.accelerators(), *catalog.tpus())]


def regions() -> list[str]:
    """Return the regions of Vertex AI."""
    from vertex_custom_weights_provider import catalog

    return [row.id for row in catalog.regions()]


def stacks() -> list[str]:
    """Return the stacks of the project in this folder."""
    import json

    from vertex_custom_weights_provider import errors
    from vertex_custom_weights_provider.cli import pulumi_cli

    try:
        listed = json.loads(pulumi_cli.run(Path(), "", "stack", "ls", "--json"))
    except (errors.VcwError, ValueError):
        return []  # while a line is typed, nobody wants to read why
    return [str(stack["name"]) for stack in listed]


Stack = Annotated[
    str,
    typer.Option(
        "--stack",
        metavar="NAME",
        help="The stack that is meant; default the selected one.",
        envvar="PULUMI_STACK",
        autocompletion=stacks,
    ),
]
Folder = Annotated[
    Path,
    typer.Option("--cwd", metavar="DIR", help="Folder of the Pulumi project.", exists=True),
]
