"""`vcw init`: a project of one's own that runs on this package's provider host."""

from __future__ import annotations

import re
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, cast

import typer

_PACKAGE = "vertex_custom_weights_provider"
_LAUNCHER = "pulumi-resource-pulumi-python"
_PLUGIN_LINES = """\
# Serves this program's Python dynamic resources; written by `vcw init`.
plugins:
  providers:
    - name: pulumi-python
      path: ./plugin
"""
_NEXT = """\
Next, without an account:
  vcw emulator sample-weights llama-3.2-1b .local/weights/llama-3.2-1b
  pulumi stack init local
  pulumi up
  vcw query "hello\""""


def init(
    folder: Annotated[
        Path, typer.Argument(help="The project; made when missing.", file_okay=False)
    ] = Path(),
) -> None:
    """Set a Pulumi project up for custom weights; an empty folder becomes a whole project.

    Writes the launcher of the provider host, and names it in Pulumi.yaml. Files that are there
    are kept. Run it again after an upgrade: the launcher is brought up to date.
    """
    folder.mkdir(parents=True, exist_ok=True)
    project = folder / "Pulumi.yaml"
    started = not project.exists()
    if started:
        _start(folder.resolve())
    _write_launcher(folder / "plugin" / _LAUNCHER)
    if not _name_launcher(project):
        typer.echo(
            f"{project} has plugins of its own. Add these to its list, and it is done:\n\n"
            f"{_PLUGIN_LINES.split('providers:')[1].lstrip(chr(10))}",
            err=True,
        )
        raise typer.Exit(1)
    if started:
        typer.echo(_NEXT)


def _start(folder: Path) -> None:
    """Write a project with one endpoint and a stack `local` on the emulator."""
    starter = _data("cli", "starter")
    text = starter.joinpath("Pulumi.yaml").read_text(encoding="utf-8")
    text = text.replace("NAME", re.sub(r"[^A-Za-z0-9_.-]", "-", folder.name) or "custom-weights")
    if (folder / ".venv").is_dir():
        text += "  options:\n    virtualenv: .venv\n"
    texts = {
        "Pulumi.yaml": text,
        "Pulumi.local.yaml": starter.joinpath("Pulumi.local.yaml").read_text(encoding="utf-8"),
        "__main__.py": starter.joinpath("program.py").read_text(encoding="utf-8"),
        ".gitignore": ".venv/\n.local/\n__pycache__/\n",
    }
    for name, content in texts.items():
        path = folder / name
        if not path.exists():
            path.write_text(content, encoding="utf-8")
            typer.echo(f"wrote {name}")


def _write_launcher(path: Path) -> None:
    wanted = _data("host", "launcher", _LAUNCHER).read_bytes()
    if not path.exists() or path.read_bytes() != wanted:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(wanted)
        typer.echo(f"wrote {path.parent.name}/{path.name}")
    path.chmod(0o755)


def _name_launcher(project: Path) -> bool:
    """Have Pulumi.yaml name the launcher; return whether it does, which only a person can mend."""
    import yaml

    text = project.read_text(encoding="utf-8")
    settings: Any = yaml.safe_load(text) or {}
    plugins = cast("dict[str, Any]", settings).get("plugins")
    if plugins is None:
        # Appended as text: comments and order of the file stay as they are.
        project.write_text(f"{text.rstrip()}\n{_PLUGIN_LINES}", encoding="utf-8")
        typer.echo(f"named it in {project.name}")
        return True
    providers = cast("list[dict[str, str]]", plugins.get("providers") or [])
    ours = [entry for entry in providers if entry.get("name") == "pulumi-python"]
    return any(Path(entry.get("path", "")) == Path("plugin") for entry in ours)


def _data(*parts: str) -> Traversable:
    return resources.files(_PACKAGE).joinpath(*parts)
