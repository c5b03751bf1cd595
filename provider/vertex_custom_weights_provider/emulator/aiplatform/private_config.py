"""What aiplatform refuses in a Private Service Connect configuration, in its words."""

from __future__ import annotations

import re

from vertex_custom_weights_provider.emulator import attachments, names
from vertex_custom_weights_provider.emulator.envelope import Json, refuse
from vertex_custom_weights_provider.emulator.state.transaction import Transaction

# An id (those of old organisations contain a domain and a colon) or a number.
_PROJECT = re.compile(r"(projects/)?[a-z0-9][a-z0-9.:-]{0,62}")


def check(tx: Transaction, location: str, config: Json) -> None:
    """Refuse projects that are none, automation beyond the allowlist, and one list too many."""
    automated: list[Json] = config.get("pscAutomationConfigs", [])
    for project in (*config.get("projectAllowlist", []), *map(_project_of, automated)):
        if not _PROJECT.fullmatch(project):
            refuse("INVALID_ARGUMENT", f"Invalid project {project!r} in psc configuration.")
    allowed = attachments.allowed(location, config)
    for project in map(_project_of, automated):
        if names.project_number(project) not in allowed:
            refuse(
                "INVALID_ARGUMENT",
                f"Project {project!r} of psc_automation_configs is not in project_allowlist.",
            )
    attachments.check_limit(tx, location, config)


def _project_of(automated: Json) -> str:
    return str(automated.get("projectId", ""))
