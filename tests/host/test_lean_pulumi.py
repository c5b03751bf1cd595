"""The Automation API is left out of a provider's start, and there when somebody wants it."""

from __future__ import annotations

import subprocess
import sys

DEFERRED = """
import sys
from vertex_custom_weights_provider.host.lean_pulumi import defer_automation
defer_automation()
import pulumi
{then}
"""


def run(then: str) -> str:
    program = DEFERRED.format(then=then)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_pulumi_does_not_load_the_automation_api() -> None:
    assert run("print('pulumi.automation._workspace' in sys.modules)") == "False"


def test_a_provider_that_uses_the_automation_api_finds_it() -> None:
    assert run("print(pulumi.automation.LocalWorkspace.__name__)") == "LocalWorkspace"
    assert run("from pulumi.automation import UpResult; print(UpResult.__name__)") == "UpResult"
    assert run("import pulumi.automation as a; print(a.Stack.__name__)") == "Stack"
