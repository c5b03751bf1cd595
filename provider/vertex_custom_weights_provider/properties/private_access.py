"""Who reaches an endpoint privately, and what Google makes for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from vertex_custom_weights_provider.properties.base import (
    Outputs,
    Problem,
    Spec,
    says,
)


class PscAutomationConfig(Spec, frozen=True, kw_only=True):
    """`PscAutomationConfig`: let Google make address and rule in a consumer network."""

    project_id: Annotated[str, says("Consumer project; must be in `projectAllowlist`.")]
    network: Annotated[
        str, says("Consumer network, `projects/{project id}/global/networks/{name}`.")
    ]


class PscAutomation(Outputs, frozen=True, kw_only=True):
    """What Google made of one of `pscAutomationConfigs`."""

    project_id: Annotated[str, says("Consumer project.")]
    network: Annotated[str, says("Consumer network.")]
    state: Annotated[
        str,
        says(
            "`PSC_AUTOMATION_STATE_SUCCESSFUL`, `PSC_AUTOMATION_STATE_FAILED`, or "
            "`PSC_AUTOMATION_STATE_UNSPECIFIED` before."
        ),
    ]
    ip_address: Annotated[str, says("Address that was made in the network; empty before.")]
    forwarding_rule: Annotated[str, says("Rule that was made in the network; empty before.")]
    error_message: Annotated[str, says("Why it failed; empty otherwise.")]


class PrivateServiceConnectConfig(Spec, frozen=True, kw_only=True):
    """`PrivateServiceConnectConfig`: reach the endpoint privately, from listed projects only."""

    enable_private_service_connect: Annotated[
        bool, says("Serve through Private Service Connect only.", default="true")
    ] = True
    project_allowlist: Annotated[
        list[str] | None,
        says(
            "Projects that may connect, your own included; 1 to 10. Cannot be changed afterwards."
        ),
    ] = None
    enable_secure_private_service_connect: Annotated[
        bool | None,
        says("Check IAM permissions on the private path too (v1beta1).", default="false"),
    ] = None
    psc_automation_configs: Annotated[
        list[PscAutomationConfig] | None,
        says("Consumer networks in which Google makes address and forwarding rule."),
    ] = None

    def conflicts(self) -> Iterator[Problem]:
        """Require a closed circle of projects."""
        if not self.enable_private_service_connect:
            return
        allowed = self.project_allowlist or []
        if not allowed:
            yield Problem(
                "projectAllowlist",
                "is empty: nobody could connect, and some clients would silently make the endpoint "
                "public instead. List the projects that may call it (your own included).",
            )
            return
        if len(set(allowed)) > 10:
            yield Problem("projectAllowlist", f"has {len(set(allowed))} projects; the limit is 10.")
        for index, automation in enumerate(self.psc_automation_configs or []):
            if _project(automation.project_id) not in map(_project, allowed):
                yield Problem(
                    f"pscAutomationConfigs[{index}].projectId",
                    f"{automation.project_id} is not in projectAllowlist. Add it there.",
                )


def _project(name: str) -> str:
    return name.removeprefix("projects/")
