"""The Pulumi side: its CLI, the provider host's launcher, and the interpreter that runs both."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib import metadata, resources
from pathlib import Path
from typing import Any, cast

from .check import Check

_PACKAGE = "vertex-custom-weights"
_LAUNCHER = "pulumi-resource-pulumi-python"
_INIT = ("vcw init",)
_ASK = f"import importlib.metadata as m; print(m.version('{_PACKAGE}'))"


def check_pulumi(folder: Path, environ: Mapping[str, str]) -> list[Check]:
    """Check that there is a CLI, that Pulumi.yaml names the launcher, and the interpreter."""
    return [_cli(), *_project(folder, environ)]


def _cli() -> Check:
    program = shutil.which("pulumi")
    if program is None:
        told = "Not on PATH. Install it (https://www.pulumi.com/docs/install/)."
        return Check("Pulumi CLI", "problem", told)
    done = _run(program, "version")
    if done is None or done.returncode != 0:
        return Check("Pulumi CLI", "problem", f"{program} cannot be run.")
    return Check("Pulumi CLI", "ok", f"{done.stdout.strip()}, {program}.")


def _project(folder: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    settings = _settings(folder / "Pulumi.yaml")
    if settings is None:
        told = f"None that can be read in {folder.absolute()}."
        yield Check("Pulumi.yaml", "problem", told, _INIT)
        return
    yield _launcher(folder, settings)
    yield _interpreter(folder, settings, environ)


def _settings(path: Path) -> Any:
    import yaml

    try:
        found: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    return cast("Any", found) if isinstance(found, dict) else None


def _dig(settings: Any, *keys: str) -> Any:
    """Return a value at a path of keys; None where there is none."""
    found = settings
    for key in keys:
        found = cast("dict[str, Any]", found).get(key) if isinstance(found, dict) else None
    return found


def _launcher(folder: Path, settings: Any) -> Check:
    about = "provider host"
    listed = cast("list[Any]", _dig(settings, "plugins", "providers") or [])
    ours = [str(_dig(one, "path")) for one in listed if _dig(one, "name") == "pulumi-python"]
    if not ours:
        told = (
            "Pulumi.yaml does not name it, so Pulumi's own server runs the resources: four at a "
            "time, no names in previews, no resuming after Ctrl-C, no import."
        )
        return Check(about, "problem", told, _INIT)
    launcher = folder / ours[0] / _LAUNCHER
    if not launcher.is_file():
        return Check(about, "problem", f"{launcher} is named and does not exist.", _INIT)
    if not os.access(launcher, os.X_OK):
        return Check(about, "problem", f"{launcher} cannot be run.", (f"chmod +x {launcher}",))
    shipped = resources.files("vertex_custom_weights_provider") / "host" / "launcher" / _LAUNCHER
    if launcher.read_bytes() != shipped.read_bytes():
        told = f"{launcher} is not the one of version {metadata.version(_PACKAGE)}."
        return Check(about, "note", told, _INIT)
    return Check(about, "ok", f"{launcher}, up to date.")


def _interpreter(folder: Path, settings: Any, environ: Mapping[str, str]) -> Check:
    about = "Python of the program"
    python = _python(folder, settings, environ)
    done = _run(str(python), "-c", _ASK)
    if done is None:
        told = f"{python} cannot be run."
        return Check(about, "problem", told, ("pulumi install",))
    if done.returncode != 0:
        told = f"{python} does not have {_PACKAGE}."
        return Check(about, "problem", told, (f"{python} -m pip install {_PACKAGE}",))
    theirs, mine = done.stdout.strip(), metadata.version(_PACKAGE)
    if theirs != mine:
        told = f"{python} has version {theirs}, and this command is version {mine}."
        return Check(about, "note", told)
    return Check(about, "ok", f"{python}, with {_PACKAGE} {mine}.")


def _python(folder: Path, settings: Any, environ: Mapping[str, str]) -> Path:
    """Return the interpreter that Pulumi takes: the project's environment, or the one on PATH."""
    named = str(_dig(settings, "runtime", "options", "virtualenv") or "")
    homes = [folder / named] if named else [Path(environ.get("VIRTUAL_ENV") or ".venv")]
    if not named:
        homes += [place / ".venv" for place in (folder, *folder.absolute().parents)]
    for home in homes:
        if named or (home / "bin" / "python").exists():
            return home / "bin" / "python"
    return Path(shutil.which("python3") or "python3")


def _run(*command: str) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return None
