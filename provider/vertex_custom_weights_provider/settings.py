"""Which cloud a run talks to, and as whom: what stack configuration and environment say."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider.errors import ConfigurationError
from vertex_custom_weights_provider.tokens import PACKAGE

NAMESPACE = "vertex-custom-weights"


@dataclass(frozen=True)
class Key:
    """One setting: its namespace in a Python program's stack, and what people are told of it.

    A plugin is told only what is below its own name, so there the same keys stand below `vcw:`.
    """

    namespace: str
    description: str
    secret: bool = False


KEYS: Mapping[str, Key] = {
    "backend": Key(NAMESPACE, "Where it runs: `google`, or `emulator`. Default `google`."),
    "emulatorState": Key(
        NAMESPACE, "State file of the embedded emulator. Default `.local/emulator.db`."
    ),
    "emulatorBuckets": Key(
        NAMESPACE,
        "Folders that the emulator serves as buckets: a JSON object of paths by bucket name.",
    ),
    "emulatorDeploySeconds": Key(
        NAMESPACE, "How many seconds an emulated deployment takes. Default 3."
    ),
    "emulatorUrl": Key(NAMESPACE, "Base URL of a served emulator, instead of the embedded one."),
    "takeOver": Key(
        NAMESPACE,
        "Whether to take over what another state of the same project and stack has made. "
        "Default false.",
    ),
    "project": Key("gcp", "Google Cloud project of resources that name none."),
    "region": Key("gcp", "Region of resources that name none."),
    "accessToken": Key("gcp", "OAuth access token to ask Google with.", secret=True),
    "credentials": Key("gcp", "Service account key as JSON, or the path of its file.", secret=True),
    "impersonateServiceAccount": Key("gcp", "Service account to act as."),
    "billingProject": Key("gcp", "Project that API quota is taken from."),
}
"""The settings of a stack, by key."""
DEFAULT_STATE = ".local/emulator.db"
DEFAULT_BUCKETS = {"local-weights": ".local/weights"}


def of_stack(config: Mapping[str, str]) -> dict[str, str]:
    """Return a stack's configuration as Python programs have it, of whichever form it is."""
    plugins = {
        f"{key.namespace}:{name}": config[f"{PACKAGE}:{name}"]
        for name, key in KEYS.items()
        if f"{PACKAGE}:{name}" in config
    }
    return {**config, **plugins}


@dataclass(frozen=True)
class CredentialSettings:
    """What the stack and the environment say about identity. Secrets stay out of `repr`."""

    access_token: str = field(default="", repr=False)
    credentials: str = field(default="", repr=False)
    impersonate: str = ""
    quota_project: str = ""

    @classmethod
    def resolve(cls, config: Mapping[str, str], environ: Mapping[str, str]) -> CredentialSettings:
        """Read the `gcp:*` configuration and Google's environment variables."""

        def first(*keys: str) -> str:
            # What comes from a file ends with a line break, which no header can hold.
            found = ((config.get(k) or environ.get(k) or "").strip() for k in keys)
            return next((value for value in found if value), "")

        return cls(
            access_token=first("GOOGLE_OAUTH_ACCESS_TOKEN", "gcp:accessToken"),
            credentials=first(
                "gcp:credentials",
                "GOOGLE_CREDENTIALS",
                "GOOGLE_CLOUD_KEYFILE_JSON",
                "GCLOUD_KEYFILE_JSON",
            ),
            impersonate=first(
                "gcp:impersonateServiceAccount", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"
            ),
            quota_project=first(
                "gcp:billingProject", "GOOGLE_BILLING_PROJECT", "GOOGLE_CLOUD_QUOTA_PROJECT"
            ),
        )

    @property
    def source(self) -> str:
        """Where the credentials come from, in words; never what they are."""
        if self.access_token:
            found = "An access token (GOOGLE_OAUTH_ACCESS_TOKEN or gcp:accessToken)"
        elif self.credentials:
            found = "The credentials in gcp:credentials or GOOGLE_CREDENTIALS"
        else:
            found = "Application default credentials"
        return f"{found}, impersonating" if self.impersonate else found


@dataclass(frozen=True)
class Settings:
    """Which cloud, and as whom.

    Attributes:
        backend: `google` or `emulator`.
        emulator_state: SQLite file of the embedded emulator, made absolute.
        emulator_buckets: Bucket name and folder, in pairs; default `local-weights`, the folder
            `.local/weights`, where there is one. With none the emulator takes every folder's name
            for granted.
        emulator_deploy_seconds: How long an emulated deployment takes; None for its default.
        emulator_url: Base URL of a served emulator, instead of the embedded one.
        take_over: Whether to take over what another state of the same stack has made.
        credentials: Identity, for Google.
    """

    backend: str = "google"
    emulator_state: str = DEFAULT_STATE
    emulator_buckets: tuple[tuple[str, str], ...] = ()
    emulator_deploy_seconds: float | None = None
    emulator_url: str = ""
    take_over: bool = False
    credentials: CredentialSettings = field(default_factory=CredentialSettings)

    @classmethod
    def resolve(
        cls,
        config: Mapping[str, str],
        environ: Mapping[str, str] | None = None,
        root: Path | None = None,
    ) -> Settings:
        """Read the settings from stack configuration (`namespace:key`) and environment.

        Args:
            config: The stack's configuration.
            environ: Environment variables; default the process's own.
            root: Folder that relative paths start from; default the working directory, which for
                a provider is the project's.

        Raises:
            ConfigurationError: a value cannot be used; the message names its key.
        """
        environ = os.environ if environ is None else environ

        def value(key: str, default: str = "") -> str:
            return str(config.get(f"{NAMESPACE}:{key}") or default)

        backend = value("backend", "google")
        if backend not in ("google", "emulator"):
            raise ConfigurationError(
                f"{NAMESPACE}:backend is {backend!r}; it must be google or emulator."
            )
        root = (root or Path()).absolute()
        state = root / Path(value("emulatorState", DEFAULT_STATE)).expanduser()
        return cls(
            backend=backend,
            emulator_state=str(state),
            emulator_buckets=_buckets(value("emulatorBuckets"), root),
            emulator_deploy_seconds=_seconds(value("emulatorDeploySeconds")),
            emulator_url=value("emulatorUrl").rstrip("/"),
            take_over=_switch("takeOver", value("takeOver", "false")),
            credentials=CredentialSettings.resolve(config, environ),
        )


def _switch(key: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ConfigurationError(f"{NAMESPACE}:{key} is {text!r}; it must be true or false.")
    return text.lower() == "true"


def _buckets(text: str, root: Path) -> tuple[tuple[str, str], ...]:
    try:
        buckets: Any = json.loads(text) if text else _default_buckets(root)
        pairs = {str(name): Path(str(folder)).expanduser() for name, folder in buckets.items()}
    except (ValueError, AttributeError):
        raise ConfigurationError(
            f"{NAMESPACE}:emulatorBuckets must be an object of bucket names and folders."
        ) from None
    return tuple(sorted((name, str(root / folder)) for name, folder in pairs.items()))


def _default_buckets(root: Path) -> Mapping[str, str]:
    return {name: folder for name, folder in DEFAULT_BUCKETS.items() if (root / folder).is_dir()}


def _seconds(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise ConfigurationError(
            f"{NAMESPACE}:emulatorDeploySeconds is {text!r}; it must be a number of seconds."
        ) from None
