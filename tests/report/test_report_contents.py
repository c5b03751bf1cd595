"""What the report says of a change."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.report.model import Callers, Fate
from vertex_custom_weights_provider.report.topology import Mark, Rank
from vertex_custom_weights_provider.report.wording import money

from .support.previews import (
    ATTACHMENT,
    H100,
    L4,
    PRIVATE,
    UNKNOWN,
    component,
    deployment,
    deployment_urn,
    facts,
    machine,
    only,
    report,
    rule,
    step,
    urn,
)

NEW_BYTES: dict[str, Any] = {
    "old": {"privateServiceConnectConfig": PRIVATE},
    "new": {
        "privateServiceConnectConfig": PRIVATE,
        "weightsFingerprint": "w1-2",
        "endpointUserId": "chat-2",
        "modelUserId": "chat-2",
    },
}


def test_new_weights_of_an_own_endpoint_replace_it_and_say_why() -> None:
    of = deployment_urn("chat-llm", "chat")
    made = report(
        component("chat"),
        deployment("chat-llm", "replace", home="chat", **NEW_BYTES),
        rule("chat-fwd", "replace", UNKNOWN, of=of, replaceReasons=["target"]),
        found={of: facts()},
    )

    found = only(made)
    assert (found.name, found.kind, found.fate) == ("chat", "LlamaEndpoint", Fate.REPLACED)
    assert found.callers is Callers.FOLLOW
    assert [reason.why for reason in found.reasons] == [
        "the weights under weights_uri have changed"
    ]
    assert "is deployed beside chat-llm-1" in found.effects[0]
    assert found.effects[1].startswith("If the target of chat-fwd changes, which only the")
    assert [part.action for part in found.parts] == ["replaced", "may be replaced"]
    assert found.minutes == made.minutes == 18


def test_replacement_costs_both_while_it_lasts() -> None:
    of = deployment_urn("chat")
    step_ = deployment(
        "chat",
        "replace",
        old={},
        new={"dedicatedResources": machine(L4, 2, 4), "gcsUri": "gs://b/2"},
    )

    found = only(report(step_, found={of: facts(expected_minutes=30)}))

    assert found.before is not None
    assert found.after is not None
    assert found.both is not None
    assert money(found.before) == "1.15"
    assert money(found.after) == "2.30 to 4.60"
    assert money(found.both) == "3.45 to 5.75"
    assert found.extra == pytest.approx(1.15 / 2, abs=0.01)


def test_replicas_change_in_place_without_callers_noticing() -> None:
    new = {"dedicatedResources": machine(L4, 1, 3)}
    found = only(report(deployment("chat", "update", old={}, new=new)))

    assert (found.fate, found.callers) == (Fate.CHANGED, Callers.UNAFFECTED)
    assert found.effects == (
        "Replicas change in place: at most 3.",
        "Requests are answered throughout.",
    )
    assert found.both is None
    assert not found.timed
    assert {change.path for change in found.parts[0].changes} == {
        "dedicatedResources.minReplicaCount",
        "dedicatedResources.maxReplicaCount",
    }


def test_removed_endpoint_names_what_stops_answering() -> None:
    of = deployment_urn("chat")
    made = report(
        deployment("chat", "delete", old={"privateServiceConnectConfig": PRIVATE}),
        {k: v for k, v in rule("r", "delete", ATTACHMENT, of=of).items() if k != "newState"},
    )

    found = only(made)
    assert (found.fate, found.callers) == (Fate.REMOVED, Callers.LOSE_IT)
    assert "Callers of 10.0.0.9" in found.effects[0]
    assert found.after is None
    prices = (made.before, made.meanwhile, made.after)
    assert [money(price) for price in prices] == ["1.15", "1.15", "0.00"]


def test_new_endpoint_has_no_callers_yet() -> None:
    found = only(report(deployment("chat", "create", new={})))

    assert (found.fate, found.callers) == (Fate.NEW, Callers.NONE)
    assert found.before is None
    assert {node.mark for node in found.topology.nodes if node.rank is not Rank.NETWORK} == {
        Mark.NEW
    }


def test_imported_endpoint_costs_what_it_did() -> None:
    made = report(deployment("chat", "import", new={}))

    assert only(made).fate is Fate.IMPORTED
    assert made.before == made.after


def test_renamed_endpoint_is_called_renamed() -> None:
    moved = deployment("chat", "update", old={"owner": "urn:old"}, new={"owner": "urn:new"})
    moved["oldState"]["urn"] = deployment_urn("talk")

    found = only(report(moved))

    assert found.fate is Fate.RENAMED
    assert found.parts[0].renamed_from == "talk"
    assert found.parts[0].changes == ()


def test_replacement_that_somebody_asked_for_says_so() -> None:
    found = only(report(deployment("chat", "replace", replaceReasons=["id"], old={})))

    assert "--target-replace" in found.reasons[0].why


def test_endpoints_are_deployed_at_the_same_time() -> None:
    both = {deployment_urn("a"): facts(expected_minutes=20), deployment_urn("b"): facts()}
    made = report(deployment("a", "create", new={}), deployment("b", "create", new={}), found=both)

    assert made.minutes == 20


def test_time_is_unknown_when_one_of_them_is() -> None:
    made = report(
        deployment("a", "create", new={}),
        deployment("b", "create", new={"preflight": "off"}),
        found={deployment_urn("a"): facts()},
    )

    assert made.minutes is None
    assert {e.weights[0].note for e in made.endpoints} == {"", "not examined (preflight: off)"}


def test_machine_left_to_the_service_has_no_price() -> None:
    made = report(
        deployment("a", "create", new={"dedicatedResources": None}), deployment("b", "same")
    )

    assert money(made.after) == "1.15 + unknown"


def test_quota_adds_up_over_deployments_of_one_region() -> None:
    big = {"dedicatedResources": machine(H100, 1, 2)}
    made = report(
        deployment("a", "create", new=big),
        deployment("b", "same", old={"dedicatedResources": machine(H100)}),
        deployment("c", "delete", old={"dedicatedResources": machine(H100)}),
    )

    (row,) = made.quotas
    assert (row.before, row.meanwhile, row.after) == (16, 32, 24)
    assert row.verdict == ""


@pytest.mark.parametrize(
    ("limit", "usage", "elsewhere", "verdict"),
    [(3, None, None, "ok"), (1, None, None, "warn"), (3, 3, 2, "warn"), (4, 3, 2, "ok")],
)
def test_quota_is_held_against_the_limit_and_what_others_use(
    limit: int, usage: int | None, elsewhere: int | None, verdict: str
) -> None:
    state = {deployment_urn("chat"): facts(quota={"limit": limit, "usage": usage})}
    made = report(deployment("chat", "replace", **NEW_BYTES), found=state)

    (row,) = made.quotas
    assert (row.meanwhile, row.elsewhere, row.verdict) == (2, elsewhere, verdict)
    assert made.severity == verdict


def test_findings_are_listed_with_their_rule_and_not_again_as_warnings() -> None:
    finding = {"id": "F2", "severity": "warn", "path": "gcsUri", "message": "odd tokenizer"}
    of = deployment_urn("chat")
    made = report(
        deployment("chat", "create", new={}),
        diagnostics=[{"urn": of, "severity": "warning", "message": "chat: odd tokenizer [F2]\n"}],
        found={of: facts(verdict="warn", findings=[finding])},
    )

    assert made.warnings == ()
    assert [f.rule for f in only(made).weights[0].findings] == ["F2"]
    assert made.severity == "warn"


def test_warning_of_another_resource_is_shown() -> None:
    made = report(
        deployment("chat", "same"),
        diagnostics=[
            {"urn": urn("net", "gcp:x:Y"), "severity": "warning", "message": "deprecated"}
        ],
    )

    assert [(w.where, w.message) for w in made.warnings] == [("net", "deprecated")]


def test_lines_that_repeat_the_reasons_are_no_notes() -> None:
    of = deployment_urn("chat")
    told = [
        "chat: replaced because of weightsFingerprint: the bytes differ [weightsFingerprint]",
        "chat: machineType auto: g2-standard-12 [machineType]",
    ]
    made = report(
        deployment("chat", "replace", **NEW_BYTES),
        diagnostics=[{"urn": of, "severity": "info", "message": line} for line in told],
    )

    assert only(made).parts[0].notes == ("machineType auto: g2-standard-12",)


def test_failed_preview_lists_what_must_be_mended_where() -> None:
    of = deployment_urn("chat")
    made = report(
        deployment("chat", "create", new={}),
        diagnostics=[
            {
                "urn": of,
                "severity": "error",
                "message": "error: Preview failed: chat: gcsUri: is empty.",
            },
            {"severity": "error", "message": "error: preview failed"},
        ],
    )

    assert made.failed
    assert [(p.where, p.message) for p in made.problems] == [("chat", "gcsUri: is empty.")]
    assert only(made).problems == made.problems
    assert made.severity == "error"


def test_failure_of_the_program_is_shown_without_its_traceback() -> None:
    trace = "Program failed:\nTraceback (most recent call last):\n  File x\nValueError: boom\n"
    made = report(diagnostics=[{"severity": "error", "message": f"error: {trace}"}])

    assert made.problems[0].message == "Program failed: ValueError: boom"


def test_failure_without_a_reason_points_to_the_log() -> None:
    made = report(diagnostics=[{"severity": "error", "message": "error: preview failed"}])

    assert "log" in made.problems[0].message


def test_environment_of_a_container_is_never_shown() -> None:
    secret = {"imageUri": "x", "env": [{"name": "TOKEN", "value": "hush"}]}
    made = report(
        deployment("chat", "replace", old={}, new={"containerSpec": secret}),
    )

    assert "hush" not in repr(made)
    assert only(made).reasons[0].changes[0].path == "containerSpec"


def test_resources_that_belong_to_no_endpoint_are_listed_apart() -> None:
    made = report(
        step("net", "gcp:compute/network:Network", "create", new={"name": "hush"}),
        step("zone", "gcp:dns/zone:Zone", "same", new={}),
        component("chat"),
    )

    assert [(o.name, o.action) for o in made.others] == [("net", "created")]
    assert made.unchanged_others == 1
    assert made.endpoints == ()


def test_what_the_internet_reaches_comes_first_then_the_gravest_change() -> None:
    made = report(
        deployment("a", "same"),
        deployment("b", "create", new={"privateServiceConnectConfig": PRIVATE}),
        deployment("open", "create", new={}),
        deployment("c", "replace", **NEW_BYTES),
        deployment("d", "delete", old={}),
    )

    assert [e.name for e in made.endpoints] == ["open", "c", "d", "b", "a"]


def test_preview_without_findings_says_that_they_were_not_recorded() -> None:
    made = report(deployment("chat", "create", new={}))

    assert only(made).weights[0].note == "findings were not recorded"
    assert only(made).timed


def test_drift_that_a_refresh_found_is_noted() -> None:
    refreshed = deployment("chat", "refresh", old={"labels": {"a": "1"}}, new={"labels": {}})
    made = report(refreshed, deployment("chat", "update", old={}, new={"labels": {"a": "1"}}))

    assert only(made).parts[0].notes == ("changed outside this program: labels",)
