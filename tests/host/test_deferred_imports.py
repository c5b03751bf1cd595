"""What a provider does not use is left out of its start, and there when somebody wants it."""

from __future__ import annotations

import os
import subprocess
import sys

from pulumi.dynamic import ResourceProvider

from vertex_custom_weights_provider.host import pickling
from vertex_custom_weights_provider.resources.endpoint import EndpointProvider

DEFERRED = """
import sys
from vertex_custom_weights_provider.host.deferred_imports import lighten
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


LOADED = """
import sys
from vertex_custom_weights_provider.host import pickling
print(type(pickling.load({serialized!r})).__name__, "dill._dill" in sys.modules)
"""


class Closed(ResourceProvider):
    """A provider with something in it that only dill can pickle."""

    def __init__(self, answer: int) -> None:
        self.answers = lambda: answer


def test_a_provider_that_is_pickled_by_reference_is_loaded_without_dill() -> None:
    serialized = pickling.dump(EndpointProvider())
    assert run(LOADED.format(serialized=serialized)) == "EndpointProvider False"


def test_any_other_provider_is_loaded_with_dill() -> None:
    Closed.__module__ = "__main__"  # as the classes of a program are
    serialized = pickling.dump(Closed(42))
    assert run(LOADED.format(serialized=serialized)) == "Closed True"
