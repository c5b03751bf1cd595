"""With CI=true, a test that did not run is a failure: a green run must mean that all of it ran.

Only tests with a target of their own may be left out: `live` ones need an account, `browser` ones a
browser, and both are asked for by name.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
from google.rpc import status_pb2
from hypothesis import HealthCheck, settings

# Pulumi ships a copy of google.rpc.Status, and a process takes that name once. The provider never
# loads Google's libraries, but tests of both sides share pytest's process: both get Google's class.
sys.modules.setdefault("pulumi.runtime.proto.status_pb2", status_pb2)

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile(
    "busy", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy")

ELSEWHERE = ("live", "browser")


class NothingSkipped:
    """Collect what did not run; under xdist the workers report it to the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.missed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped or hasattr(report, "wasxfail"):
            self.missed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.missed.append(report.nodeid)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.missed += [
            item.nodeid for item in items if not any(map(item.get_closest_marker, ELSEWHERE))
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.missed += getattr(node, "workeroutput", {}).get("missed", [])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output["missed"] = self.missed
        elif self.missed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.missed:
            terminalreporter.section("did not run, which fails with CI=true", red=True)
            for nodeid in sorted(set(self.missed)):
                terminalreporter.line(nodeid)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI") == "true":
        config.pluginmanager.register(NothingSkipped(config), "nothing-skipped")
