"""Where access tokens come from, and that they stay there."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import google.auth
import pytest
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

from vertex_custom_weights_provider.adapter import registry
from vertex_custom_weights_provider.api import credentials as credentials_module
from vertex_custom_weights_provider.api.credentials import Anonymous, GoogleAuth
from vertex_custom_weights_provider.errors import ConfigurationError, NoAnswer, NoCredentials
from vertex_custom_weights_provider.settings import CredentialSettings

SECRET = "ya29.very-secret"


class Credentials:
    """Stands in for what google-auth would find."""

    def __init__(self, token: str = "adc", *, valid: bool = True, fails: bool = False) -> None:  # noqa: S107
        self.token, self.valid, self.fails = token, valid, fails
        self.refreshed = 0

    def refresh(self, request: Any) -> None:
        if self.fails:
            raise RefreshError(f"no refresh token for {SECRET}")
        self.refreshed += 1
        self.valid, self.token = True, f"adc-{self.refreshed}"


def resolve(config: dict[str, str] | None = None, **environ: str) -> CredentialSettings:
    return CredentialSettings.resolve(config or {}, environ)


@pytest.mark.parametrize(
    ("config", "environ", "expected"),
    [
        ({}, {"GOOGLE_OAUTH_ACCESS_TOKEN": "e"}, "e"),
        ({"gcp:accessToken": "c"}, {}, "c"),
        ({"gcp:accessToken": "c"}, {"GOOGLE_OAUTH_ACCESS_TOKEN": "e"}, "e"),
        ({}, {}, ""),
    ],
)
def test_a_given_token_comes_first(
    config: dict[str, str], environ: dict[str, str], expected: str
) -> None:
    assert resolve(config, **environ).access_token == expected


def test_a_given_token_is_used_without_asking_google(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google.auth, "default", lambda **_: pytest.fail("asked for ADC"))
    auth = GoogleAuth(resolve({"gcp:credentials": "{}"}, GOOGLE_OAUTH_ACCESS_TOKEN=SECRET))
    assert auth.headers() == {"Authorization": f"Bearer {SECRET}"}


def test_a_configured_key_comes_before_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def load(info: Any, scopes: Any) -> tuple[Any, None]:
        seen.append(info)
        return Credentials("key"), None

    monkeypatch.setattr(google.auth, "load_credentials_from_dict", load)
    auth = GoogleAuth(resolve({"gcp:credentials": '{"type": "service_account"}'}))
    assert auth.headers()["Authorization"] == "Bearer key"
    assert seen == [{"type": "service_account"}]


def test_a_key_may_be_given_by_its_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps({"type": "authorized_user"}))
    seen: list[Any] = []
    monkeypatch.setattr(
        google.auth,
        "load_credentials_from_dict",
        lambda info, scopes: (seen.append(info) or Credentials(), None),
    )
    GoogleAuth(resolve({"gcp:credentials": str(key)})).headers()
    assert seen == [{"type": "authorized_user"}]


def test_the_defaults_come_last_and_are_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Credentials] = []

    def default(scopes: Any) -> tuple[Any, None]:
        found.append(Credentials())
        return found[-1], None

    monkeypatch.setattr(google.auth, "default", default)
    auth = GoogleAuth(resolve())
    assert auth.headers() == auth.headers() == {"Authorization": "Bearer adc"}
    assert len(found) == 1


def test_an_expired_token_is_renewed_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = Credentials(valid=False)
    monkeypatch.setattr(google.auth, "default", lambda scopes: (credentials, None))
    auth = GoogleAuth(resolve())
    assert auth.headers()["Authorization"] == "Bearer adc-1"
    assert auth.headers()["Authorization"] == "Bearer adc-1"
    assert auth.headers(renew=True)["Authorization"] == "Bearer adc-2"


def test_impersonation_is_put_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    from google.auth import impersonated_credentials

    source = Credentials()
    seen: dict[str, Any] = {}

    def impersonated(**options: Any) -> Credentials:
        seen.update(options)
        return Credentials("robot")

    monkeypatch.setattr(google.auth, "default", lambda scopes: (source, None))
    monkeypatch.setattr(impersonated_credentials, "Credentials", impersonated)
    auth = GoogleAuth(resolve({"gcp:impersonateServiceAccount": "robot@p"}))
    assert auth.headers()["Authorization"] == "Bearer robot"
    assert seen["source_credentials"] is source
    assert seen["target_principal"] == "robot@p"


def test_the_quota_project_travels_with_every_request() -> None:
    settings = resolve({"gcp:billingProject": "pays", "gcp:accessToken": "t"})
    assert GoogleAuth(settings).headers()["x-goog-user-project"] == "pays"


def test_a_quota_project_of_the_credentials_themselves_travels_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credentials: Any = Credentials()
    credentials.quota_project_id = "mine"
    monkeypatch.setattr(google.auth, "default", lambda scopes: (credentials, None))
    assert GoogleAuth(resolve()).headers()["x-goog-user-project"] == "mine"
    configured = GoogleAuth(resolve({"gcp:billingProject": "pays"}))
    assert configured.headers()["x-goog-user-project"] == "pays"


@pytest.mark.parametrize(
    "name", ["GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON"]
)
def test_a_key_may_come_from_the_environment_but_the_stack_comes_first(name: str) -> None:
    assert resolve(**{name: "{}"}).credentials == "{}"
    assert resolve({"gcp:credentials": "stack"}, **{name: "{}"}).credentials == "stack"


@pytest.mark.parametrize("name", ["GOOGLE_BILLING_PROJECT", "GOOGLE_CLOUD_QUOTA_PROJECT"])
def test_the_quota_project_may_come_from_the_environment(name: str) -> None:
    assert resolve(**{name: "pays"}).quota_project == "pays"
    assert resolve({"gcp:billingProject": "stack"}, **{name: "pays"}).quota_project == "stack"


def test_impersonation_that_is_not_allowed_names_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Credentials(valid=False, fails=True)
    monkeypatch.setattr(credentials_module, "_load", lambda settings: broken)
    auth = GoogleAuth(resolve({"gcp:impersonateServiceAccount": "robot@p"}))
    with pytest.raises(NoCredentials, match="robot@p cannot.*serviceAccountTokenCreator") as failed:
        auth.headers()
    assert SECRET not in str(failed.value)


def test_expired_defaults_are_told_from_absent_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Credentials(valid=False, fails=True)
    monkeypatch.setattr(google.auth, "default", lambda scopes: (broken, None))
    with pytest.raises(NoCredentials, match="have expired and cannot be renewed"):
        GoogleAuth(resolve()).headers()


def test_a_renewal_that_nobody_answers_is_trouble_on_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Silent(Credentials):
        def refresh(self, request: Any) -> None:
            raise TransportError(f"could not send {SECRET}")

    monkeypatch.setattr(google.auth, "default", lambda scopes: (Silent(valid=False), None))
    with pytest.raises(NoAnswer) as silence:
        GoogleAuth(resolve()).headers()
    assert SECRET not in str(silence.value)


def test_without_credentials_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def default(scopes: Any) -> Any:
        raise DefaultCredentialsError("nothing found")

    monkeypatch.setattr(google.auth, "default", default)
    with pytest.raises(ConfigurationError, match="gcloud auth application-default login"):
        GoogleAuth(resolve()).headers()


def test_an_expired_fixed_token_is_said_to_be_one() -> None:
    auth = GoogleAuth(resolve(GOOGLE_OAUTH_ACCESS_TOKEN=SECRET))
    with pytest.raises(ConfigurationError, match="a fixed token cannot be renewed") as failed:
        auth.headers(renew=True)
    assert SECRET not in str(failed.value)


@pytest.mark.parametrize("key", ["/no/such/file.json", "{not json: " + SECRET])
def test_an_unusable_key_is_reported_without_its_text(key: str) -> None:
    with pytest.raises(ConfigurationError, match="neither a JSON key") as failed:
        GoogleAuth(resolve({"gcp:credentials": key})).headers()
    assert SECRET not in str(failed.value)
    assert failed.value.__cause__ is None


def test_a_failed_renewal_tells_nothing_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Credentials(valid=False, fails=True)
    monkeypatch.setattr(google.auth, "load_credentials_from_dict", lambda *_, **__: (broken, None))
    with pytest.raises(ConfigurationError) as failed:
        GoogleAuth(resolve({"gcp:credentials": "{}"})).headers()
    assert SECRET not in str(failed.value)


def test_secrets_do_not_show_in_a_representation() -> None:
    settings = resolve({"gcp:accessToken": SECRET, "gcp:credentials": SECRET})
    assert SECRET not in repr(settings)
    assert SECRET not in repr(GoogleAuth(settings))


def test_a_pickled_provider_holds_no_secret() -> None:
    provider: Any = registry.provider_for("vcw:m:Endpoint")
    provider._config = {"gcp:accessToken": SECRET}
    assert SECRET.encode() not in pickle.dumps(provider)


def test_the_emulator_is_asked_without_credentials() -> None:
    assert Anonymous().headers(renew=True) == {}
