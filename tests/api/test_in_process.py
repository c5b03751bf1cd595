"""An application of this process behaves as a server does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.wrappers import Request as Received
from werkzeug.wrappers import Response

from vertex_custom_weights_provider.api.in_process import InProcess
from vertex_custom_weights_provider.api.transport import Request


def application(answer: Callable[[Received], Response]) -> InProcess:
    return InProcess(lambda environ, start: answer(Received(environ))(environ, start))


def test_an_application_sees_the_request_that_was_sent() -> None:
    seen: list[Received] = []

    def answer(request: Received) -> Response:
        seen.append(request)
        return Response(request.get_data(), status=404)

    url = "https://us-aiplatform.googleapis.com/v1/é%2Fx:wait?a=%C3%A9&b"
    with application(answer).open(Request("POST", url, {"X-A": "b"}, b"body")) as given:
        assert (given.status, given.reason, given.read(100)) == (404, "NOT FOUND", b"body")
    (request,) = seen
    assert (request.method, request.host) == ("POST", "us-aiplatform.googleapis.com")
    assert (request.path, request.args["a"]) == ("/v1/é/x:wait", "é")
    assert request.headers["X-A"] == "b"
    assert request.is_secure


class Stream:
    """Counts what was taken of it."""

    def __init__(self) -> None:
        self.taken, self.closed = 0, False

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(10):
            self.taken += 1
            yield b"12345"

    def close(self) -> None:
        self.closed = True


def test_no_more_of_an_answer_is_taken_than_is_wanted_and_the_rest_is_closed() -> None:
    stream = Stream()
    way = application(lambda _: Response(stream))
    with way.open(Request("GET", "http://x/")) as given:
        assert given.read(7) == b"1234512"
    assert (stream.taken, stream.closed) == (2, True)


def test_pieces_come_one_by_one() -> None:
    stream = Stream()
    with application(lambda _: Response(stream)).open(Request("GET", "http://x/")) as given:
        assert next(given.pieces()) == b"12345"
        assert stream.taken == 1


def test_what_an_application_raises_is_raised_here() -> None:
    def lost(_: Any) -> Response:
        raise ConnectionResetError("lost")

    with pytest.raises(ConnectionResetError, match="lost"):
        application(lost).open(Request("GET", "http://x/"))
