"""The network as the provider sees it, tried on real sockets."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider.api.network import Network, Served
from vertex_custom_weights_provider.api.transport import Request

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Server:
    """Answers each request by a function; remembers them, and by how many connections they came."""

    def __init__(self) -> None:
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda to: say(to, b"here")
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections: set[Any] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.connections.add(self.client_address)
                outer.asked.append((self.path, dict(self.headers)))
                outer.answer(self)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Listening(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

        self.http = Listening(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.http.server_address[1]}"
        self.url = f"http://{self.host}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


def say(to: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    to.send_response(status)
    given = {"Content-Length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    for name, value in given.items():
        to.send_header(name, value)
    to.end_headers()
    to.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    found = Network()
    yield found
    found.close()


def get(way: Network | Served, url: str, limit: int = 1000, **more: Any) -> bytes:
    with way.open(Request("GET", url, **more)) as answer:
        return answer.read(limit)


def test_a_redirect_is_not_followed(server: Server, network: Network) -> None:
    server.answer = lambda to: say(to, b"", 302, Location="/elsewhere")
    with network.open(Request("GET", server.url)) as answer:
        assert answer.status == 302
    assert [path for path, _ in server.asked] == ["/v1"]


def test_what_is_sent_arrives(server: Server, network: Network) -> None:
    def echo(to: BaseHTTPRequestHandler) -> None:
        say(to, f"{to.command} {to.headers['Content-Type']} {to.headers['X-A']}".encode())

    server.answer = echo
    headers = {"Content-Type": "application/json", "X-A": "b"}
    with network.open(Request("POST", server.url, headers, b"{}")) as answer:
        assert answer.read(100) == b"POST application/json b"


def test_nothing_packed_is_asked_for_unless_it_is_wanted(server: Server, network: Network) -> None:
    get(network, server.url)
    get(network, server.url, headers={"Accept-Encoding": "gzip"})
    assert [sent["Accept-Encoding"] for _, sent in server.asked] == ["identity", "gzip"]


def test_an_answer_is_unpacked_up_to_what_is_wanted(server: Server, network: Network) -> None:
    packed = gzip.compress(bytes(300_000_000))
    server.answer = lambda to: say(to, packed, Content_Encoding="gzip")
    before = peak_megabytes()
    assert get(network, server.url, limit=1000) == bytes(1000)
    assert peak_megabytes() - before < 50


def peak_megabytes() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def test_a_connection_is_used_again_once_its_answer_was_read(
    server: Server, network: Network
) -> None:
    for _ in range(3):
        get(network, server.url)
    assert len(server.connections) == 1


def test_a_hundred_and_sixty_calls_at_once_wait_for_none_of_the_others(
    server: Server, network: Network
) -> None:
    together = threading.Barrier(160, timeout=60)

    def answer(to: BaseHTTPRequestHandler) -> None:
        together.wait()
        say(to, b"x")

    server.answer = answer
    with warnings.catch_warnings(), ThreadPoolExecutor(160) as pool:
        warnings.simplefilter("error")
        assert list(pool.map(lambda _: get(network, server.url), range(160))) == [b"x"] * 160


def test_pieces_come_as_they_are_sent(server: Server, network: Network) -> None:
    seen = threading.Event()

    def in_pieces(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        to.wfile.write(b"5\r\nfirst\r\n")
        assert seen.wait(30)
        to.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")

    server.answer = in_pieces
    with network.open(Request("GET", server.url, seconds=30)) as answer:
        pieces = answer.pieces()
        assert next(pieces) == b"first"
        seen.set()
        assert b"".join(pieces) == b"second"


def cut_off(to: BaseHTTPRequestHandler) -> None:
    to.send_response(200)
    to.send_header("Content-Length", "100")
    to.end_headers()
    to.wfile.write(b"half")
    to.close_connection = True


def hung_up(to: BaseHTTPRequestHandler) -> None:
    to.connection.shutdown(socket.SHUT_RDWR)
    to.close_connection = True


def no_gzip(to: BaseHTTPRequestHandler) -> None:
    say(to, b"plain", Content_Encoding="gzip")


@pytest.mark.parametrize("trouble", [cut_off, hung_up, no_gzip])
def test_an_answer_that_breaks_off_is_a_broken_connection(
    server: Server, network: Network, trouble: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    server.answer = trouble
    with pytest.raises(ConnectionError):
        get(network, server.url)


def test_pieces_that_break_off_are_a_broken_connection(server: Server, network: Network) -> None:
    server.answer = cut_off
    with network.open(Request("GET", server.url)) as answer, pytest.raises(ConnectionError):
        list(answer.pieces())


def test_silence_ends_after_the_seconds_that_were_given(server: Server, network: Network) -> None:
    over = threading.Event()
    server.answer = lambda _: over.wait(60) and None
    began = time.monotonic()
    with pytest.raises(ConnectionError, match="timed out"):
        get(network, server.url, seconds=0.5)
    over.set()
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://127.0.0.1:1/", {}),
        ("http://name.invalid/", {}),
        ("http://[oops/", {}),
        ("http://127.0.0.1:1/", {"Authorization": "Bearer a\nb"}),
    ],
)
def test_a_request_that_reaches_nobody_is_a_broken_connection(
    network: Network, url: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ConnectionError):
        get(network, url, headers=headers)


def test_proxies_of_the_environment_are_used(
    server: Server, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://me:pass%20word@{server.host}")
    monkeypatch.setenv("no_proxy", f"internal.example,{server.host.partition(':')[0]}")
    assert get(network, "http://far.example/x?y=1") == b"here"
    path, sent = server.asked[0]
    assert path == "http://far.example/x?y=1"
    assert sent["proxy-authorization"] == "Basic bWU6cGFzcyB3b3Jk"
    get(network, server.url)
    assert server.asked[1][0] == "/v1"


def test_a_server_stands_for_the_host_that_was_meant(server: Server) -> None:
    served = Served(f"http://{server.host}/")
    assert get(served, "https://us-aiplatform.googleapis.com/v1/a:b?c=d%2Fe") == b"here"
    path, sent = server.asked[0]
    assert path == "/v1/a:b?c=d%2Fe"
    assert sent["Host"] == "us-aiplatform.googleapis.com"
    served.close()


@pytest.fixture
def identity(tmp_path: Path) -> tuple[str, str]:
    """A certificate for this machine that vouches for itself, and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *named, *files], check=True, capture_output=True)
    return str(certificate), str(key)


@pytest.fixture
def encrypted(server: Server, identity: tuple[str, str]) -> Server:
    """A server that knows only clients with the same certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*identity)
    context.load_verify_locations(identity[0])
    context.verify_mode = ssl.CERT_REQUIRED
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    server.url = f"https://{server.host}/v1"
    return server


def test_certificates_of_the_environment_are_trusted_and_ones_own_is_shown(
    encrypted: Server, identity: tuple[str, str], monkeypatch: pytest.MonkeyPatch, network: Network
) -> None:
    with pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        get(network, encrypted.url)
    monkeypatch.setenv("SSL_CERT_FILE", identity[0])
    with pytest.raises(ConnectionError):  # trusted, but without a certificate of one's own
        get(Network(), encrypted.url)
    assert get(Network(certificate=identity), encrypted.url) == b"here"
