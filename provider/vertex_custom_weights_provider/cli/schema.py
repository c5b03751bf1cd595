"""`vcw schema`: what a stack file may hold, for editors and for checks before Pulumi is asked."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

import typer

NAME = "stack.schema.json"


def document() -> Traversable:
    """Return the schema's file."""
    return resources.files("vertex_custom_weights_provider").joinpath("cli", "data", NAME)


def schema() -> None:
    r"""Print the JSON schema of stack files, `Pulumi.<stack>.yaml`.

    Editors with the YAML language server complete and check the endpoints of a stack by it, where
    the stack's file begins with this line (`vcw init` writes the schema there):

    \b
    # yaml-language-server: $schema=plugin/stack.schema.json
    """
    typer.echo(document().read_text(encoding="utf-8"), nl=False)
