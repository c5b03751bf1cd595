"""Which state a stack is kept in: what tells two stacks of one project and name apart.

Two people with a state each, on two machines or two back ends, have the same resources by name. The
key stands on what is made, so that neither takes the other's for a leftover of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

_FILE = "file://"
_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")


class _Backend(msgspec.Struct):
    url: str = ""


class _Project(msgspec.Struct):
    """The part of `Pulumi.yaml` that is read here."""

    backend: _Backend = msgspec.field(default_factory=_Backend)


class _Credentials(msgspec.Struct):
    """The part of `credentials.json` that is read here."""

    current: str = ""


def state_key(environ: Mapping[str, str], root: Path) -> str:
    """Return a short digest of the back end that the CLI keeps the stack's state in.

    A state in files is told by its folder as the file system knows it, so that a copy on another
    machine, or one that was restored from a backup, is another. Everything else is told by its URL:
    two organizations of one Pulumi Cloud have the same key.

    Args:
        environ: Environment variables of the CLI.
        root: The project's folder.

    Returns:
        Twelve hexadecimal digits; empty when it is not to be found out.
    """
    url = _url(environ, root)
    if not url.startswith(_FILE):
        return _digest(url.partition("?")[0].rstrip("/")) if url else ""
    folder = (root / Path(url.removeprefix(_FILE).partition("?")[0]).expanduser()).resolve()
    try:
        return _digest(f"{folder} {(folder / '.pulumi').stat().st_ino}")
    except OSError:
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _url(environ: Mapping[str, str], root: Path) -> str:
    """Return the back end's URL, looked for where the CLI does, and in its order."""
    return environ.get("PULUMI_BACKEND_URL") or _of_project(root) or _logged_in(environ)


def _of_project(root: Path) -> str:
    """Return `backend.url` of the project file that governs a folder."""
    files = (folder / name for folder in (root, *root.parents) for name in _PROJECT_FILES)
    text = next((file.read_text("utf-8") for file in files if file.is_file()), "")
    if "backend" not in text:
        return ""
    try:
        return msgspec.yaml.decode(text, type=_Project).backend.url
    except msgspec.DecodeError:
        return ""  # the CLI has read it otherwise, and knows


def _logged_in(environ: Mapping[str, str]) -> str:
    """Return what `pulumi login` was last given."""
    home = environ.get("PULUMI_CREDENTIALS_PATH") or environ.get("PULUMI_HOME") or "~/.pulumi"
    try:
        text = (Path(home).expanduser() / "credentials.json").read_bytes()
        return msgspec.json.decode(text, type=_Credentials).current
    except (OSError, msgspec.DecodeError):
        return ""
