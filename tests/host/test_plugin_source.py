"""The folder that a git address leads to: its program is the plugin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grpc
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

SOURCE = Path(__file__).parents[2] / "plugin" / "source"


def test_its_program_serves_the_plugin() -> None:
    assert yaml.safe_load((SOURCE / "PulumiPlugin.yaml").read_text())["runtime"]["name"] == "python"
    process = subprocess.Popen(
        [sys.executable, "-u", SOURCE, "127.0.0.1:1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        provider = provider_pb2_grpc.ResourceProviderStub(channel)
        assert provider.GetPluginInfo(empty_pb2.Empty(), timeout=20).version == "0.1.0"
        channel.close()
        assert process.stdin is not None
        process.stdin.close()  # the engine is gone
        assert process.wait(20) == 0
