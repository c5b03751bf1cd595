"""Credentials: which ones, and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.preflight.deployment.questions import JsonRest

from .check import Check, get

if TYPE_CHECKING:
    from vertex_custom_weights_provider.settings import CredentialSettings

_USERINFO = "https://www.googleapis.com/oauth2/v2/userinfo"
_ABOUT = "credentials"


class Identity(Protocol):
    """Supplies the headers of requests, and knows whose they are where that can be known."""

    def headers(self) -> object:
        """Return the headers; getting them is the check."""
        ...

    def principal(self) -> str:
        """Return the account's e-mail address; "" when the credentials do not know it."""
        ...


def check_credentials(
    settings: CredentialSettings, identity: Identity, rest: JsonRest
) -> tuple[Check, str]:
    """Return whether there are usable credentials, and who they belong to ("" when unknown)."""
    try:
        identity.headers()
    except errors.ConfigurationError as error:
        login = "gcloud auth application-default login"
        return Check(_ABOUT, "problem", str(error), (login,)), ""
    except errors.VcwError as error:
        return Check(_ABOUT, "unknown", f"No answer: {error}"), ""
    who = identity.principal() or _asked(rest)
    whose = f"as {who}" if who else "of an account that they do not name"
    return Check(_ABOUT, "ok", f"{settings.source}, {whose}."), who


def _asked(rest: JsonRest) -> str:
    try:
        return str(get(rest, _USERINFO).get("email", ""))
    except errors.VcwError:
        return ""  # tokens for the cloud alone may not ask


def member(who: str) -> str:
    """Return the account in the words of an IAM policy; a placeholder when it is not known."""
    if not who:
        return "user:YOU"
    kind = "serviceAccount" if who.endswith(".gserviceaccount.com") else "user"
    return f"{kind}:{who}"
