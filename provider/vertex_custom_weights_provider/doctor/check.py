"""One thing that was looked at, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.preflight.deployment.questions import JsonRest

Status = Literal["ok", "note", "problem", "unknown"]
_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Check:
    """What was looked at and found.

    Attributes:
        about: What was looked at.
        status: `ok`; `note` works, but should be known; `problem` has to be mended; `unknown`
            could not be told.
        told: What was found, in a sentence.
        mend: Commands that mend it, or that make it known; to be read before they are run.
    """

    about: str
    status: Status
    told: str
    mend: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self) | {"mend": list(self.mend)}


def get(rest: JsonRest, url: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Look something up; not for long, and once."""
    return rest.send("GET", url, params=params, timeout=_PATIENCE_SECONDS)


def ask(rest: JsonRest, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Ask a question that is a POST in Google's API but changes nothing."""
    return rest.send("POST", url, body=body, timeout=_PATIENCE_SECONDS)


def could_not_tell(about: str, error: errors.VcwError, mend: tuple[str, ...] = ()) -> Check:
    """Return that a look was refused or got no answer, and what would permit it."""
    if isinstance(error, errors.ApiError):
        if error.reason == "SERVICE_DISABLED":
            service = str(error.metadata.get("service", "")) or "the service"
            project = str(error.metadata.get("consumer", "")).removeprefix("projects/")
            enable = f"gcloud services enable {service}" + (f" --project={project}" * bool(project))
            return Check(about, "unknown", f"{service}, which knows, is not enabled.", (enable,))
        if isinstance(error, errors.PermissionDenied):
            return Check(about, "unknown", f"Not permitted to look: {error.message}", mend)
    return Check(about, "unknown", f"No answer: {error}")
