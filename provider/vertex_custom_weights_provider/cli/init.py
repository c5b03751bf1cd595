"""`vcw init`: a project of one's own that runs on this package's provider host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

import typer

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import files, options, pulumi_cli, schema
from vertex_custom_weights_provider.tokens import PACKAGE

_PACKAGE = "vertex_custom_weights_provider"
# Who serves a program, by its language: in Python dynamic resources, in all others the plugin.
_DYNAMIC = "pulumi-python"
_LAUNCHERS = {_DYNAMIC: "Python dynamic resources", PACKAGE: "resources and components"}
_DESCRIPTION = "Your own model weights on Vertex AI Model Garden, behind a private endpoint."
_ENVIRONMENT = "  options:\n    toolchain: pip\n    virtualenv: .venv\n"
_SAMPLE = "llama-3.2-1b"
_STATE = "file://.local/state"
_STACK = "local"
_PLUGIN_LINES = """\
# Serves this program's {what}; written by `vcw init`.
plugins:
  providers:
    - name: {name}
      path: ./plugin
"""
_BACKEND_LINES = """\
# Where Pulumi keeps state. Files here need no account; before others work on this project, choose a
# bucket (gs://my-state) or Pulumi Cloud (https://api.pulumi.com).
backend:
  url: {url}
"""


def init(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The project; made when missing.", file_okay=False),
    ] = Path(),
    base_model: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="What your weights were tuned from; see `vcw catalog models`.",
            autocompletion=options.base_models,
        ),
    ] = _SAMPLE,
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", help="Write sample weights and make stack `local`, ready for `pulumi up`."
        ),
    ] = False,
    state: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Where a new project keeps Pulumi's state; '' is where you log in."
        ),
    ] = _STATE,
) -> None:
    """Set a Pulumi project up for custom weights; an empty folder becomes a whole project.

    Writes plugin/: the launcher of the provider host, which Pulumi.yaml names, and the schema of
    stack files, by which editors complete and check them. Other files that are there are kept.
    Run it again after an upgrade: plugin/ is brought up to date.
    """
    _check_model(base_model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be made ({error.strerror})."
        raise typer.BadParameter(message, param_hint="folder") from None
    project = folder / "Pulumi.yaml"
    started = not project.exists()
    if started:
        _start(folder, base_model, state)
    server = _server(project)
    for name in dict.fromkeys((_DYNAMIC, server)):  # the plugin's launcher starts by the other
        launcher = f"pulumi-resource-{name}"
        _write(_data("host", "launcher", launcher), folder / "plugin" / launcher).chmod(0o755)
    _write(schema.document(), folder / "plugin" / schema.NAME)
    if not _name_launcher(project, server):
        typer.echo(
            f"{project} has plugins of its own. Add these to its list, and it is done:\n\n"
            f"{_plugin_lines(server).split('providers:')[1].lstrip(chr(10))}",
            err=True,
        )
        raise typer.Exit(1)
    _make_state_folder(folder)
    steps = [*_sample(folder, base_model, wanted=sample), *_stack(folder, wanted=sample)]
    if started or sample:
        typer.echo(_next(folder, steps))


def _put(path: Path, content: str | bytes) -> None:
    try:
        files.write(path, content)
    except errors.ConfigurationError as failed:
        typer.echo(f"vcw init: {failed}", err=True)
        raise typer.Exit(1) from None


def _check_model(base_model: str) -> None:
    from vertex_custom_weights_provider import catalog

    try:
        catalog.model(base_model)
    except catalog.UnknownModelError as error:
        raise typer.BadParameter(str(error), param_hint="--base-model") from None


def _start(folder: Path, base_model: str, state: str) -> None:
    """Write a project with one endpoint and a stack `local` on the emulator; keep what is there."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", folder.resolve().name) or "custom-weights"
    starter = _data("cli", "starter")
    for relative in _files(starter):
        path = folder / relative
        if path.exists():
            typer.echo(f"kept  {relative}")
            continue
        text = starter.joinpath(*relative.split("/")).read_text(encoding="utf-8")
        text = text.replace("${PROJECT}", name).replace("${DESCRIPTION}", _DESCRIPTION)
        if relative == "Pulumi.yaml":
            text = _project_file(text, state, own_environment=(folder / ".venv").is_dir())
        elif relative in ("Pulumi.local.yaml", "README.md"):
            text = text.replace(_SAMPLE, base_model)
        path.parent.mkdir(exist_ok=True)
        _put(path, text)
        typer.echo(f"wrote {relative}")


