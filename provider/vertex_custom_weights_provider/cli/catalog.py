"""`vcw catalog`: the dated facts that checks and advice rest on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from msgspec import to_builtins

app = typer.Typer(help="Models, machines, regions and prices that previews are checked against.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Cell = str | int | float | None


@app.command()
def models(as_json: AsJson = False) -> None:
    """List the documented base models."""
    from vertex_custom_weights_provider import catalog

    rows = catalog.models()
    _show(
        f"Base models documented for custom weights ({catalog.models_date()})",
        ("id", "name", "parameters", "bf16 GB", "context", "tensor parallel"),
        (
            (
                row.id,
                row.name,
                f"{row.parameters / 1e9:.2f} B",
                f"{row.bf16_bytes / 1e9:.1f}",
                row.max_position,
                " ".join(map(str, row.tensor_parallel)),
            )
            for row in rows
        ),
        [to_builtins(row) for row in rows] if as_json else None,
    )


@app.command()
def machines(as_json: AsJson = False) -> None:
    """List machine types and the accelerators they carry."""
    from vertex_custom_weights_provider import catalog

    rows = catalog.machines()
    _show(
        f"Machine types for serving ({catalog.prices_date()})",
        ("machine type", "accelerator", "count", "vCPU", "memory GB", "note"),
        (
            (
                row.id,
                row.accelerator or (f"TPU {row.tpu}" if row.tpu else "attachable: see --json"),
                row.count or None,
                row.vcpus,
                row.memory_gb,
                row.note,
            )
            for row in rows
        ),
        [to_builtins(row) for row in rows] if as_json else None,
    )


@app.command()
def regions(as_json: AsJson = False) -> None:
    """List regions with the default serving quota of each accelerator."""
    from vertex_custom_weights_provider import catalog

    rows = catalog.regions()
    _show(
        f"Vertex AI regions and default serving quota ({catalog.models_date()})",
        ("region", "storage multi-region", "accelerators (default quota)"),
        (
            (
                row.id,
                row.multi_region,
                ", ".join(f"{name} {quota}" for name, quota in row.default_quota.items()),
            )
            for row in rows
        ),
        [to_builtins(row) | {"default_quota": row.default_quota} for row in rows]
        if as_json
        else None,
    )


@app.command()
def prices(as_json: AsJson = False) -> None:
    """List what an hour of each machine costs, and how sure that is."""
    from vertex_custom_weights_provider import catalog

    rows = sorted(
        (row for row in catalog.machines() if row.usd_per_hour is not None),
        key=lambda row: row.usd_per_hour or 0.0,
    )
    data = [
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
    ]
    _show(
        f"Estimated prices in {catalog.price_region()} ({catalog.prices_date()})",
        ("machine type", "accelerator", "count", "USD an hour", "confidence"),
        (
            (
                row.id,
                row.accelerator or f"TPU {row.tpu}",
                row.count,
                f"{row.usd_per_hour:.2f}",
                row.price_confidence,
            )
            for row in rows
        ),
        data if as_json else None,
    )


def _show(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    data: Sequence[Mapping[str, Any]] | None,
) -> None:
    if data is not None:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        numeric = column in ("count", "vCPU", "memory GB", "USD an hour", "bf16 GB", "context")
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)
