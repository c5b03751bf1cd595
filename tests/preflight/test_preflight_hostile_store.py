"""A store that is slow, silent or lies: an examination ends in time and says what it missed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from vertex_custom_weights_provider.backend import Connections
from vertex_custom_weights_provider.cli.quiet import Quiet
from vertex_custom_weights_provider.preflight import Report, examine
from vertex_custom_weights_provider.settings import Settings
from vertex_custom_weights_provider.storage import Deadline, GcsSource

from .support import hostile_store as store

SECONDS = 2.0


def examined(way: Callable[[store.Handler], None], seconds: float = SECONDS) -> Report:
    with store.serving(way) as port:
        settings = Settings.resolve(
            {
                "vertex-custom-weights:backend": "emulator",
                "vertex-custom-weights:emulatorUrl": f"http://127.0.0.1:{port}",
            }
        )
        connections = Connections()
        try:
            rest = connections.connect(settings, threading.Event(), Quiet()).storage_rest
            return examine(GcsSource(rest, store.FOLDER), deadline=Deadline(seconds))
        finally:
            connections.close()


@pytest.mark.parametrize(
    ("way", "why"),
    [
        (store.gzip_body, "came compressed (gzip)"),
        (store.gzip_refusal, "HTTP 403"),
        (store.range_ignored, "a range was asked for, and the answer is another (HTTP 200)"),
        (store.another_range, "were asked for, and others came"),
        (store.endless_range, "more came than"),
        (store.endless_refusal, "HTTP 403"),
        (store.dripping_body, "had not answered within 2 s"),
        (store.dripping_headers, "had not answered within 2 s"),
        (store.silent, "had not answered within 2 s"),
    ],
)
def test_what_cannot_be_read_truly_is_not_checked_and_the_reason_said(way, why):
    began = time.monotonic()
    report = examined(way)
    assert time.monotonic() - began < SECONDS + 3
    assert not report.complete
    assert report.verdict == "warn"
    said = [f.message for f in report.findings if "not checked" in f.message]
    assert any("config.json" in message for message in said)
    assert any("model-000" in message for message in said)
    assert any(why in message for message in said), said
    assert len(said) < 10


@pytest.mark.parametrize(
    ("way", "why"),
    [
        (store.silent_listing, "had not answered within 2 s"),
        (store.dripping_listing, "had not answered within 2 s"),
        (store.gzip_listing, "came compressed (gzip)"),
        (store.endless_listing, "more came than the 8000000 bytes"),
        (store.nested_listing, "the answer is no listing"),
        (store.crowded_listing, "the answer is no listing of it (250000 objects)"),
        (store.web_page, "the answer is no listing"),
        (store.listing_of(5), "the answer is no listing"),
        (store.listing_of({"name": "run/a"}), "the answer is no listing"),
        (store.listing_of({"name": "run/a", "size": "-1"}), "the answer is no listing of it"),
        (store.listing_of({"name": "run/a", "size": {}}), "the answer is no listing"),
        (store.listing_of({"name": "other/a", "size": "1"}), "the answer is no listing of it"),
    ],
)
def test_what_is_no_listing_says_nothing_about_the_weights(way, why):
    began = time.monotonic()
    seconds = SECONDS if "had not answered" in why else 30  # what lies is told at once
    report = examined(way, seconds)
    assert time.monotonic() - began < seconds + 3
    assert (report.verdict, report.complete, report.fingerprint) == ("warn", False, None)
    (finding,) = report.findings
    assert finding.message.startswith("The weights were not checked: ")
    assert why in finding.message


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """Return what makes a stack's configuration that of a served emulator."""

    def configured(port: int) -> None:
        config = {
            "vertex-custom-weights:backend": {"value": "emulator"},
            "vertex-custom-weights:emulatorUrl": {"value": f"http://127.0.0.1:{port}"},
        }
        program = tmp_path / "pulumi"
        program.write_text(f"#!/bin/sh\ncat <<'end'\n{json.dumps(config)}\nend\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return configured


def begun(*options: str) -> subprocess.Popen[bytes]:
    run = "from vertex_custom_weights_provider.cli.main import app; app()"
    command = [sys.executable, "-c", run, "preflight", store.FOLDER, "--stack", "s", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("way", [store.silent, store.dripping_headers, store.silent_listing])
def test_a_ctrl_c_ends_the_command_within_two_seconds(way, stack):
    with store.serving(way) as port:
        stack(port)
        command = begun()
        time.sleep(4)
        assert command.poll() is None
        command.send_signal(signal.SIGINT)
        pressed = time.monotonic()
        _, told = command.communicate(timeout=20)
        assert time.monotonic() - pressed < 2
        assert command.returncode
        assert b"Traceback" not in told


def test_the_command_ends_when_its_time_is_up_and_says_so(stack):
    with store.serving(store.dripping_headers) as port:
        stack(port)
        began = time.monotonic()
        command = begun("--timeout", "1", "--format", "json")
        told, _ = command.communicate(timeout=60)
        assert time.monotonic() - began < 15
        assert command.returncode == 2
        assert "had not answered within 1 s" in told.decode()
