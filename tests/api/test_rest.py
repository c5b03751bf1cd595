"""The REST seam: what is repeated, how tokens are renewed, and what each refusal becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.rest import Rest

from ..support.transport import Beneath
from .test_operations_wait import FakeClock

URL = "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/locations/l/endpoints/e"
Answer = httpx.Response | Exception


class Tokens:
    """Gives a new token each time one is to be renewed."""

    def __init__(self) -> None:
        self.count = 1

    def headers(self, *, renew: bool = False) -> Mapping[str, str]:
        self.count += renew
        return {"Authorization": f"Bearer token-{self.count}"}


class Script:
    """Answers requests one by one, as told."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.seen: list[httpx.Request] = []
        self.clock = FakeClock()
        http = Beneath(self._answer)
        self.rest = Rest(http, Tokens(), self.clock)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def answer(status: int, **body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def refusal(status: int, name: str = "", **error: Any) -> httpx.Response:
    return answer(status, error={"code": status, "message": "no", "status": name, **error})


OK = {"name": "e"}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_read_is_repeated_after_a_passing_refusal(status: int) -> None:
    script = Script(refusal(status), refusal(status), answer(200, **OK))
    assert script.rest.get_json(URL) == OK
    assert len(script.seen) == 3
    assert script.clock.time > 0


@pytest.mark.parametrize("error", [httpx.ReadError("x"), httpx.ConnectTimeout("x")])
def test_a_read_is_repeated_after_a_broken_connection(error: Exception) -> None:
    script = Script(error, answer(200, **OK))
    assert script.rest.get_json(URL) == OK


def test_a_request_that_may_have_been_carried_out_is_sent_once() -> None:
    script = Script(httpx.ReadError("gone"))
    with pytest.raises(errors.NoAnswer, match="POST .*endpoints/e"):
        script.rest.send("POST", URL, body={})
    assert len(script.seen) == 1


def test_a_refused_post_is_not_repeated() -> None:
    script = Script(refusal(503, "UNAVAILABLE"))
    with pytest.raises(errors.Unavailable):
        script.rest.send("POST", URL, body={})
    assert len(script.seen) == 1


def test_an_outage_ends_after_a_bounded_number_of_tries() -> None:
    script = Script(*[refusal(503) for _ in range(20)])
    with pytest.raises(errors.Unavailable):
        script.rest.get_json(URL)
    assert len(script.seen) == 6
    assert script.clock.time < 10


def test_an_expired_token_is_renewed_once() -> None:
    script = Script(refusal(401, "UNAUTHENTICATED"), answer(200, **OK))
    assert script.rest.get_json(URL) == OK
    sent = [request.headers["Authorization"] for request in script.seen]
    assert sent == ["Bearer token-1", "Bearer token-2"]


def test_a_token_that_stays_refused_is_an_error_and_not_in_its_message() -> None:
    script = Script(refusal(401, "UNAUTHENTICATED"), refusal(401, "UNAUTHENTICATED"))
    with pytest.raises(errors.Unauthenticated) as failed:
        script.rest.get_json(URL)
    assert "token-" not in str(failed.value)


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        (400, "INVALID_ARGUMENT", errors.InvalidArgument),
        (400, "FAILED_PRECONDITION", errors.FailedPrecondition),
        (401, "UNAUTHENTICATED", errors.Unauthenticated),
        (403, "PERMISSION_DENIED", errors.PermissionDenied),
        (404, "NOT_FOUND", errors.NotFound),
        (409, "ALREADY_EXISTS", errors.AlreadyExists),
        (409, "ABORTED", errors.Aborted),
        (412, "", errors.ConditionNotMet),
        (429, "RESOURCE_EXHAUSTED", errors.ResourceExhausted),
        (499, "CANCELLED", errors.ApiError),
        (500, "INTERNAL", errors.Unavailable),
        (501, "UNIMPLEMENTED", errors.Unavailable),
        (503, "UNAVAILABLE", errors.Unavailable),
        (504, "DEADLINE_EXCEEDED", errors.Unavailable),
    ],
)
def test_each_refusal_has_a_class_of_its_own(
    status: int, name: str, kind: type[errors.ApiError]
) -> None:
    with pytest.raises(errors.ApiError) as failed:
        # Twice, because a 401 is answered with a fresh token first.
        Script(refusal(status, name), refusal(status, name)).rest.send("POST", URL)
    assert type(failed.value) is kind
    assert failed.value.http_status == status
    assert str(failed.value).startswith(f"{name or f'HTTP {status}'}: no")


