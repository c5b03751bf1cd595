"""`vcw catalog`: the dated facts that checks and advice rest on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import to_builtins

from vertex_custom_weights_provider.cli import options
from vertex_custom_weights_provider.cli.listing import AsJson, Form, Format, Listing, asked, show
from vertex_custom_weights_provider.cli.usage import command

if TYPE_CHECKING:
    from vertex_custom_weights_provider.catalog import Machine

app = typer.Typer(help="Models, machines, regions and prices that previews are checked against.")


_Family = Annotated[
    str, typer.Option(metavar="NAME", help="Of this family only.", autocompletion=options.families)
]
_Accelerator = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="With this accelerator only.", autocompletion=options.accelerators
    ),
]
_Region = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="What is offered in this region only.", autocompletion=options.regions
    ),
]


@command(app, "catalog models")
def models(family: _Family = "", form: Form = Format.table, as_json: AsJson = False) -> None:
    """List the documented base models."""
    from vertex_custom_weights_provider import catalog

    _require(family, options.families(), "--family")
    rows = [row for row in catalog.models() if family in ("", row.family)]
    show(
        Listing(
            f"Base models documented for custom weights ({catalog.models_date()})",
            ("id", "name", "parameters", "bf16 GB", "context", "tensor parallel"),
            [
                (
                    row.id,
                    row.name,
                    f"{row.parameters / 1e9:.2f} B",
                    f"{row.bf16_bytes / 1e9:.1f}",
                    row.max_position,
                    " ".join(map(str, row.tensor_parallel)),
                )
                for row in rows
            ],
            [to_builtins(row) for row in rows],
            frozenset({"parameters", "bf16 GB", "context"}),
        ),
        asked(form, as_json),
    )


@command(app, "catalog machines")
def machines(
    accelerator: _Accelerator = "",
    region: _Region = "",
    form: Form = Format.table,
    as_json: AsJson = False,
) -> None:
    """List machine types and the accelerators they carry."""
    from vertex_custom_weights_provider import catalog

    rows = _machines(accelerator, region)
    show(
        Listing(
            f"Machine types for serving ({catalog.prices_date()})",
            ("machine type", "accelerator", "count", "vCPU", "memory GB", "note"),
            [
                (
                    row.id,
                    _carried(row) or accelerator or "attachable",
                    row.count or None,
                    row.vcpus,
                    row.memory_gb,
                    row.note,
                )
                for row in rows
            ],
            [to_builtins(row) for row in rows],
            frozenset({"count", "vCPU", "memory GB"}),
        ),
        asked(form, as_json),
    )


@command(app, "catalog regions")
def regions(
    accelerator: _Accelerator = "", form: Form = Format.table, as_json: AsJson = False
) -> None:
    """List regions with the default serving quota of each accelerator."""
    from vertex_custom_weights_provider import catalog

    _require(accelerator, options.accelerators(), "--accelerator")
    offered = {
        row.id: row.default_quota
        for row in (*catalog.accelerators(), *catalog.tpus())
        if accelerator in ("", row.id)
    }
    quotas = {
        row.id: {name: quota[row.id] for name, quota in offered.items() if row.id in quota}
        for row in catalog.regions()
    }
    rows = [row for row in catalog.regions() if quotas[row.id] or not accelerator]
    show(
        Listing(
            f"Vertex AI regions and default serving quota ({catalog.models_date()})",
            ("region", "multi-region", "accelerators (default quota)"),
            [
                (
                    row.id,
                    row.multi_region,
                    ", ".join(f"{name} {quota}" for name, quota in quotas[row.id].items()),
                )
                for row in rows
            ],
            [to_builtins(row) | {"default_quota": quotas[row.id]} for row in rows],
        ),
        asked(form, as_json),
    )


@command(app, "catalog prices")
def prices(
    accelerator: _Accelerator = "",
    region: _Region = "",
    form: Form = Format.table,
    as_json: AsJson = False,
) -> None:
    """List what an hour of each machine costs, and how sure that is."""
    from vertex_custom_weights_provider import catalog

    priced = [row for row in _machines(accelerator, region) if row.usd_per_hour is not None]
    rows = sorted(priced, key=lambda row: row.usd_per_hour or 0.0)
    show(
        Listing(
            f"Estimated prices in {catalog.price_region()} ({catalog.prices_date()})",
            ("machine type", "accelerator", "count", "USD an hour", "confidence"),
            [
                (
                    row.id,
                    _carried(row) or accelerator,
                    row.count or None,
                    f"{row.usd_per_hour:.2f}",
                    row.price_confidence,
                )
                for row in rows
            ],
            [
                {
                    "machine_type": row.id,
                    "accelerator": row.accelerator,
                    "count": row.count,
                    "usd_per_hour": row.usd_per_hour,
                    "confidence": row.price_confidence,
                    "source": row.price_source,
                    "region": catalog.price_region(),
                    "date": catalog.prices_date(),
                }
                for row in rows
            ],
            frozenset({"count", "USD an hour"}),
        ),
        asked(form, as_json),
    )


@command(app, "catalog check")
def check(
    page: Annotated[
        Path, typer.Argument(metavar="PAGE", help="Saved copy of the page, .html or .md.")
    ],
) -> None:
    """Compare the catalog with a saved copy of Google's page on custom weights.

    Exit code 0: the same models; 1: others; 2: it cannot be read.
    """
    from vertex_custom_weights_provider import catalog
    from vertex_custom_weights_provider.catalog.page import differences

    try:
        found = list(differences(page.read_text(encoding="utf-8")))
    except (OSError, ValueError) as failed:
        typer.echo(f"vcw catalog check: {page}: {failed}", err=True)
        raise typer.Exit(2) from None
    for difference in found:
        typer.echo(difference)
    (listed,) = (page for page in catalog.lists() if page.id == "custom-weights")
    if found:
        typer.echo(f"The catalog is of {listed.date}: {len(found)} differences.")
        raise typer.Exit(1)
    typer.echo(f"The page names the models of the catalog ({listed.date}).")


def _machines(accelerator: str, region: str) -> list[Machine]:
    """Return the machines that carry, or can carry, the accelerator, and are offered there."""
    from vertex_custom_weights_provider import catalog

    _require(accelerator, options.accelerators(), "--accelerator")
    _require(region, options.regions(), "--region")
    offered = {
        row.id
        for row in (*catalog.accelerators(), *catalog.tpus())
        if not region or region in row.default_quota
    }
    return [
        row
        for row in catalog.machines()
        if (carried := _all_carried(row))
        and (not accelerator or accelerator in carried)
        and carried & offered
    ]


def _all_carried(machine: Machine) -> set[str]:
    return {
        name for name in (machine.accelerator, machine.tpu, *(machine.attachable or ())) if name
    }


def _carried(machine: Machine) -> str:
    return machine.accelerator or (f"TPU {machine.tpu}" if machine.tpu else "")


def _require(given: str, known: list[str], option: str) -> None:
    from vertex_custom_weights_provider import catalog

    if given and given not in known:
        told = catalog.hint(given, known) or f"Known: {', '.join(known)}."
        raise typer.BadParameter(f"{given!r} is not in the catalog. {told}", param_hint=option)
