"""The file that `pulumi import --file` takes."""

from __future__ import annotations

import json

from vertex_custom_weights_provider.adopt_command.found import Survey
from vertex_custom_weights_provider.tokens import import_token


def import_file(survey: Survey) -> str:
    """Return the JSON text: what nobody manages yet, each after what it builds on."""
    things = [thing for group in survey.groups for thing in group.free]
    entries = [{"type": import_token(t.kind), "name": t.name, "id": t.id} for t in things]
    return json.dumps({"resources": entries}, indent=2, ensure_ascii=False) + "\n"
