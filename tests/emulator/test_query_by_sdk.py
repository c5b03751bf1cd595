"""`vcw query` through Google's SDK: what `--client sdk` asks, and the program `--show` prints."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli import pulumi_cli
from vertex_custom_weights_provider.cli.query import query

from .conftest import LOCATION, PRIVATE, deploy_body

NAME = f"{LOCATION}/endpoints/e1"
REGION = "projects/my-proj/regions/us-central1"
MARK = "# Python, with the package google-cloud-aiplatform:\n"
# A network in which the names and addresses of endpoints lead to the emulator. The SDK insists on
# https there, and an emulator on loopback has no certificate.
NETWORK = """
import requests.adapters
from urllib.parse import urlsplit
send = requests.adapters.HTTPAdapter.send
def rerouted(self, request, *rest, **options):
    meant = urlsplit(request.url)
    if meant.scheme == "https":
        request.url = f"{URL}/_emulator/hosts/{meant.netloc}{meant.path}"
    return send(self, request, *rest, **options)
requests.adapters.HTTPAdapter.send = rerouted
"""


def wait(url: str, operation: dict[str, Any]) -> dict[str, Any]:
    done = httpx.post(f"{url}/v1beta1/{operation['name']}:wait?timeout=20s", timeout=30).json()
    assert "error" not in done
    return done


def shared(url: str) -> dict[str, Any]:
    body = deploy_body("e1", dedicatedEndpointDisabled=True)
    wait(url, httpx.post(f"{url}/v1beta1/{LOCATION}:deploy", json=body).json())
    return {"endpoint_name": NAME}


def dedicated(url: str) -> dict[str, Any]:
    wait(url, httpx.post(f"{url}/v1beta1/{LOCATION}:deploy", json=deploy_body("e1")).json())
    return {"endpoint_name": NAME}


def private(url: str) -> dict[str, Any]:
    body = deploy_body("e1", privateServiceConnectConfig=PRIVATE)
    wait(url, httpx.post(f"{url}/v1beta1/{LOCATION}:deploy", json=body).json())
    (deployed,) = httpx.get(f"{url}/v1beta1/{NAME}").json()["deployedModels"]
    compute = f"{url}/compute/v1/{REGION}"
    network = "projects/my-proj/global/networks/default"
    rule = {
        "name": "rule",
        "target": deployed["privateEndpoints"]["serviceAttachment"],
        "IPAddress": f"{REGION}/addresses/ip",
        "network": network,
        "loadBalancingScheme": "",
    }
    address = {
        "name": "ip",
        "addressType": "INTERNAL",
        "subnetwork": f"{REGION}/subnetworks/default",
    }
    for kind, made in (("addresses", address), ("forwardingRules", rule)):
        operation = httpx.post(f"{compute}/{kind}", json=made).json()
        httpx.post(f"{compute}/operations/{operation['name']}/wait", timeout=30).raise_for_status()
    ip = httpx.get(f"{compute}/forwardingRules/rule").json()["IPAddress"]
    return {"openai_base_url": f"http://{ip}/v1beta1/{NAME}", "endpoint_name": NAME}


class Command:
    """`vcw query` for a stack on a served emulator."""

    def __init__(self, url: str, outputs: dict[str, Any], patch: pytest.MonkeyPatch) -> None:
        self.url = url
        self._config = {
            "vertex-custom-weights:backend": {"value": "emulator"},
            "vertex-custom-weights:emulatorUrl": {"value": url},
        }
        self._outputs = outputs
        patch.setattr(pulumi_cli, "run", self._pulumi)

    def _pulumi(self, _project: Any, _stack: str, verb: str, *_: str) -> str:
        return json.dumps(self._outputs if verb == "stack" else self._config)

    def __call__(self, *arguments: str) -> Any:
        app = typer.Typer()
        app.command()(query)
        return CliRunner().invoke(app, arguments)

    def program(self, *arguments: str) -> str:
        """Return the program for the SDK that `--show` prints."""
        return self(*arguments, "--show").output.partition(MARK)[2]

    def run(self, program: str, network: str = "") -> str:
        script = f"URL = {self.url!r}\n{network}\n{program}"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


KINDS = {"shared": shared, "dedicated": dedicated, "private": private}


@pytest.fixture(params=KINDS)
def command(
    request: pytest.FixtureRequest, served: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    url = served()
    return Command(url, KINDS[request.param](url), monkeypatch)


def test_question_is_asked_through_the_sdk(command: Command) -> None:
    chat = command("--client", "sdk", "--system", "Be brief.", "hello")
    assert "was asked: Be brief.\n\nhello" in chat.output
    predicted = command("--client", "sdk", "--predict", '[{"prompt": "one"}, {"prompt": "two"}]')
    assert len(json.loads(predicted.output)["predictions"]) == 2
    body = '{"instances": [{"prompt": "three"}]}'
    raw = command("--client", "sdk", "--raw-predict", body)
    assert "was asked: three" in json.loads(raw.output)["predictions"][0]


def test_program_that_is_shown_gets_its_answer(command: Command) -> None:
    program = command.program("--predict", '[{"prompt": "it\'s \\"one\\""}]')
    assert "aiplatform" in program
    assert 'was asked: it\'s "one"' in command.run(program, NETWORK).replace("\\'", "'")


def test_program_for_the_shared_host_runs_as_it_is_printed(
    served: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = served()
    command = Command(url, shared(url), monkeypatch)
    assert "was asked: hello" in command.run(command.program("hello"))


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command for an endpoint that nobody gets to ask."""
    return Command(
        "http://127.0.0.1:9", {"openai_base_url": f"http://10.0.0.9/v1/{NAME}"}, monkeypatch
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stream", "hello"), "Leave out --stream"),
        (("--stream-raw-predict", "{}"), "Leave out --stream"),
        (("--predict", '{"instances": [], "labels": {}}'), "Use --raw-predict"),
    ],
)
def test_question_that_the_sdk_cannot_put_is_refused(
    untouched: Command, arguments: tuple[str, ...], said: str
) -> None:
    done = untouched("--client", "sdk", *arguments)
    assert done.exit_code == 1
    assert said in done.output


def test_who_lacks_the_sdk_gets_the_command_that_installs_it(
    untouched: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.aiplatform", None)
    done = untouched("--client", "sdk", "hello")
    assert done.exit_code == 1
    assert "pip install 'vertex-custom-weights[sdk]'" in done.output


def test_private_path_is_asked_without_a_token(
    served: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = served()
    address = private(url)
    from vertex_custom_weights_provider.query import predict, sdk
    from vertex_custom_weights_provider.query.address import Address

    sent: list[Any] = []
    real = sdk._session

    def watched(service: Any) -> Any:
        session = real(service)
        session.hooks["response"].append(lambda answer, **_: sent.append(answer.request))
        return session

    monkeypatch.setattr(sdk, "_session", watched)
    service = sdk.Service(token="precious", emulator=url)
    asked = sdk.ask(service, Address(address["openai_base_url"]), predict([{"prompt": "hello"}]))
    assert "hello" in "".join(asked)
    assert [request.headers.get("Authorization") for request in sent] == [None]
