"""A fleet of endpoints: one stack for each tenant of fleet.yaml, by Pulumi's Automation API.

    python fleet.py preview [TENANT ...]     what would change
    python fleet.py up [TENANT ...]          make it so
    python fleet.py report [TENANT ...]      what would change, for a reviewer, in Markdown
    python fleet.py destroy [TENANT ...]     remove everything, stacks included

Tenants are worked on side by side; one that fails does not stop the others.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation

HERE = Path(__file__).parent
AT_ONCE = 4


def fleet() -> Mapping[str, Any]:
    return yaml.safe_load((HERE / "fleet.yaml").read_text(encoding="utf-8"))


def stack_of(tenant: str) -> automation.Stack:
    """Return the tenant's stack, made when missing, with the configuration of fleet.yaml."""
    wanted = fleet()
    values = {**wanted["config"]}
    values["vertex-custom-weights:endpoints"] = wanted["tenants"][tenant]["endpoints"]
    stack = automation.create_or_select_stack(tenant, work_dir=str(HERE))
    stack.set_all_config(
        {
            key: automation.ConfigValue(value if isinstance(value, str) else json.dumps(value))
            for key, value in values.items()
        }
    )
    return stack


def preview(tenant: str) -> str:
    return changes(stack_of(tenant).preview().change_summary)


def up(tenant: str) -> str:
    done = stack_of(tenant).up()
    urls = [
        f"  {name}: {endpoint['openai_base_url']}"
        for name, endpoint in done.outputs["endpoints"].value.items()
    ]
    return "\n".join([changes(done.summary.resource_changes or {}), *urls])


def report(tenant: str) -> str:
    stack_of(tenant)
    command = ["vcw", "report", "--stack", tenant]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def destroy(tenant: str) -> str:
    stack = stack_of(tenant)
    done = stack.destroy()
    stack.workspace.remove_stack(tenant)
    return changes(done.summary.resource_changes or {})


VERBS: Mapping[str, Callable[[str], str]] = {
    "preview": preview,
    "up": up,
    "report": report,
    "destroy": destroy,
}


def changes(summary: Mapping[Any, int]) -> str:
    """Return a line such as `create 6, same 2`; an operation may be an enum's member."""
    return ", ".join(f"{getattr(op, 'value', op)} {count}" for op, count in summary.items())


def attempt(verb: str, tenant: str) -> bool:
    try:
        told = VERBS[verb](tenant)
    except (automation.CommandError, subprocess.CalledProcessError) as error:
        print(f"{tenant}: {verb} failed\n{error}", file=sys.stderr, flush=True)
        return False
    print(f"{tenant}: {told}", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="Drive a fleet of stacks.")
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("tenants", nargs="*", help="Default all.")
    given = parser.parse_args()
    known = list(fleet()["tenants"])
    unknown = [tenant for tenant in given.tenants if tenant not in known]
    if unknown:
        parser.error(f"fleet.yaml has no {', '.join(unknown)}; it has {', '.join(known)}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = pool.map(lambda tenant: attempt(given.verb, tenant), given.tenants or known)
        return 0 if all(list(done)) else 1


if __name__ == "__main__":
    sys.exit(main())
