"""The emulator where Google is: behind TLS, for programs whose backend is `google`.

An HTTPS proxy that takes every connection for itself and answers with a certificate of its own.
Unlike the emulator alone it sees credentials, and can be made to say them back, as gateways that
explain a refusal sometimes do.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from vertex_custom_weights_provider.emulator import Settings, create_app

HOSTS = ("*.googleapis.com", "*.vertexai.goog")
# What the emulator says of its own connection and of how it packed the body, in lower case.
OF_THE_CONNECTION = {"connection", "content-encoding", "content-length", "transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    """What a request is answered with; the length of the content is told beside `headers`."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class FakeGoogle:
    """What the proxy answers with.

    Attributes:
        tokens: Bearer tokens that came with requests.
        minted: The token that a service account's key is exchanged for; empty refuses the key.
        echoes: By verb and part of a path: how to refuse while saying back what was sent, `json`
            (Google's envelope), `html` (a gateway's page) or `operation` (200, and an operation
            that has failed).
    """

    def __init__(self, app: Any) -> None:
        self.emulator = httpx.Client(transport=httpx.WSGITransport(app=app), timeout=60)
        self.tokens: set[str] = set()
        self.minted = ""
        self.echoes: dict[tuple[str, str], str] = {}
        self.url = ""
        self.certificate = Path()

    def environment(self) -> dict[str, str]:
        """Return the variables that lead a program here."""
        return {
            "HTTPS_PROXY": self.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "SSL_CERT_FILE": str(self.certificate),
        }

    def answer(self, verb: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request."""
        if url.endswith("/token"):
            return self._token(body)
        self.tokens.add(headers.get("Authorization", "").removeprefix("Bearer "))
        for (method, part), form in self.echoes.items():
            if method == verb and part in url:
                return _echo(form, f"{dict(headers)} {body.decode()}", url)
        kept = {k: v for k, v in headers.items() if k.lower() != "host"}
        answer = self.emulator.request(verb, url, headers=kept, content=body)
        said = {k: v for k, v in answer.headers.items() if k not in OF_THE_CONNECTION}
        return Answer(answer.status_code, answer.content, said)

    def _token(self, body: bytes) -> Answer:
        if not self.minted:
            refusal = {"error": "invalid_grant", "error_description": body.decode()}
            return Answer(400, json.dumps(refusal).encode())
        grant = {"access_token": self.minted, "expires_in": 3600, "token_type": "Bearer"}
        return Answer(200, json.dumps(grant).encode())


def _echo(form: str, said: str, url: str) -> Answer:
    if form == "html":
        return Answer(403, f"<html>refused: {said}</html>".encode())
    error = {"code": 403, "status": "PERMISSION_DENIED", "message": f"refused: {said}"}
    if form == "json":
        return Answer(403, json.dumps({"error": error}).encode())
    parent = url.removesuffix(":deploy").partition("/v1beta1/")[2]
    name = f"{parent}/operations/1"
    failed = {"name": name, "done": True, "error": {"code": 7, "message": error["message"]}}
    return Answer(200, json.dumps(failed).encode())


@contextmanager
def fake_google(folder: Path, state: Path, buckets: Mapping[str, Path]) -> Iterator[FakeGoogle]:
    """Run it; `folder` is for the certificate, which callers have to trust."""
    app = create_app(Settings(state=state, buckets=buckets, deploy_seconds=0.5))
    google = FakeGoogle(app)
    context = _identity(folder)
    google.certificate = folder / "certificate.pem"

    class Handler(_Handler):
        fake = google
        tls = context

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    google.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        google.emulator.close()
        app.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeGoogle
    tls: ssl.SSLContext
    origin = ""

    def do_CONNECT(self) -> None:
        self.origin = f"https://{self.path.removesuffix(':443')}"
        self.send_response_only(200)
        self.end_headers()
        self.close_connection = False  # Python 3.11's http.client asks for a tunnel by HTTP/1.0
        self.finish()
        self.request = self.tls.wrap_socket(self.request, server_side=True)
        self.setup()

    def finish(self) -> None:
        super().finish()
        if self.origin and self.close_connection:
            self.request.close()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = dict(self.headers.items())
        answer = self.fake.answer(self.command, self.origin + self.path, headers, body)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve


def _identity(folder: Path) -> ssl.SSLContext:
    """Write a certificate for Google's hosts, and return the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake Google")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    public, private = folder / "certificate.pem", folder / "private.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(_pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context


def _pem(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def service_account(token_url: str) -> dict[str, str]:
    """Return a key as Google hands it out, with a token service of ours."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "type": "service_account",
        "project_id": "local-project",
        "private_key_id": "marked-private-key-id-5d1c9a",
        "private_key": _pem(key).decode(),
        "client_email": "deployer@local-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_url,
    }
