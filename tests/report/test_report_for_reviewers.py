"""What a reviewer decides on: who reaches it, where it is found, what it costs, allow or block."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.report.build import build
from vertex_custom_weights_provider.report.decision import Concern, Decision, Thresholds
from vertex_custom_weights_provider.report.model import Report
from vertex_custom_weights_provider.report.pages import data, html
from vertex_custom_weights_provider.report.pages.markdown import markdown
from vertex_custom_weights_provider.report.wording import against, difference

from .support.example import example
from .support.previews import (
    PRIVATE,
    UNKNOWN,
    component,
    deployment,
    deployment_urn,
    machine,
    only,
    preview,
    report,
    rule,
)

CLOSED: dict[str, Any] = {"privateServiceConnectConfig": PRIVATE}
BIGGER = {"dedicatedResources": machine(least=2, most=4)}


def judged(made: Report) -> tuple[Decision, str]:
    return made.judged.decision, "; ".join(made.judged.reasons)


def test_public_endpoint_is_the_first_thing_said() -> None:
    text = markdown(
        report(deployment("closed", "create", new=CLOSED), deployment("open", "create"))
    )

    assert text.index("Reachable from the internet") < text.index("| Endpoint |")
    assert "- `open`: PUBLIC" in text
    assert "`closed`: PUBLIC" not in text
    assert "private, for projects here" in text


def test_public_endpoint_is_red_on_the_page() -> None:
    page = html.page(report(deployment("open", "create", new={})))

    head, _, _ = page.partition("What changes")
    assert '<section class="alert grave" aria-labelledby="public">' in head
    assert '<span class="badge good">' not in page.partition("Endpoint by endpoint")[0]


def test_callers_see_the_old_and_the_new_url() -> None:
    moved = deployment(
        "chat", "replace", old={**CLOSED}, new={**CLOSED, "endpointUserId": "chat-2"}
    )
    connected = rule("fwd", "replace", UNKNOWN, of=deployment_urn("chat"))
    found = only(report(moved, connected)).reach

    place = "v1beta1/projects/here/locations/us-central1/endpoints"
    assert found.before == f"http://10.0.0.9/{place}/chat-1"
    assert found.after == f"http://10.0.0.9/{place}/chat-2"
    assert not found.sure  # chat-2 may have been deleted a day ago


def test_new_dns_name_follows_from_the_old_one() -> None:
    dns = {"dedicatedEndpointDns": "chat-1.us-central1-42.prediction.vertexai.goog"}
    moved = deployment("chat", "replace", old={}, new={"endpointUserId": "chat-2"}, outputs=dns)
    found = only(report(moved)).reach

    assert found.before.startswith("https://chat-1.us-central1-42.")
    assert found.after.startswith("https://chat-2.us-central1-42.")


def test_url_that_stays_is_said_once() -> None:
    dns = {"dedicatedEndpointDns": "chat-1.us-central1-42.prediction.vertexai.goog"}
    text = markdown(report(deployment("chat", "update", old={}, new=BIGGER, outputs=dns)))

    assert text.count("https://chat-1.us-central1-42.prediction.vertexai.goog") == 1


def test_new_endpoint_shows_what_it_is_made_of() -> None:
    made = only(report(deployment("chat", "create", new={**CLOSED, **BIGGER})))
    shown = {change.path: change.new for change in made.parts[0].changes}

    assert shown["gcsUri"] == "gs://bucket/one"
    assert shown["dedicatedResources.machineSpec.machineType"] == "g2-standard-12"
    assert shown["dedicatedResources.maxReplicaCount"] == "4"
    assert shown["privateServiceConnectConfig.projectAllowlist"] == "here"
    assert "weightsFingerprint" not in shown


def test_month_is_compared_with_the_month_before() -> None:
    made = report(deployment("chat", "update", old={}, new=BIGGER))
    hourly = made.before.floor

    assert difference(made) == f"{round(hourly * 730):+,} to {round(hourly * 3 * 730):+,}"


def test_quota_of_a_machine_that_nobody_knows_is_not_left_out() -> None:
    made = report(
        deployment("known", "create", new=CLOSED),
        deployment("auto", "create", new={**CLOSED, "dedicatedResources": None}),
    )

    assert "1 + unknown" in markdown(made)
    assert [row.verdict for row in made.quotas] == [""]


def test_connection_that_another_endpoint_lends_is_drawn() -> None:
    chat, extra = deployment_urn("chat-deployment", "chat"), component("extra")
    extra["newState"]["propertyDependencies"] = {"pscIpAddress": [RULE_URN]}
    made = report(
        component("chat"),
        deployment("chat-deployment", "create", home="chat", new=CLOSED),
        rule("fwd", "create", UNKNOWN, of=chat),
        extra,
        deployment("extra-deployment", "create", home="extra", new=CLOSED),
    )
    titles = {e.name: [node.title for node in e.topology.nodes] for e in made.endpoints}

    assert "no connection here" not in titles["extra"]
    assert "apps" in titles["extra"]


RULE_URN = rule("fwd", "create", UNKNOWN)["urn"]


@pytest.mark.parametrize(
    ("steps", "limits", "decision", "told"),
    [
        ([deployment("chat", "same")], {}, Decision.ALLOW, ""),
        ([deployment("chat", "create", new=CLOSED)], {}, Decision.ALLOW, ""),
        ([deployment("chat", "create", new={})], {}, Decision.WARN, "internet: chat"),
        (
            [deployment("chat", "create", new={})],
            {"block": [Concern.PUBLIC]},
            Decision.BLOCK,
            "internet: chat",
        ),
        ([deployment("chat", "delete", old={})], {}, Decision.WARN, "callers lose it: chat"),
        (
            [deployment("chat", "create", new=CLOSED)],
            {"most_a_month": 100},
            Decision.BLOCK,
            "of 100 allowed",
        ),
        (
            [deployment("chat", "update", old=CLOSED, new={**CLOSED, **BIGGER})],
            {"most_increase": 10},
            Decision.BLOCK,
            "more, of 10 allowed",
        ),
    ],
)
def test_thresholds_decide(
    steps: list[dict[str, Any]], limits: dict[str, Any], decision: Decision, told: str
) -> None:
    found, why = judged(build(preview(*steps), None, Thresholds(**limits)))

    assert found is decision
    assert told in why


def test_json_holds_the_whole_report() -> None:
    made = example()
    written = data.write(made)

    assert data.read(written) == made
    found = json.loads(written)["report"]
    assert found["judged"]["decision"] == "warn"
    assert {e["name"] for e in found["endpoints"]} == {e.name for e in made.endpoints}


@pytest.mark.parametrize("text", ["", "[]", '{"version": 1}', '{"version": 9, "report": {}}'])
def test_file_that_is_no_report_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match="report"):
        data.read(text)


def test_report_is_compared_with_that_of_another_branch() -> None:
    base = report(deployment("chat", "same", old=CLOSED), deployment("gone", "same", old=CLOSED))
    branch = report(
        deployment("chat", "update", old=CLOSED, new={**CLOSED, **BIGGER}),
        deployment("more", "create", new=CLOSED),
    )
    told = list(against(branch, data.read(data.write(base))))

    assert told[0].startswith("chat: unchanged → changed in place; USD an hour ")
    assert told[1:3] == ["more: only here", "gone: only there"]
    assert told[3].startswith("all endpoints afterwards: ")
    assert list(against(base, base)) == []
