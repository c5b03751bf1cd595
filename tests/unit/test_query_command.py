"""`vcw query`: which endpoint is asked, how, and what is said when nobody answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from vertex_custom_weights_provider import cloud
from vertex_custom_weights_provider.cli import pulumi_cli
from vertex_custom_weights_provider.cli.query import query
from vertex_custom_weights_provider.clock import SystemClock
from vertex_custom_weights_provider.rest import Rest

NAME = "projects/p/locations/us-central1/endpoints/chat"
PRIVATE = {"openai_base_url": f"http://10.0.0.7/v1beta1/{NAME}"}
PUBLIC = {"openai_base_url": f"https://chat.example-dns.goog/v1beta1/{NAME}"}


class Token:
    """Credentials that would be noticed."""

    def headers(self, *, renew: bool = False) -> dict[str, str]:
        del renew
        return {"Authorization": "Bearer precious"}


class Asked:
    """The command, with a stack and an endpoint made up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.outputs: dict[str, Any] = PRIVATE
        self.requests: list[httpx.Request] = []
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(
            200, json={"choices": [{"message": {"content": "hello yourself"}}]}
        )
        rest = Rest(
            httpx.Client(transport=httpx.MockTransport(self._serve)), Token(), SystemClock()
        )
        monkeypatch.setattr(cloud, "connect", lambda *_: SimpleNamespace(storage_rest=rest))
        monkeypatch.setattr(pulumi_cli, "run", self._pulumi)

    def run(self, *options: str) -> Any:
        app = typer.Typer()
        app.command()(query)
        return CliRunner().invoke(app, ["hello", *options])

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer()

    def _pulumi(self, _project: Any, _stack: str, verb: str, *_: str) -> str:
        return json.dumps(self.outputs if verb == "stack" else {})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


def stream(*events: Any) -> httpx.Response:
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return httpx.Response(200, text="".join([*lines, "data: [DONE]\n\n"]))


def piece(text: str | None) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": text}}]}


def test_answer_is_printed_and_nothing_else(asked: Asked) -> None:
    done = asked.run()
    assert (done.exit_code, done.output) == (0, "hello yourself\n")


def test_question_goes_to_the_chat_completions_of_the_endpoint(asked: Asked) -> None:
    asked.run("--max-tokens", "9")

    (request,) = asked.requests
    assert str(request.url) == f"{PRIVATE['openai_base_url']}/chat/completions"
    body = json.loads(request.content)
    assert body["messages"] == [{"role": "user", "content": "hello"}]
    assert body["max_tokens"] == 9


def test_token_goes_to_an_encrypted_address(asked: Asked) -> None:
    asked.outputs = PUBLIC
    asked.run()
    assert asked.requests[0].headers["Authorization"] == "Bearer precious"


@pytest.mark.parametrize("options", [[], ["--stream"]])
def test_token_never_travels_unencrypted(asked: Asked, options: list[str]) -> None:
    asked.answer = lambda: stream(piece("a")) if options else httpx.Response(503)
    asked.run(*options)
    assert "Authorization" not in asked.requests[0].headers


def test_streamed_pieces_make_the_answer(asked: Asked) -> None:
    asked.answer = lambda: stream(piece("hello "), piece(None), piece("yourself"))
    assert asked.run("--stream").output == "hello yourself\n"


def test_stream_that_ends_in_an_error_fails(asked: Asked) -> None:
    asked.answer = lambda: stream(piece("hello "), {"error": {"message": "out of memory"}})
    done = asked.run("--stream")

    assert done.exit_code == 1
    assert "out of memory" in done.output


@pytest.mark.parametrize("options", [[], ["--stream"]])
def test_endpoint_out_of_reach_is_explained(asked: Asked, options: list[str]) -> None:
    def refuse() -> httpx.Response:
        raise httpx.ConnectTimeout("timed out")

    asked.answer = refuse
    done = asked.run(*options)

    assert done.exit_code == 1
    assert "No answer from 10.0.0.7" in done.output
    assert "inside the networks that are connected to it" in done.output


def test_connection_that_breaks_in_the_middle_of_a_stream_fails(asked: Asked) -> None:
    def halves() -> Iterator[bytes]:
        yield f"data: {json.dumps(piece('hello'))}\n\n".encode()
        raise httpx.ReadError("reset")

    asked.answer = lambda: httpx.Response(200, content=halves())
    done = asked.run("--stream")

    assert done.exit_code == 1
    assert done.output.startswith("hello")


def test_refusal_is_told_in_googles_words(asked: Asked) -> None:
    error = {"error": {"code": 403, "message": "Permission denied", "status": "PERMISSION_DENIED"}}
    asked.answer = lambda: httpx.Response(403, json=error)
    done = asked.run()

    assert done.exit_code == 1
    assert "PERMISSION_DENIED: Permission denied" in done.output


def test_one_endpoint_of_several_has_to_be_chosen(asked: Asked) -> None:
    asked.outputs = {"endpoints": {"one": PRIVATE, "two": PUBLIC}}

    assert "Choose one with --endpoint" in asked.run().output
    assert "It has: one, two" in asked.run("--endpoint", "three").output
    assert asked.run("--endpoint", "two").exit_code == 0
    assert asked.requests[0].url.host == "chat.example-dns.goog"


def test_stack_without_endpoints_is_told_to_go_up_first(asked: Asked) -> None:
    asked.outputs = {}
    assert "Run `pulumi up` first" in asked.run().output


def test_endpoint_without_an_address_says_what_is_missing(asked: Asked) -> None:
    asked.outputs = {"endpoints": {"chat": {"openai_base_url": ""}}}
    done = asked.run()

    assert done.exit_code == 1
    assert "no network is connected to it" in done.output