def _files(folder: Traversable, above: str = "") -> Iterator[str]:
    """Yield the files of the starter, folders last; compiled Python is nobody's starter."""
    entries = sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry.name))
    for entry in entries:
        if entry.is_file():
            yield f"{above}{entry.name}"
        elif entry.name != "__pycache__":
            yield from _files(entry, f"{above}{entry.name}/")


def _project_file(text: str, state: str, *, own_environment: bool) -> str:
    """Say where state is kept; leave out what is for `pulumi new`, and a missing environment."""
    text = re.sub(r"^template:\n(?:(?: .*)?\n)*", "", text, flags=re.MULTILINE)
    if state:
        text = text.replace("runtime:\n", f"{_BACKEND_LINES.format(url=state)}runtime:\n", 1)
    return text if own_environment else text.replace(_ENVIRONMENT, "")


def _make_state_folder(folder: Path) -> None:
    """Make the folder that Pulumi.yaml keeps state in: Pulumi itself does not."""
    backend = cast("dict[str, Any]", _settings(folder / "Pulumi.yaml").get("backend") or {})
    url = urlsplit(str(backend.get("url") or ""))
    if url.scheme == "file" and url.netloc not in ("", "~"):  # what a relative path begins with
        (folder / f"{url.netloc}{url.path}").mkdir(parents=True, exist_ok=True)


def _sample(folder: Path, base_model: str, *, wanted: bool) -> list[str]:
    """Write sample weights of the model, or return the command that does."""
    place = Path(".local", "weights", base_model)
    if not wanted:
        return [f"vcw emulator sample-weights {base_model}"]
    from vertex_custom_weights_provider import samples

    try:
        samples.write(base_model, folder / place)
    except (LookupError, ValueError) as error:
        raise typer.BadParameter(str(error.args[0]), param_hint="--sample") from None
    typer.echo(f"wrote {place}")
    return []


def _stack(folder: Path, *, wanted: bool) -> list[str]:
    """Make stack `local`, or return the command that does."""
    by_hand = [f"pulumi stack init {_STACK}"]
    if not wanted:
        return by_hand
    try:
        pulumi_cli.run(folder, "", "stack", "select", "--create", _STACK)
    except errors.ConfigurationError as error:
        typer.echo(f"Stack {_STACK} could not be made: {error}", err=True)
        return by_hand
    typer.echo(f"made  stack {_STACK}")
    return []


def _next(folder: Path, steps: list[str]) -> str:
    enter = [] if folder.resolve() == Path.cwd() else [f"cd {folder}"]
    commands = [*enter, *steps, "pulumi up", 'vcw query "hello"']
    return (
        "\nNext, without an account:\n"
        + "".join(f"  {command}\n" for command in commands)
        + f"Pulumi asks for the passphrase of stack {_STACK}, which is empty: press Enter, or\n"
        "`export PULUMI_CONFIG_PASSPHRASE=` beforehand.\n"
        "On Google: README.md says how."
    )


def _write(source: Traversable, path: Path) -> Path:
    wanted = source.read_bytes()
    if not path.exists() or path.read_bytes() != wanted:
        path.parent.mkdir(exist_ok=True)
        _put(path, wanted)
        typer.echo(f"wrote {path.parent.name}/{path.name}")
    return path


def _plugin_lines(server: str) -> str:
    return _PLUGIN_LINES.format(what=_LAUNCHERS[server], name=server)


def _settings(project: Path) -> dict[str, Any]:
    import yaml

    return cast("dict[str, Any]", yaml.safe_load(project.read_text(encoding="utf-8")) or {})


def _server(project: Path) -> str:
    """Return who serves the program, by its language."""
    runtime: Any = _settings(project).get("runtime")
    named = cast("dict[str, Any]", runtime) if isinstance(runtime, dict) else {"name": runtime}
    language = named.get("name")
    return _DYNAMIC if language in (None, "python") else PACKAGE


def _name_launcher(project: Path, server: str) -> bool:
    """Have Pulumi.yaml name the launcher; return whether it does, which only a person can mend."""
    text = project.read_text(encoding="utf-8")
    plugins = _settings(project).get("plugins")
    if plugins is None:
        # Appended as text: comments and order of the file stay as they are.
        _put(project, f"{text.rstrip()}\n{_plugin_lines(server)}")
        typer.echo(f"named it in {project.name}")
        return True
    providers = cast("list[dict[str, str]]", plugins.get("providers") or [])
    ours = [entry for entry in providers if entry.get("name") == server]
    return any(Path(entry.get("path", "")) == Path("plugin") for entry in ours)


def _data(*parts: str) -> Traversable:
    return resources.files(_PACKAGE).joinpath(*parts)
