"""What a provider does not use is left out of its start, and there when somebody wants it."""

from __future__ import annotations

import os
import subprocess
import sys

DEFERRED = """
import sys
from vertex_custom_weights_provider.host.lean_pulumi import lighten
lighten()
import pulumi
{then}
"""


def run(then: str, **environment: str) -> str:
    program = DEFERRED.format(then=then)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_pulumi_does_not_load_the_automation_api() -> None:
    assert run("print('pulumi.automation._workspace' in sys.modules)") == "False"


def test_a_provider_that_uses_the_automation_api_finds_it() -> None:
    assert run("print(pulumi.automation.LocalWorkspace.__name__)") == "LocalWorkspace"
    assert run("from pulumi.automation import UpResult; print(UpResult.__name__)") == "UpResult"
    assert run("import pulumi.automation as a; print(a.Stack.__name__)") == "Stack"


def test_importing_pulumi_loads_the_tracing_sdk_only_when_the_run_is_traced() -> None:
    asked = "print('opentelemetry.sdk.trace' in sys.modules)"
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    assert run(asked) == "False"
    assert run(asked, TRACEPARENT=trace) == "True"
    assert run("from pulumi.runtime import _instrumentation as i; print(i._root_context)") == "None"
