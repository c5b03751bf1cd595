"""`vcw`, the command line beside the Pulumi program."""

from __future__ import annotations

import typer

from vertex_custom_weights_provider.cli import (
    adopt,
    catalog,
    doctor,
    emulator,
    init,
    preflight,
    query,
    report,
)

app = typer.Typer(
    name="vcw",
    help="Your own model weights on Vertex AI: check them, ask an endpoint, try things on a local "
    "emulator.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",  # joins the lines of a paragraph
    pretty_exceptions_enable=False,
)
app.command()(init.init)
app.command()(query.query)
app.command()(doctor.doctor)
app.command()(preflight.preflight)
app.command()(adopt.adopt)
app.command()(report.report)
app.add_typer(catalog.app, name="catalog")
app.add_typer(emulator.app, name="emulator")
