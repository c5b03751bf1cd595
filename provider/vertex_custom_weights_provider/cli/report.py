"""`vcw report`: what a change does to endpoints, callers, cost and quota, for reviewers."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.adapter import findings_log
from vertex_custom_weights_provider.cli import options

if TYPE_CHECKING:
    from vertex_custom_weights_provider.report.model import Report
    from vertex_custom_weights_provider.report.reading.preview import Line, Preview

_FAILED = 1
_NOT_MADE = 2
_STDIN = Path("-")


class FailOn(StrEnum):
    """What makes the command fail."""

    error = "error"
    warning = "warning"
    never = "never"


def report(  # noqa: PLR0913, PLR0917 - each is an option of the command
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- OPTION", help="Options of `pulumi preview`, after --."),
    ] = None,
    stack: options.Stack = "",
    project: options.Folder = Path(),
    preview: Annotated[
        Path | None,
        typer.Option(metavar="FILE|-", help="Read `pulumi preview --json` instead of running it."),
    ] = None,
    findings: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the provider wrote to $VCW_FINDINGS meanwhile."),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Markdown there.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one HTML page there.")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="What ends with exit code 1.")] = FailOn.error,
) -> None:
    """Report what `pulumi up` would do, as Markdown on standard output or to files.

    Runs `pulumi preview`, which changes nothing, and adds what the provider found.

    Exit code 0: fine; 1: something must be mended (see --fail-on); 2: no report could be made.
    """
    from vertex_custom_weights_provider.report.build import build

    try:
        seen = _read(preview, findings) if preview else _run(project, stack, arguments or [])
        made = build(*seen)
        _write(made, markdown, html)
    except BrokenPipeError:
        raise  # whoever read has read enough
    except (errors.VcwError, OSError) as failed:
        file: Any = getattr(failed, "filename", None)
        told = f"{file}: {getattr(failed, 'strerror', '')}." if file else failed
        typer.echo(f"vcw report: {told}", err=True)
        raise typer.Exit(_NOT_MADE) from None
    raise typer.Exit(_FAILED if _fails(made, fail_on) else 0)


def _run(
    project: Path, stack: str, options: list[str]
) -> tuple[Preview, Mapping[str, Mapping[str, Any]]]:
    """Run the preview, and collect what the provider finds during it."""
    from vertex_custom_weights_provider.cli.pulumi_cli import attempt
    from vertex_custom_weights_provider.cli.pulumi_words import explained
    from vertex_custom_weights_provider.report.reading.policies import violations
    from vertex_custom_weights_provider.report.reading.preview import read_preview

    if sys.stderr.isatty():
        typer.echo("Running pulumi preview ...", err=True)
    with tempfile.TemporaryDirectory(prefix="vcw-report-") as folder:
        log, events = Path(folder, "findings.jsonl"), Path(folder, "events.jsonl")
        log.touch()
        done = attempt(
            project,
            stack,
            *("preview", "--json", "--show-sames", "--event-log", str(events), *options),
            # The event log is the only place that names violated policies; it needs this switch.
            environment={findings_log.VARIABLE: str(log), "PULUMI_DEBUG_COMMANDS": "true"},
        )
        if not done.stdout.strip():
            raise errors.ConfigurationError(explained(done.stderr))
        extra: tuple[Line, ...] = violations(events)
        seen = read_preview(done.stdout, failed=done.returncode != 0, extra=extra)
        return seen, findings_log.read(log)


def _read(
    preview: Path, findings: Path | None
) -> tuple[Preview, Mapping[str, Mapping[str, Any]] | None]:
    from vertex_custom_weights_provider.report.reading.preview import read_preview

    document = sys.stdin.read() if preview == _STDIN else preview.read_text(encoding="utf-8")
    return read_preview(document), findings_log.read(findings) if findings else None


def _write(report: Report, markdown: Path | None, html: Path | None) -> None:
    from vertex_custom_weights_provider.report.pages.markdown import markdown as as_markdown

    if markdown is not None:
        markdown.write_text(as_markdown(report), encoding="utf-8")
    elif html is None:
        typer.echo(as_markdown(report), nl=False)
    if html is not None:
        from vertex_custom_weights_provider.report.pages.html import page

        html.write_text(page(report), encoding="utf-8")


def _fails(report: Report, fail_on: FailOn) -> bool:
    failing = {FailOn.error: ("error",), FailOn.warning: ("error", "warn"), FailOn.never: ()}
    return report.severity in failing[fail_on]
