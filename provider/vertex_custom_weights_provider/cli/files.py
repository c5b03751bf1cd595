"""Writing what a person asked for, and saying which file it was when that does not work."""

from __future__ import annotations

from pathlib import Path

from vertex_custom_weights_provider.errors import ConfigurationError


def write(path: Path, content: str | bytes) -> None:
    """Write a file.

    Raises:
        ConfigurationError: it cannot be written, as where the disk is full: the system's own error
            does not say which file it was.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}. Make room or name another file, and run "
            "this again."
        ) from None
