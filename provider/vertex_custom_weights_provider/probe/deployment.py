"""The statements that show on a deployment only, which costs money: tried by one of them.

One private endpoint is deployed, looked at all the while, connected, and taken apart again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vertex_custom_weights_provider.api.names import last

from .questions import Finding, Question, Verdict, ask_each, judged
from .session import MARK, Seen, Session

_PATIENCE_SECONDS = 2 * 3600.0
_GLANCE_SECONDS = 20.0


@dataclass
class Deployment:
    """What is deployed, and what was seen of it."""

    session: Session
    weights: str
    before_the_end: list[Seen] = field(default_factory=list[Seen])
    running: Seen | None = None
    ended: Seen | None = None

    @property
    def id(self) -> str:
        """Id of endpoint and model."""
        return self.session.name("deployed")

    @property
    def endpoint(self) -> str:
        """URL of the endpoint."""
        return f"{self.session.vertex}/endpoints/{self.id}"

    def body(self) -> dict[str, Any]:
        """Return the request: on the machine that Vertex AI chooses, private, labelled."""
        private = {
            "enablePrivateServiceConnect": True,
            "projectAllowlist": [self.session.project],
        }
        return {
            "customModel": {"gcsUri": self.weights},
            "modelConfig": {"modelUserId": self.id},
            "endpointConfig": {
                "endpointUserId": self.id,
                "labels": {MARK: "1"},
                "privateServiceConnectConfig": private,
            },
        }

    def run(self) -> Seen:
        """Deploy, and look every now and then until it has ended."""
        session = self.session
        session.will_be_there(f"{session.vertex}/models/{self.id}")
        session.will_be_there(self.endpoint)  # the last goes first
        started = session.ask("POST", f"{session.vertex}:deploy", self.body())
        seen, waited = started, 0.0
        while seen.fine and not seen.body.get("done") and waited < _PATIENCE_SECONDS:
            session.sleep(_GLANCE_SECONDS)
            waited += _GLANCE_SECONDS
            found = session.ask("GET", self.endpoint)
            seen = session.ask("GET", session.operation(started.body))
            if not seen.body.get("done"):
                self.before_the_end.append(found)
                self.running = seen
        self.ended = seen
        return seen


def ask_of_a_deployment(session: Session, weights: str) -> Iterator[Finding]:
    """Try the statements; what was made is removed, however it ends."""
    deployment = Deployment(session, weights)
    try:
        ended = deployment.run()
        if not ended.fine or "error" in ended.body:
            told = ended.body.get("error", {}).get("message", f"HTTP {ended.status}")
            for question in QUESTIONS_OF_A_DEPLOYMENT:
                yield Finding(question.statement, "not seen", f"the deployment failed: {told}")
            return
        yield from ask_each(deployment, QUESTIONS_OF_A_DEPLOYMENT)
    finally:
        session.clean()


def _visible(asked: Deployment) -> tuple[Verdict, str]:
    found = [seen for seen in asked.before_the_end if seen.fine]
    if not asked.before_the_end:
        return "not seen", "it was done before anybody could look"
    empty = bool(found) and not any(seen.body.get("deployedModels") for seen in found)
    labelled = all(seen.body.get("labels", {}).get(MARK) for seen in found)
    told = f"seen {len(found)} of {len(asked.before_the_end)} times"
    return judged(empty and labelled, told if labelled else f"{told}, without labels")


def _labels(asked: Deployment) -> tuple[Verdict, str]:
    labels = asked.session.ask("GET", asked.endpoint).body.get("labels", {})
    return judged(labels.get(MARK) == "1", ", ".join(sorted(labels)) or "none")


def _metadata(asked: Deployment) -> tuple[Verdict, str]:
    if asked.running is None:
        return "not seen", "it was done before anybody could look"
    metadata = asked.running.body.get("metadata", {})
    known = metadata.get("modelId") == asked.id and bool(metadata.get("destination"))
    return judged(known, ", ".join(sorted(metadata)))


def _source(asked: Deployment) -> tuple[Verdict, str]:
    model = asked.session.ask("GET", f"{asked.session.vertex}/models/{asked.id}").body
    return judged(model.get("artifactUri") == asked.weights, str(model.get("artifactUri", "none")))


def _taken(asked: Deployment) -> tuple[Verdict, str]:
    again = asked.session.ask("POST", f"{asked.session.vertex}:deploy", asked.body())
    return judged((again.status, again.word) == (409, "ALREADY_EXISTS"), again)


def _answering(asked: Deployment) -> tuple[Verdict, str]:
    (deployed,) = asked.session.ask("GET", asked.endpoint).body["deployedModels"]
    status = deployed.get("status", {})
    return judged(not status.get("message"), str(status or "no status"))


def _accepted(asked: Deployment) -> tuple[Verdict, str]:
    session = asked.session
    (deployed,) = session.ask("GET", asked.endpoint).body["deployedModels"]
    where = f"projects/{session.project}/regions/{session.region}"
    address = {
        "name": session.name("connection"),
        "addressType": "INTERNAL",
        "subnetwork": f"{where}/subnetworks/{session.subnetwork}",
    }
    rule = {
        "name": session.name("connection"),
        "network": f"projects/{session.project}/global/networks/default",
        "IPAddress": f"{where}/addresses/{address['name']}",
        "target": deployed["privateEndpoints"]["serviceAttachment"],
        "loadBalancingScheme": "",
    }
    session.finished(session.make(session.compute, "addresses", address))
    session.finished(session.make(session.compute, "forwardingRules", rule))
    found = session.ask("GET", f"{session.compute}/forwardingRules/{rule['name']}").body
    status = str(found.get("pscConnectionStatus", "none"))
    return judged(status == "ACCEPTED", status)


def _free(asked: Deployment) -> tuple[Verdict, str]:
    session = asked.session
    (deployed,) = session.ask("GET", asked.endpoint).body["deployedModels"]
    undeployed = {"deployedModelId": deployed["id"]}
    session.finished(session.ask("POST", f"{asked.endpoint}:undeployModel", undeployed))
    gone = session.ask("DELETE", f"{session.vertex}/models/{last(deployed['model'])}")
    session.finished(gone)
    return judged(gone.fine, gone)


QUESTIONS_OF_A_DEPLOYMENT: tuple[Question[Deployment], ...] = (
    Question("The endpoint is visible, without deployed models, soon after the call.", _visible),
    Question("Labels of a deployment stand on its endpoint.", _labels),
    Question("Metadata of a deployment name the model's id and the destination.", _metadata),
    Question("The model carries the folder of its weights as `artifactUri`.", _source),
    Question("A taken endpoint or model id is refused at the POST; a scenario defers it.", _taken),
    Question("All replicas that were required answer when the operation is done.", _answering),
    Question(
        "A rule to an attachment that allows its project is ACCEPTED when it is made.", _accepted
    ),
    Question("A model can be deleted as soon as it is undeployed.", _free),
)
"""In the order in which they are asked: the last one takes apart what the others look at."""
