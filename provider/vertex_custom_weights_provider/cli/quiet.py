"""What lifecycles tell a person, where a command prints a page of its own."""

from __future__ import annotations

import typer


class Quiet:
    """A reporter that passes warnings on and nothing else."""

    def status(self, message: str) -> None:
        """Say nothing."""

    def info(self, message: str) -> None:
        """Say nothing."""

    def warn(self, message: str) -> None:
        """Pass a warning on."""
        typer.echo(message, err=True)