def test_the_reason_and_its_details_are_kept() -> None:
    details = [
        {"@type": "type.googleapis.com/google.rpc.Help"},
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "SERVICE_DISABLED",
            "metadata": {"service": "aiplatform.googleapis.com"},
        },
    ]
    with pytest.raises(errors.PermissionDenied) as failed:
        Script(refusal(403, "PERMISSION_DENIED", details=details)).rest.send("POST", URL)
    assert failed.value.reason == "SERVICE_DISABLED"
    assert failed.value.metadata == {"service": "aiplatform.googleapis.com"}


def test_compute_names_its_reason_in_a_list() -> None:
    listed = [{"reason": "resourceInUseByAnotherResource", "message": "no", "domain": "global"}]
    script = Script(answer(400, error={"code": 400, "message": "no", "errors": listed}))
    with pytest.raises(errors.InvalidArgument) as failed:
        script.rest.send("POST", URL)
    assert failed.value.status == "resourceInUseByAnotherResource"


def compute_refusal(reason: str) -> httpx.Response:
    listed = [{"reason": reason, "message": "no", "domain": "usageLimits"}]
    return answer(403, error={"code": 403, "message": "no", "errors": listed})


def test_a_spent_compute_quota_is_not_taken_for_a_missing_right() -> None:
    with pytest.raises(errors.ResourceExhausted):
        Script(compute_refusal("quotaExceeded")).rest.send("POST", URL, idempotent=True)


def test_too_many_compute_requests_are_made_again() -> None:
    script = Script(compute_refusal("rateLimitExceeded"), answer(200, **OK))
    assert script.rest.send("POST", URL, idempotent=True) == OK


def test_a_streaming_method_wraps_its_error_in_a_list() -> None:
    error = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}
    script = Script(httpx.Response(429, json=[error]))
    with pytest.raises(errors.ResourceExhausted, match="slow down"):
        script.rest.send("POST", URL)


@pytest.mark.parametrize(
    "content", [b"<html>Bad Gateway</html>", b"", b'"text"', b'{"error": "x"}']
)
def test_an_answer_without_an_envelope_is_still_an_error_with_its_status(content: bytes) -> None:
    with pytest.raises(errors.Unavailable) as failed:
        Script(httpx.Response(502, content=content)).rest.send("POST", URL)
    assert failed.value.http_status == 502


def test_an_answer_that_is_no_json_is_no_answer() -> None:
    script = Script(httpx.Response(200, content=b"<html>Sign in to the Wi-Fi</html>"))
    with pytest.raises(errors.NoAnswer, match="not JSON"):
        script.rest.send("POST", URL)


def test_a_read_that_a_gateway_answers_is_repeated() -> None:
    script = Script(httpx.Response(200, content=b"<html>Sign in</html>"), answer(200, **OK))
    assert script.rest.get_json(URL) == OK


def test_an_unreadable_answer_to_a_change_does_not_repeat_it() -> None:
    script = Script(httpx.Response(200, content=b'{"name": '), answer(200, **OK))
    with pytest.raises(errors.NoAnswer):
        script.rest.send("POST", URL)
    assert len(script.seen) == 1


def test_messages_hold_neither_host_nor_query() -> None:
    with pytest.raises(errors.NotFound) as failed:
        Script(refusal(404, "NOT_FOUND")).rest.send("GET", URL, params={"key": "secret"})
    assert failed.value.call == "GET /v1beta1/projects/p/locations/l/endpoints/e"


def test_the_same_request_id_is_sent_on_every_try() -> None:
    script = Script(httpx.ReadError("x"), answer(200, **OK))
    script.rest.send("POST", URL, params={"requestId": "1"}, idempotent=True)
    assert [request.url.params["requestId"] for request in script.seen] == ["1", "1"]


def test_a_cancellation_ends_the_retries() -> None:
    script = Script(refusal(503), refusal(503))

    def cancelled(_: float) -> None:
        raise errors.Cancelled("cancelled")

    script.clock.sleep = cancelled
    with pytest.raises(errors.Cancelled):
        script.rest.get_json(URL)


def test_a_refused_stream_is_read_for_its_reason() -> None:
    script = Script(refusal(404, "NOT_FOUND"))
    with pytest.raises(errors.NotFound):
        list(script.rest.stream(URL, {}))


def test_a_stream_gives_lines_as_they_come() -> None:
    script = Script(httpx.Response(200, content=b"data: a\n\ndata: [DONE]\n"))
    assert list(script.rest.stream(URL, {})) == ["data: a", "", "data: [DONE]"]
