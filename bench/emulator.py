"""How fast the emulator answers: in process, served to many clients, and with many endpoints.

    python bench/emulator.py [--endpoints N] [--clients N] [--seconds S]

Prints each number beside its bar and exits 1 when one is missed. The load comes from processes of
their own, so on two cores the server has one of them.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from vertex_custom_weights_provider.emulator import Settings, create_app
from vertex_custom_weights_provider.emulator.aiplatform import endpoint_record
from vertex_custom_weights_provider.emulator.http.app import App
from vertex_custom_weights_provider.emulator.names import canonical

API = "https://us-central1-aiplatform.googleapis.com/v1beta1/"
LOCATION = "projects/my-proj/locations/us-central1"
DEPLOY = {"customModel": {"gcsUri": "gs://weights/x"}}


class Report:
    """Numbers beside their bars."""

    def __init__(self) -> None:
        self.missed = 0

    def add(self, name: str, value: float, unit: str, bar: float, *, least: bool = False) -> None:
        held = value >= bar if least else value <= bar
        self.missed += not held
        sign = ">=" if least else "<="
        verdict = "ok" if held else "MISSED"
        print(f"{name:44} {value:10.2f} {unit:5} {sign} {bar:g}  {verdict}")


def client_of(app: App) -> httpx.Client:
    return httpx.Client(transport=httpx.WSGITransport(app=app), base_url=API)


def milliseconds(call: Any, rounds: int) -> list[float]:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def in_process(report: Report, folder: Path) -> None:
    app = create_app(Settings(folder / "one.db", deploy_seconds=3600))
    client = client_of(app)
    name = client.post(f"{LOCATION}:deploy", json=DEPLOY).json()["name"]
    taken = milliseconds(lambda: client.get(name), 2000)
    report.add("operation poll, in process, median", statistics.median(taken), "ms", 1.0)
    app.close()


def many_endpoints(report: Report, folder: Path, number: int) -> None:
    app = create_app(Settings(folder / "many.db"))
    fill(app, number)
    client = client_of(app)
    middle = f"{LOCATION}/endpoints/e{number // 2}"
    last = client.get(f"{LOCATION}/endpoints", params={"pageSize": "100"}).json()["nextPageToken"]
    cases = {
        "get": (middle, {}),
        "first page of 100": (f"{LOCATION}/endpoints", {"pageSize": "100"}),
        "next page of 100": (f"{LOCATION}/endpoints", {"pageSize": "100", "pageToken": last}),
        "filter by label": (f"{LOCATION}/endpoints", {"filter": "labels.owner=o77"}),
        "filter by name": (f"{LOCATION}/endpoints", {"filter": f'display_name="e{number - 1}"'}),
    }
    for title, (path, query) in cases.items():
        assert client.get(path, params=query).status_code == 200
        taken = milliseconds(lambda p=path, q=query: client.get(p, params=q), 100)
        report.add(f"{number} endpoints: {title}, median", statistics.median(taken), "ms", 10.0)
    app.close()


def fill(app: App, number: int) -> None:
    """Write endpoints as creating them would, in one transaction."""
    now = time.time()
    with app.store.write() as tx:
        for index in range(number):
            name = canonical(f"{LOCATION}/endpoints/e{index}")
            labels = {"owner": f"o{index % 500}", "team": "bench"}
            resource = {"displayName": f"e{index}", "labels": labels}
            record = endpoint_record.new(tx, name, resource, now)
            record["hidden"] = False
            endpoint_record.save(tx, record, now)


def poll(host: str, port: int, path: str, until: float, taken: list[float]) -> None:
    """Poll over one connection with as little client as possible."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\n\r\n".encode()
    with socket.create_connection((host, port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.time() < until:
            began = time.perf_counter()
            connection.sendall(request)
            read_answer(connection)
            taken.append((time.perf_counter() - began) * 1000)


def read_answer(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), received
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)


def load(arguments: list[str]) -> None:
    """Be one of the load processes: poll from several threads and print all times."""
    host, port, path, threads, until = arguments
    taken: list[list[float]] = [[] for _ in range(int(threads))]
    pool = [
        threading.Thread(target=poll, args=(host, int(port), path, float(until), times))
        for times in taken
    ]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    print(json.dumps([time for times in taken for time in times]))


def served(report: Report, folder: Path, clients: int, seconds: float) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from vertex_custom_weights_provider.emulator import Settings, serve;"
        "server = serve.bind(Settings(Path(sys.argv[1]), deploy_seconds=3600), 0);"
        "print(server.url, flush=True); server.run()"
    )
    command = [sys.executable, "-c", code, str(folder / "served.db")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = httpx.URL(server.stdout.readline().strip())
        base = f"{url}/v1beta1/".replace("//v1", "/v1")
        name = httpx.post(f"{base}{LOCATION}:deploy", json=DEPLOY).json()["name"]
        taken = drive(url, f"/v1beta1/{name}", clients, seconds)
    finally:
        server.terminate()
        server.wait()
    taken.sort()
    rate = len(taken) / seconds
    report.add(f"served to {clients} clients, polls a second", rate, "1/s", 1000, least=True)
    report.add("served, median", statistics.median(taken), "ms", 250)
    report.add("served, p99", taken[int(len(taken) * 0.99)], "ms", 250)


def drive(url: httpx.URL, path: str, clients: int, seconds: float) -> list[float]:
    until = str(time.time() + seconds + 0.5)
    half = [clients // 2, clients - clients // 2]
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, "--load", url.host, str(url.port), path, str(n), until],
            stdout=subprocess.PIPE,
        )
        for n in half
    ]
    return [t for process in processes for t in json.loads(process.communicate()[0])]


def main() -> int:
    if sys.argv[1:2] == ["--load"]:
        load(sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--endpoints", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        in_process(report, folder)
        many_endpoints(report, folder, options.endpoints)
        served(report, folder, options.clients, options.seconds)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
