"""The served emulator: its host, long polls, a broken port, a clean end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from vertex_custom_weights_provider.emulator import Settings, serve
from vertex_custom_weights_provider.emulator.state.store import StateFileError

LOCATION = "v1beta1/projects/my-proj/locations/us-central1"
COMMAND = "from vertex_custom_weights_provider.cli.emulator import app; app()"
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["my-proj"]}


@dataclass
class Served:
    """A `serve` command in a process of its own."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def output(self) -> str:
        return (self.folder / "out").read_text()

    @property
    def log(self) -> str:
        return (self.folder / "err").read_text()

    @property
    def url(self) -> str:
        deadline = time.monotonic() + 30
        while "\n" not in self.output:
            assert time.monotonic() < deadline, self.log
            assert self.process.poll() is None, self.log
            time.sleep(0.05)
        return self.output.splitlines()[0].split()[-1]

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=10)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    with ExitStack() as stack:

        def start(*arguments: str) -> Served:
            folder = tmp_path / "output"
            folder.mkdir()
            out, err = (stack.enter_context((folder / name).open("wb")) for name in ("out", "err"))
            process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, "serve", "--port", "0", *arguments],
                stdout=out,
                stderr=err,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return Served(process, folder)

        yield start


def test_the_server_listens_on_this_machine_only(served: Callable[..., str]) -> None:
    assert served().startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_reported(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(OSError, match="in use"):
            serve.bind(Settings(tmp_path / "state.db"), taken.getsockname()[1])


def test_a_file_that_is_no_state_is_reported(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("not a database, whatever its name says" * 50)

    with pytest.raises(StateFileError, match=r"state\.db"):
        serve.bind(Settings(tmp_path / "state.db"), 0)


def test_long_polls_leave_room_for_other_requests(served: Callable[..., str]) -> None:
    url = served(operation_seconds=4.0)
    operation = httpx.post(f"{url}/{LOCATION}/endpoints", json={"displayName": "e"}).json()["name"]
    with httpx.Client(timeout=20, limits=httpx.Limits(max_connections=None)) as client:
        poll = partial(client.post, f"{url}/v1beta1/{operation}:wait", params={"timeout": "2s"})
        threads = [threading.Thread(target=poll) for _ in range(64)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)

        assert client.get(f"{url}/{LOCATION}/endpoints", timeout=1.5).status_code == 200
        for thread in threads:
            thread.join()


def test_an_endpoint_is_reached_through_the_alias_of_its_host(served: Callable[..., str]) -> None:
    url = served()
    body = {
        "customModel": {"gcsUri": "gs://bkt/llama"},
        "endpointConfig": {"endpointUserId": "e1", "privateServiceConnectConfig": PRIVATE},
    }
    deployed = httpx.post(f"{url}/{LOCATION}:deploy", json=body).json()["name"]
    httpx.post(f"{url}/v1beta1/{deployed}:wait")
    endpoint = httpx.get(f"{url}/{LOCATION}/endpoints/e1").json()
    attachment = endpoint["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]
    rules = f"{url}/compute/v1/projects/my-proj/regions/us-central1/forwardingRules"
    rule = {"name": "r", "network": "projects/my-proj/global/networks/n", "target": attachment}
    httpx.post(rules, json=rule).raise_for_status()
    time.sleep(0.1)
    address = httpx.get(f"{rules}/r").json()["IPAddress"]
    question = {"messages": [{"role": "user", "content": "hello"}]}
    path = f"v1/{endpoint['name']}/chat/completions"

    private = httpx.post(f"{url}/_emulator/hosts/{address}/{path}", json=question)
    shared = httpx.post(f"{url}/{path}", json=question)

    assert private.status_code == 200
    assert shared.status_code != 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_cleanly_and_keeps_the_state(
    command: Callable[..., Served], tmp_path: Path, how: signal.Signals
) -> None:
    state = tmp_path / "state.db"
    served = command("--state", str(state), "--quiet")
    create = f"{served.url}/{LOCATION}/endpoints"
    httpx.post(create, json={"displayName": "e"}).raise_for_status()

    assert served.end(how) == 0
    assert "Stopped. The state is kept." in served.output
    assert served.log == ""
    with serve.running(Settings(state)) as again:
        assert httpx.get(f"{again}/_emulator/state").json()["counts"]["operations"] == 1


def test_the_command_serves_public_endpoints_from_the_shared_host_on_demand(
    command: Callable[..., Served], tmp_path: Path
) -> None:
    state = str(tmp_path / "state.db")
    served = command("--state", state, "--deploy-seconds", "0", "--shared-endpoints")
    body = {"customModel": {"gcsUri": "gs://bkt/llama"}}
    body |= {"endpointConfig": {"endpointUserId": "e1"}}
    httpx.post(f"{served.url}/{LOCATION}:deploy", json=body).raise_for_status()

    asked = f"{served.url}/{LOCATION}/endpoints/e1:predict"
    assert httpx.post(asked, json={"instances": [{"prompt": "x"}]}).status_code == 200


def test_the_command_ends_cleanly_during_a_long_poll(
    command: Callable[..., Served], tmp_path: Path
) -> None:
    served = command("--state", str(tmp_path / "state.db"), "--deploy-seconds", "600")
    body = {"customModel": {"gcsUri": "gs://bkt/llama"}}
    name = httpx.post(f"{served.url}/{LOCATION}:deploy", json=body).json()["name"]
    poll = threading.Thread(target=_hang, args=(f"{served.url}/v1beta1/{name}:wait",))
    poll.start()
    time.sleep(0.3)
    began = time.monotonic()

    assert served.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 4
    poll.join()


def _hang(url: str) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.post(url, timeout=30)


def test_the_command_prints_what_to_copy_and_logs_requests(
    command: Callable[..., Served], tmp_path: Path
) -> None:
    (tmp_path / "weights").mkdir()
    bucket = f"weights={tmp_path / 'weights'}"
    served = command("--state", str(tmp_path / "state.db"), "--bucket", bucket)
    url = served.url
    httpx.get(f"{url}/storage/v1/b/weights/o?prefix=x&access_token=secret").raise_for_status()
    served.end(signal.SIGINT)

    for line in (
        f"vertex-custom-weights:emulatorUrl {url}",
        f'api_endpoint="{url}"',
        f"CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM={url}/",
        f"GOOGLE_COMPUTE_CUSTOM_ENDPOINT={url}/compute/v1/",
        f"STORAGE_EMULATOR_HOST={url}",
        f"OPENAI_BASE_URL={url}/_emulator/hosts/",
    ):
        assert line in served.output
    assert "GET    /storage/v1/b/weights/o?prefix=x&access_token=***" in served.log


def test_a_burst_of_requests_leaves_no_warnings(
    served: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    url = served()
    statuses: list[int] = []
    with httpx.Client(timeout=20, limits=httpx.Limits(max_connections=None)) as client:

        def ask() -> None:
            statuses.append(client.get(f"{url}/{LOCATION}/endpoints").status_code)

        threads = [threading.Thread(target=ask) for _ in range(150)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses == [200] * 150
    assert all(record.name != "waitress.queue" for record in caplog.records)


def test_more_long_polls_than_threads_leave_room_for_other_requests(
    served: Callable[..., str],
) -> None:
    url = served(operation_seconds=3.0)
    operation = httpx.post(f"{url}/{LOCATION}/endpoints", json={"displayName": "e"}).json()["name"]
    unlimited = httpx.Limits(max_connections=None)
    with httpx.Client(timeout=20, limits=unlimited) as client, ThreadPoolExecutor(160) as pool:
        poll = partial(client.post, f"{url}/v1beta1/{operation}:wait", params={"timeout": "2s"})
        polls = [pool.submit(poll) for _ in range(160)]
        time.sleep(1.0)

        assert client.get(f"{url}/{LOCATION}/endpoints", timeout=1.5).status_code == 200
        assert {one.result().status_code for one in polls} == {200}
