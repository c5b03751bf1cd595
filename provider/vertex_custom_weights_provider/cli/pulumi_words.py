"""What the Pulumi CLI says when it will not, and what a person does about it."""

from __future__ import annotations

import re

# What is looked for in the CLI's own words, what it means, and the command that mends it.
_MEANINGS: tuple[tuple[str, str], ...] = (
    (
        r"passphrase must be set|incorrect passphrase",
        "The stack is encrypted with a passphrase that is not the one given. Say which: "
        "`export PULUMI_CONFIG_PASSPHRASE=...`, or PULUMI_CONFIG_PASSPHRASE_FILE for a file that "
        "holds it (docs/troubleshooting.md#passphrase).",
    ),
    (
        r"no stack selected",
        "No stack is selected. Choose one: `pulumi stack select NAME`, or --stack NAME; `pulumi "
        "stack ls` lists them.",
    ),
    (
        r"the stack is currently locked",
        "Another run is at work on the stack, or one was killed. When no other run is alive: "
        "`pulumi cancel --yes`, then `pulumi up` (docs/troubleshooting.md#locked).",
    ),
    (
        r"PULUMI_ACCESS_TOKEN must be set",
        "Pulumi does not know where state is kept. Say so in Pulumi.yaml, as in `url: "
        "file://.local/state` under `backend`, or `pulumi login`.",
    ),
    (
        r"unable to open bucket file://(?P<folder>[^?:]+).*no such file or directory",
        "The folder that Pulumi.yaml keeps state in does not exist. Go to the project's folder; "
        "in a fresh copy of it, `mkdir -p {folder}`.",
    ),
)


def explained(told: str) -> str:
    """Return the CLI's last line, and the meaning of what it said where that is known."""
    lines = told.strip().splitlines()
    last = lines[-1].removeprefix("error: ") if lines else "the Pulumi CLI failed"
    for pattern, meaning in _MEANINGS:
        found = re.search(pattern, told)
        if found:
            return f"{last}\n{meaning.format(**found.groupdict())}"
    return last
