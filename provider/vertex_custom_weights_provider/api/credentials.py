"""Where access tokens come from: the one place that knows.

In this order, the first that is set wins, as in pulumi-gcp: `GOOGLE_OAUTH_ACCESS_TOKEN` or
`gcp:accessToken`; `gcp:credentials` or GOOGLE_CREDENTIALS (a key, or the path of one); application
default credentials.
`gcp:impersonateServiceAccount` is applied on top. Resolved when first needed and renewed before
they expire, so a two-hour wait survives a one-hour token; a fixed token cannot be renewed.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertex_custom_weights_provider.errors import NoAnswer, NoCredentials
from vertex_custom_weights_provider.settings import CredentialSettings

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.network import Network

_TOKEN = re.compile(r"[!-~]+")
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
# Modules that import each other must not be entered by two threads at once, through different ones:
# Python lets each go on with the unfinished half of the other.
_LOADING = threading.Lock()


class Anonymous:
    """No credentials: what the emulator takes."""

    def headers(self, *, renew: bool = False) -> Mapping[str, str]:
        """Return no headers."""
        del renew
        return {}


class GoogleAuth:
    """Bearer headers from google-auth, shared by threads."""

    def __init__(self, settings: CredentialSettings, network: Network | None = None) -> None:
        """Take the settings; nothing is resolved before the first request.

        Args:
            settings: What was said about identity.
            network: How tokens are asked for; default one of its own.
        """
        self._settings = settings
        self._network = network
        self._lock = threading.Lock()
        self._credentials: Any = None

    def headers(self, *, renew: bool = False) -> Mapping[str, str]:
        """Return the authorisation headers, renewed when they are about to expire.

        Raises:
            NoCredentials: there are none, or they cannot be used.
            NoAnswer: nobody could be asked for a fresh token.
        """
        with _LOADING:
            from google.auth.exceptions import GoogleAuthError, TransportError

            from vertex_custom_weights_provider.api.network import Network
            from vertex_custom_weights_provider.api.token_requests import TokenRequests

        with self._lock:
            try:
                if self._credentials is None:
                    self._credentials = _load(self._settings)
                if renew or not self._credentials.valid:
                    self._network = self._network or Network()
                    self._credentials.refresh(TokenRequests(self._network))
            except TransportError:
                # The cause may repeat what was sent.
                message = "no answer from where access tokens are renewed"
                raise NoAnswer(message) from None
            except GoogleAuthError as error:
                raise NoCredentials(_explain(self._settings, error)) from None
            headers = {"Authorization": f"Bearer {self._credentials.token}"}
            own = getattr(self._credentials, "quota_project_id", None)
        if project := self._settings.quota_project or own:
            headers["x-goog-user-project"] = str(project)
        return headers

    def principal(self) -> str:
        """Return the account's e-mail address, once used; "" when credentials do not know it."""
        with self._lock:
            named = getattr(self._credentials, "service_account_email", "")
            person = getattr(self._credentials, "account", "")
        # A virtual machine's credentials are called "default" until they have been asked for.
        return next((str(who) for who in (named, person) if who and "@" in str(who)), "")


def _load(settings: CredentialSettings) -> Any:
    source = _source(settings)
    if not settings.impersonate:
        return source
    from google.auth import impersonated_credentials

    return impersonated_credentials.Credentials(
        source_credentials=source,
        target_principal=settings.impersonate,
        target_scopes=[_SCOPE],
    )


def _source(settings: CredentialSettings) -> Any:
    if settings.access_token:
        from google.oauth2.credentials import Credentials

        if not _TOKEN.fullmatch(settings.access_token):
            raise NoCredentials(
                "The access token (GOOGLE_OAUTH_ACCESS_TOKEN or gcp:accessToken) holds blanks or "
                "other characters that no token has. Supply the token alone, as "
                "`gcloud auth print-access-token` prints it."
            )
        return Credentials(token=settings.access_token)
    import google.auth

    auth: Any = google.auth  # google-auth is typed in part only
    if settings.credentials:
        return auth.load_credentials_from_dict(_key(settings), scopes=[_SCOPE])[0]
    return auth.default(scopes=[_SCOPE])[0]


def _key(settings: CredentialSettings) -> dict[str, Any]:
    text = settings.credentials.strip()
    try:
        if not text.startswith("{"):
            text = Path(text).expanduser().read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, ValueError):
        # Neither the text nor the cause is shown: either may hold the key.
        raise NoCredentials(
            "gcp:credentials is neither a JSON key nor the path of a readable one. "
            "Set it to one of them, or remove it to use application default credentials."
        ) from None


def _explain(settings: CredentialSettings, error: Exception) -> str:
    if settings.access_token:
        return (
            "The access token (GOOGLE_OAUTH_ACCESS_TOKEN or gcp:accessToken) has expired or is "
            "not accepted, and a fixed token cannot be renewed. Supply a fresh one and run again; "
            "what was started goes on at Google and is resumed."
        )
    if settings.impersonate:
        return (
            f"{settings.impersonate} cannot be impersonated ({type(error).__name__}). Grant "
            "roles/iam.serviceAccountTokenCreator on it to the account that runs Pulumi, or remove "
            "gcp:impersonateServiceAccount."
        )
    if settings.credentials:
        return f"The configured Google credentials cannot be used: {type(error).__name__}."
    if type(error).__name__ == "RefreshError":
        return (
            "Your Google credentials have expired and cannot be renewed. Run `gcloud auth "
            "application-default login` and run again; what was started goes on at Google and is "
            "resumed."
        )
    return (
        "No Google credentials found. Run `gcloud auth application-default login`, or set "
        "GOOGLE_OAUTH_ACCESS_TOKEN or `pulumi config set --secret gcp:credentials`. "
        "To try without an account, use `backend: emulator`."
    )
