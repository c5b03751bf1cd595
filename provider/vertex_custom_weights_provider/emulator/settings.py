"""What an emulator is started with; nothing here is stored in the state file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

DEFAULT_DEPLOY_SECONDS = 3.0
DEFAULT_OPERATION_SECONDS = 0.3


class Settings(msgspec.Struct, frozen=True):
    """Where the state lives and how long things take.

    Attributes:
        state: The SQLite file; created with its folder when missing.
        buckets: Bucket name to the local folder that plays it.
        deploy_seconds: Virtual seconds a model deployment takes; None means the default of 3.
        operation_seconds: Virtual seconds every other operation takes; None means 0.3.
        dedicated_endpoints: Whether endpoints get their own DNS name unless told otherwise. Without
            it every public endpoint is served from the shared host, which suits clients that
            insist on https for a dedicated name.
        scenario: A scenario file (see `vcw emulator serve --scenario`), or None.
        validate_responses: Check every answer against the published contract; for tests.
        dialects: Statements to be turned round, by name; see `dialects.json`.
        access_log: Whether a served emulator prints one line per request.
    """

    state: Path
    buckets: Mapping[str, Path] = msgspec.field(default_factory=dict[str, Path])
    deploy_seconds: float | None = None
    operation_seconds: float | None = None
    dedicated_endpoints: bool = True
    scenario: Path | None = None
    validate_responses: bool = False
    dialects: tuple[str, ...] = ()
    access_log: bool = False

    @property
    def deploy_duration(self) -> float:
        """Seconds a deployment takes."""
        return DEFAULT_DEPLOY_SECONDS if self.deploy_seconds is None else self.deploy_seconds

    @property
    def operation_duration(self) -> float:
        """Seconds any other operation takes; never longer than a deployment."""
        if self.operation_seconds is not None:
            return self.operation_seconds
        return min(DEFAULT_OPERATION_SECONDS, self.deploy_duration)
