"""What was sent in confidence is not said again, whoever repeats it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

import httpx
import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.credentials import GoogleAuth
from vertex_custom_weights_provider.api.redaction import HIDDEN, Hidden
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.settings import CredentialSettings

from ..support.transport import Beneath
from .test_operations_wait import FakeClock

URL = "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/locations/l:deploy"
TOKEN = "opaque-token-of-a-proxy-81e2"
HUGGING_FACE = "hf_tokenofacontainer"
BODY = {"containerSpec": {"env": [{"name": "HF", "value": HUGGING_FACE}]}, "replicas": [1]}
SAID = f"refused: Authorization: Bearer {TOKEN}; env HF={HUGGING_FACE}"


class Fixed:
    def headers(self, *, renew: bool = False) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {TOKEN}"}


def rest(answer: httpx.Response | Exception) -> Rest:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Rest(Beneath(handle), Fixed(), FakeClock())


def assert_clean(text: str) -> None:
    assert HIDDEN in text
    assert TOKEN not in text
    assert HUGGING_FACE not in text


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403, json={"error": {"code": 403, "message": SAID}}),
        httpx.Response(403, json=[{"error": {"code": 403, "message": SAID}}]),
        httpx.Response(403, json={"error": SAID}),
        httpx.Response(403, extensions={"reason_phrase": SAID.encode()}),
        httpx.LocalProtocolError(SAID),
    ],
    ids=["envelope", "list", "text", "reason", "broken"],
)
def test_a_refusal_that_repeats_the_request_is_told_without_its_secrets(
    answer: httpx.Response | Exception,
) -> None:
    with pytest.raises(errors.VcwError) as refused:
        rest(answer).send("POST", URL, body=BODY)
    assert_clean(str(refused.value))


def test_a_failed_operation_is_told_without_the_secrets_of_its_request() -> None:
    failed = {"name": "o", "done": True, "error": {"code": 7, "message": SAID}}
    assert_clean(
        rest(httpx.Response(200, json=failed)).send("POST", URL, body=BODY)["error"]["message"]
    )


def test_what_is_there_is_read_as_it_is() -> None:
    model = {"containerSpec": BODY["containerSpec"]}
    assert rest(httpx.Response(200, json=model)).send("PATCH", URL, body=BODY) == model


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "Bearer "])
def test_a_secret_is_hidden_in_base64_wherever_it_stands(before: str) -> None:
    hidden = Hidden()
    hidden.sent({"Authorization": f"Bearer {TOKEN}"}, None)
    told = hidden.without(f"sent {b64encode(f'{before}{TOKEN} and more'.encode()).decode()}")
    assert HIDDEN in told
    assert TOKEN[3:-3] not in told


@pytest.mark.parametrize(
    "text",
    [
        "authorization: bearer abcdef123456",
        "token ya29.a0AfH6-x_y.z",
        "assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_credential_is_hidden_without_being_known(text: str) -> None:
    assert Hidden().without(f"before {text} after").startswith("before")
    assert HIDDEN in Hidden().without(text)
    assert Hidden().without(f"{text} after").endswith(" after")


def test_short_values_of_the_environment_are_not_taken_for_secrets() -> None:
    hidden = Hidden()
    hidden.sent({}, {"env": [{"name": "WORKERS", "value": "1"}]})
    assert hidden.without("1 of 1 replicas") == "1 of 1 replicas"


def test_a_line_break_behind_a_token_is_no_part_of_it() -> None:
    settings = CredentialSettings.resolve({}, {"GOOGLE_OAUTH_ACCESS_TOKEN": f"{TOKEN}\n"})
    assert GoogleAuth(settings).headers() == {"Authorization": f"Bearer {TOKEN}"}


def test_a_token_that_no_header_can_hold_is_refused_without_being_shown() -> None:
    settings = CredentialSettings.resolve({"gcp:accessToken": f"{TOKEN}\nand more"}, {})
    with pytest.raises(errors.ConfigurationError, match="holds blanks") as refused:
        GoogleAuth(settings).headers()
    assert TOKEN not in str(refused.value)
