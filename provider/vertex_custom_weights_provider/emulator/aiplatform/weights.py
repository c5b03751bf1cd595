"""What the service looks at in a weights folder: config.json, to know the base model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.settings import Settings

_LARGEST_CONFIG = 1 << 20


def parse_uri(uri: str) -> tuple[str, str]:
    """Split a gs:// URI into bucket and prefix, or refuse it."""
    bucket, _, prefix = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not bucket:
        refuse(
            "INVALID_ARGUMENT", f"`gcs_uri` must be a Cloud Storage URI (gs://...), got {uri!r}."
        )
    return bucket, prefix.strip("/")


def read_config(settings: Settings, uri: str) -> Json | None:
    """Return the config.json of a weights folder; None when the emulator plays no buckets at all.

    Raises:
        ApiError: 400 when the folder, or a readable config.json in it, is missing.
    """
    bucket, prefix = parse_uri(uri)
    if not settings.buckets:
        return None
    root = settings.buckets.get(bucket)
    if root is None:
        refuse("INVALID_ARGUMENT", f"The specified bucket does not exist: {bucket}.")
    path = (root / prefix / "config.json").resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        refuse("INVALID_ARGUMENT", f"Could not find config.json in {uri}.")
    return _parse(path, uri)


def _parse(path: Path, uri: str) -> Json:
    try:
        with path.open("rb") as file:
            config: Any = json.loads(file.read(_LARGEST_CONFIG))
    except ValueError:
        config = None
    if not isinstance(config, dict) or "model_type" not in config:
        refuse("INVALID_ARGUMENT", f"{uri}/config.json does not describe a known model.")
    return cast("Json", config)
