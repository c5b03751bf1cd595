"""The page that `vcw preflight` prints for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight.findings import printable
from vertex_custom_weights_provider.preflight.rules import C5

if TYPE_CHECKING:
    from vertex_custom_weights_provider.preflight import Report

_MARKS = {"error": "[bold red]✖", "warn": "[bold yellow]▲", "info": "[dim]·"}
_HEADLINES = {
    "ok": "[bold green]✔ Nothing stands against deploying this.",
    "warn": "[bold yellow]▲ Deployable, with reservations.",
    "error": "[bold red]✖ This would not deploy.",
}
_MOST_MACHINES = 6


def show(report: Report) -> None:
    """Print a report."""
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    console.print(f"[bold]{escape(printable(report.uri))}[/]")
    if report.complete or report.verdict == "error":
        console.print(_HEADLINES[report.verdict])
    else:
        console.print("[bold yellow]▲ Not everything could be checked.")
    facts = _facts(report)
    if facts.row_count:
        console.print()
        console.print(facts)
    _findings(console, report)
    _machines(console, report)


def _facts(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    names = [catalog.model(row).name for row in report.base_models]
    facts = {
        "Base model": " or ".join(names) or ("not a documented one" if report.tensors else None),
        "Service says": printable(report.service_base_model or ""),
        "Service recommends": _recommended(report),
        "Tensors": f"{report.tensors:,}" if report.tensors else None,
        "On disk": _size(report.bytes_on_disk),
        "In memory": _size(report.bytes_in_memory),
        "Deploys in": f"about {report.expected_minutes} minutes (estimate)"
        if report.expected_minutes
        else None,
        "Costs": _cost(report),
        "Quota": _quota(report),
        "Fingerprint": report.fingerprint,
    }
    for label, value in facts.items():
        if value:
            table.add_row(f"[dim]{label}", escape(value))
    return table


def _recommended(report: Report) -> str | None:
    first = next(iter(report.recommended), None)
    if first is None:
        return None
    carried = f"{first.accelerator_count} x {first.accelerator_type}"
    return f"{first.machine_type}, {carried}" if first.accelerator_type else first.machine_type


def _size(size: int | None) -> str | None:
    return f"{size / 1e9:.2f} GB" if size else None


def _cost(report: Report) -> str | None:
    price = report.cost
    if price is None:
        return None
    low, high = price.floor_usd_per_hour, price.ceiling_usd_per_hour
    span = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    spot = ", on-demand price; Spot is less" if price.spot else ""
    return f"{span} USD an hour ({price.confidence}, {price.region}, {price.date}{spot})"


def _quota(report: Report) -> str | None:
    need = report.quota
    if need is None:
        return None
    known = (
        f"limit {need.limit}, in use {'unknown' if need.usage is None else need.usage}"
        if need.limit is not None
        else f"limit unknown, projects start with {need.default}"
        if need.default is not None
        else "limit unknown"
    )
    where = f" in {need.region}" if need.region else ""
    return f"{need.needed} of {need.metric.rpartition('/')[2]}{where} ({known})"


def _findings(console: Console, report: Report) -> None:
    shown = [finding for finding in report.findings if finding.id != C5.id]
    if not shown:
        return
    console.print()
    table = Table.grid(padding=(0, 1))
    for finding in shown:
        where = "" if finding.path == "gcsUri" else f"[bold]{finding.path.rpartition('.')[2]}[/]: "
        table.add_row(
            _MARKS[finding.severity], f"[dim]{finding.id}", where + escape(finding.message)
        )
    console.print(table, soft_wrap=False)


def _machines(console: Console, report: Report) -> None:
    if not report.machines:
        return
    console.print()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("Machines that would do", "accelerators", "USD/h", "GiB needed", "of", ""):
        numeric = column in ("USD/h", "GiB needed", "of")
        table.add_column(column, justify="right" if numeric else "left", no_wrap=bool(column))
    for option in report.machines[:_MOST_MACHINES]:
        price = "?" if option.usd_per_hour is None else f"{option.usd_per_hour:.2f}"
        remarks = ["tight"] if option.borderline else []
        remarks += ["not offered"] if option.offered is False else []
        table.add_row(
            option.machine_type,
            f"{option.accelerator_count} x {option.accelerator_type}",
            price,
            f"{option.need_gib:.1f}",
            f"{option.budget_gib:.1f}",
            ", ".join(remarks),
        )
    console.print(table, soft_wrap=False)
    more = len(report.machines) - _MOST_MACHINES
    if more > 0:
        console.print(f"[dim]and {more} more (--format json)")
