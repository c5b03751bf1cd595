"""`vcw query`: which endpoint is asked, how, and what is said when nobody answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from vertex_custom_weights_provider import backend
from vertex_custom_weights_provider.api.clock import SystemClock
from vertex_custom_weights_provider.api.rest import Rest
from vertex_custom_weights_provider.api.vertex import VertexClient
from vertex_custom_weights_provider.cli import main, pulumi_cli
from vertex_custom_weights_provider.cli.query import query

from ..support.transport import Beneath

NAME = "projects/p/locations/us-central1/endpoints/chat"
PRIVATE = {"openai_base_url": f"http://10.0.0.7/v1beta1/{NAME}"}
PUBLIC = {"openai_base_url": f"https://chat.us-central1-1.prediction.vertexai.goog/v1beta1/{NAME}"}


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
        rest = Rest(Beneath(self._serve), Token(), SystemClock())
        vertex = VertexClient(rest)
        clients = SimpleNamespace(storage_rest=rest, vertex=vertex)
        monkeypatch.setattr(backend, "connect", lambda *_: clients)
        monkeypatch.setattr(pulumi_cli, "run", self._pulumi)

    def run(self, *options: str) -> Any:
        return self.ask("hello", *options)

    def ask(self, *arguments: str, stdin: str = "") -> Any:
        app = typer.Typer()
        app.command()(query)
        return CliRunner().invoke(app, arguments, input=stdin)

    @property
    def body(self) -> Any:
        (request,) = self.requests
        return json.loads(request.content)

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


def test_an_answer_does_not_steer_the_terminal_or_the_build(asked: Asked) -> None:
    said = "\x1b]0;owned\x07\n::error title=x::y\nplain"
    asked.answer = lambda: httpx.Response(200, json={"choices": [{"message": {"content": said}}]})
    done = CliRunner().invoke(main.app, ["query", "hello"])

    assert done.stdout == "\\u001b]0;owned\\u0007\n: :error title=x::y\nplain\n"


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


ELSEWHERE = {"openai_base_url": f"https://chat.internal.example/v1beta1/{NAME}"}


@pytest.mark.parametrize("status", [401, 403])
def test_token_goes_to_google_only_and_a_refusal_says_so(asked: Asked, status: int) -> None:
    asked.outputs = ELSEWHERE
    asked.answer = lambda: httpx.Response(status, json={"error": {"message": "no"}})
    done = asked.run()

    assert all("Authorization" not in request.headers for request in asked.requests)
    assert "No token was sent to chat.internal.example" in done.output
    assert "--send-token" in done.output


def test_token_goes_elsewhere_when_it_is_told_to(asked: Asked) -> None:
    asked.outputs = ELSEWHERE
    assert asked.run("--send-token").exit_code == 0
    assert asked.requests[0].headers["Authorization"] == "Bearer precious"


def test_token_never_travels_unencrypted_even_when_told_to(asked: Asked) -> None:
    asked.run("--send-token")
    assert "Authorization" not in asked.requests[0].headers


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
    assert asked.requests[0].url.host == "chat.us-central1-1.prediction.vertexai.goog"


def test_stack_without_endpoints_is_told_to_go_up_first(asked: Asked) -> None:
    asked.outputs = {}
    assert "Run `pulumi up` first" in asked.run().output


def test_stack_that_exports_an_endpoint_under_other_names_is_told_which_ones_count(
    asked: Asked,
) -> None:
    asked.outputs = {"chat": PRIVATE["openai_base_url"]}
    told = asked.run().output
    assert "Export one's `endpoint_name` and `openai_base_url` under these names" in told


def test_endpoint_without_an_address_says_what_is_missing(asked: Asked) -> None:
    asked.outputs = {"endpoints": {"chat": {"openai_base_url": ""}}}
    done = asked.run()

    assert done.exit_code == 1
    assert "no network is connected to it" in done.output


def test_system_prompt_and_temperature_go_along(asked: Asked) -> None:
    asked.run("--system", "Be brief.", "--temperature", "0")

    assert asked.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello"},
    ]
    assert asked.body["temperature"] == 0


def test_prompt_is_read_from_standard_input(asked: Asked) -> None:
    asked.ask("-", stdin="a long question")
    assert asked.body["messages"] == [{"role": "user", "content": "a long question"}]


INSTANCES = '[{"prompt": "hello"}]'


@pytest.mark.parametrize("how", ["argument", "file", "stdin"])
def test_predict_takes_instances_from_argument_file_or_stdin(
    asked: Asked, tmp_path: Path, how: str
) -> None:
    (tmp_path / "body.json").write_text(INSTANCES)
    given = {"argument": INSTANCES, "file": str(tmp_path / "body.json"), "stdin": "-"}[how]
    asked.answer = lambda: httpx.Response(200, json={"predictions": ["hello yourself"]})
    done = asked.ask("--predict", given, stdin=INSTANCES)

    assert str(asked.requests[0].url) == f"{PRIVATE['openai_base_url']}:predict"
    assert asked.body == {"instances": [{"prompt": "hello"}]}
    assert json.loads(done.output) == {"predictions": ["hello yourself"]}


@pytest.mark.parametrize(
    ("option", "method"),
    [("--raw-predict", "rawPredict"), ("--stream-raw-predict", "streamRawPredict")],
)
def test_raw_answer_is_passed_on_as_it_comes(asked: Asked, option: str, method: str) -> None:
    asked.answer = lambda: httpx.Response(200, text="not JSON\nat all\n")
    done = asked.ask(option, '{"prompt": "hello"}')

    assert str(asked.requests[0].url) == f"{PRIVATE['openai_base_url']}:{method}"
    assert asked.body == {"prompt": "hello"}
    assert (done.exit_code, done.output) == (0, "not JSON\nat all\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Give one thing to ask"),
        (("hello", "--predict", INSTANCES), "Give one thing to ask"),
        (("--predict", "missing.json"), "missing.json: No such file"),
        (("--predict", INSTANCES, "--stream"), "--stream: for prompts only"),
        (("--raw-predict", "[1]"), "--raw-predict takes a JSON object, not list"),
        (("--predict", "{"), "The body in the argument is not JSON"),
    ],
)
def test_unclear_question_is_not_asked(asked: Asked, arguments: tuple[str, ...], told: str) -> None:
    done = asked.ask(*arguments)

    assert done.exit_code == 1
    assert told in done.output
    assert asked.requests == []


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "gcloud auth application-default login"),
        (403, "roles/aiplatform.user"),
        (404, "pulumi refresh"),
        (429, "replicas.max"),
        (503, "Replicas may be starting"),
    ],
)
def test_refusal_ends_with_what_to_do(asked: Asked, status: int, told: str) -> None:
    asked.answer = lambda: httpx.Response(status, json={"error": {"message": "no"}})
    assert told in asked.run().output


def test_address_of_an_endpoint_alone_is_worked_out(asked: Asked) -> None:
    asked.outputs = {"endpoint_name": NAME, "psc_ip_address": "10.0.0.9"}
    answers = iter([httpx.Response(503, json={}), asked.answer()])
    asked.answer = lambda: next(answers, httpx.Response(503, json={}))
    asked.run()
    assert str(asked.requests[-1].url).startswith(f"http://10.0.0.9/v1beta1/{NAME}/chat")


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ({"dedicatedEndpointDns": "chat.prediction.example"}, "chat.prediction.example"),
        ({}, "us-central1-aiplatform.googleapis.com"),
    ],
)
def test_endpoint_without_known_host_is_looked_up(
    asked: Asked, endpoint: dict[str, str], host: str
) -> None:
    asked.outputs = {"endpoint_name": NAME}
    answers = iter([httpx.Response(200, json={"name": NAME, **endpoint}), asked.answer()])
    asked.answer = lambda: next(answers)
    done = asked.run()

    assert done.output == "hello yourself\n"
    assert asked.requests[-1].url.host == host


def test_private_endpoint_that_nobody_is_connected_to_says_so(asked: Asked) -> None:
    asked.outputs = {"endpoint_name": NAME}
    private = {"name": NAME, "privateServiceConnectConfig": {"enablePrivateServiceConnect": True}}
    asked.answer = lambda: httpx.Response(200, json=private)
    assert "no network is connected to it" in asked.run().output


def test_endpoints_that_a_program_exports_one_by_one_are_found(asked: Asked) -> None:
    asked.outputs = {"one": PRIVATE, "two": PUBLIC, "other": {"size": 1}}
    assert asked.run("--endpoint", "one").exit_code == 0


@pytest.mark.parametrize("outputs", [PRIVATE, PUBLIC])
def test_shown_question_is_not_asked_and_holds_no_token(
    asked: Asked, outputs: dict[str, str]
) -> None:
    asked.outputs = outputs
    done = asked.run("--show", "--stream")

    assert asked.requests == []
    assert "precious" not in done.output
    assert f"curl --no-buffer {outputs['openai_base_url']}/chat/completions" in done.output
    assert ("gcloud auth print-access-token" in done.output) == (outputs is PUBLIC)
    compile(done.output.partition("openai:")[2], "shown", "exec")


def test_shown_question_of_another_kind_is_for_curl(asked: Asked) -> None:
    done = asked.ask("--predict", INSTANCES, "--show")
    assert done.output.startswith(f"curl {PRIVATE['openai_base_url']}:predict")
    assert "openai." not in done.output


def test_a_deployment_that_sleeps_is_asked_again_until_it_answers(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    message = "Model is not yet ready for inference. Please wait and then try your request again."
    refused = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": message}}
    answers = iter([httpx.Response(429, json=refused), asked.answer()])
    asked.answer = lambda: next(answers)
    done = asked.run()
    assert done.exit_code == 0
    assert "has scaled to zero" in done.output
    assert done.output.endswith("hello yourself\n")
    assert len(asked.requests) == 2
