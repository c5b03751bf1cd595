"""The statements that can be tried for nothing, each with the requests that try it.

A statement is one of docs/emulator.md, word for word. Verdicts are about the statement: it holds,
the cloud does otherwise, or the answers did not show which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Literal, TypeVar

import msgspec

from vertex_custom_weights_provider import errors

from .session import MARK, Seen, Session

Verdict = Literal["holds", "differs", "not seen"]


T = TypeVar("T")


class Question(msgspec.Struct, Generic[T], frozen=True):
    """One statement and how it is tried, on a session or on what was made in one."""

    statement: str
    ask: Callable[[T], tuple[Verdict, str]]


class Finding(msgspec.Struct, frozen=True):
    """What became of a statement: the verdict, and what was seen."""

    statement: str
    verdict: Verdict
    seen: str


def plan(session: Session, weights: str = "") -> str:
    """Return what the probe makes and what that costs, for a person to read beforehand.

    Args:
        session: Where.
        weights: Folder of weights to deploy as well; empty for none.
    """
    deployment = (
        f"\nAfter that {weights} is deployed privately, on the machine that Vertex AI chooses, and "
        "removed again:\nup to an hour of it, 1 to 2 USD for a small model. All of it is named "
        f"{MARK}-…."
        if weights
        else f"\nAll of it is named {MARK}-…. No model is deployed, and no accelerator is used."
    )
    return (
        f"In project {session.project}, region {session.region}, this makes and removes again:\n"
        "- three endpoints without a model, which cost nothing;\n"
        f"- up to two internal addresses in subnetwork {session.subnetwork}, which cost nothing;\n"
        "- a forwarding rule to a target that does not exist, which is expected to be refused\n"
        f"  (otherwise about 0.01 USD until it is removed a minute later).{deployment}"
    )


def ask_all(session: Session) -> Iterator[Finding]:
    """Try all statements; what was made is removed, however it ends."""
    try:
        yield from ask_each(session, QUESTIONS)
    finally:
        session.clean()


def ask_each(asked: T, questions: Iterable[Question[T]]) -> Iterator[Finding]:
    """Ask one question after the other; what cannot be asked is not seen."""
    for question in questions:
        try:
            verdict, seen = question.ask(asked)
        except (errors.VcwError, LookupError, ValueError) as trouble:
            verdict, seen = "not seen", str(trouble)
        yield Finding(question.statement, verdict, seen)


def judged(holds: bool, seen: Seen | str) -> tuple[Verdict, str]:
    """Return the verdict, and what was seen in words."""
    told = seen if isinstance(seen, str) else f"HTTP {seen.status} {seen.word}".strip()
    return "holds" if holds else "differs", told


def _endpoint(session: Session, what: str) -> str:
    return f"{session.vertex}/endpoints/{session.name(what)}"


def _create(session: Session, what: str, **more: object) -> Seen:
    body = {"displayName": what, "labels": {MARK: "1"}, **more}
    return session.make(session.vertex, "endpoints", body, endpointId=session.name(what))


def _created_is_hidden(session: Session) -> tuple[Verdict, str]:
    started = _create(session, "main")
    looked = session.ask("GET", _endpoint(session, "main"))
    if not started.fine:
        return "not seen", f"HTTP {started.status} {started.word}"
    again = session.ask("GET", session.vertex.split("/projects/")[0] + "/" + started.body["name"])
    session.finished(started)
    if looked.fine and again.body.get("done"):
        return "not seen", "the operation was done before anybody could look"
    return judged(not looked.fine, looked)


def _numbers(session: Session) -> tuple[Verdict, str]:
    name = str(session.ask("GET", _endpoint(session, "main")).body["name"])
    return judged(name.split("/")[1].isdigit(), name.split("/")[1])


def _stale_etag(session: Session) -> tuple[Verdict, str]:
    url = _endpoint(session, "main")
    old = session.ask("GET", url).body["etag"]
    session.ask("PATCH", url, {"displayName": "newer"}, updateMask="displayName")
    stale = {"displayName": "stale", "etag": old}
    answer = session.ask("PATCH", url, stale, updateMask="displayName")
    return judged((answer.status, answer.word) == (409, "ABORTED"), answer)


def _fixed_field(session: Session) -> tuple[Verdict, str]:
    body = {"network": f"projects/{session.project}/global/networks/default"}
    answer = session.ask("PATCH", _endpoint(session, "main"), body, updateMask="network")
    return judged(answer.status == 400, answer)


def _filtered_endpoints(session: Session) -> tuple[Verdict, str]:
    listed = session.ask("GET", f"{session.vertex}/endpoints", filter=f"labels.{MARK}=none")
    found = listed.body.get("endpoints", [])
    return judged(listed.fine and not found, f"{len(found)} endpoints")


def _filtered_operations(session: Session) -> tuple[Verdict, str]:
    url = f"{_endpoint(session, 'main')}/operations"
    everything = session.ask("GET", url).body.get("operations", [])
    if not any(one.get("done") for one in everything):
        return "not seen", "no operation was listed"
    found = session.ask("GET", url, filter="done=false")
    left = [one for one in found.body.get("operations", []) if one.get("done")]
    return judged(found.fine and not left, f"{len(left)} operations that are done")


def _cancelled(session: Session) -> tuple[Verdict, str]:
    url = f"{_endpoint(session, 'main')}/operations"
    listed = session.ask("GET", url).body.get("operations", [])
    if not listed:
        return "not seen", "no operation was listed"
    name = listed[0]["name"].rsplit("/", 1)[-1]
    answer = session.ask("POST", f"{url}/{name}:cancel", {})
    return judged(answer.fine, answer)


def _allowlist(session: Session) -> tuple[Verdict, str]:
    private = {"enablePrivateServiceConnect": True, "projectAllowlist": [session.project]}
    started = session.finished(_create(session, "private", privateServiceConnectConfig=private))
    if not started.fine:
        return "not seen", f"HTTP {started.status} {started.word}"
    config = session.ask("GET", _endpoint(session, "private")).body["privateServiceConnectConfig"]
    listed = config["projectAllowlist"]
    return judged(listed == [session.project], ", ".join(listed))


def _malformed(session: Session) -> tuple[Verdict, str]:
    body = {"customModel": {"gcsUri": "gs://none/none"}, "publisherModelName": "publishers/x/y"}
    answer = session.ask("POST", f"{session.vertex}:deploy", body)
    return judged(answer.status == 400, answer)


def _recommends(session: Session) -> tuple[Verdict, str]:
    body = {"gcsUri": f"gs://{session.name('no-such-bucket')}/weights"}
    answer = session.ask("POST", f"{session.vertex}:recommendSpec", body)
    return judged(answer.status != 403, answer)


def _deletion_takes_time(session: Session) -> tuple[Verdict, str]:
    started = session.ask("DELETE", _endpoint(session, "main"))
    session.finished(started)
    if not started.fine:
        return "not seen", f"HTTP {started.status} {started.word}"
    done = bool(started.body.get("done"))
    return judged(not done, "done at once" if done else "running for a while")


def _deleted_is_seen(session: Session) -> tuple[Verdict, str]:
    if not session.finished(_create(session, "gone")).fine:
        return "not seen", "the endpoint could not be made"
    started = session.ask("DELETE", _endpoint(session, "gone"))
    looked = session.ask("GET", _endpoint(session, "gone"))
    session.finished(started)
    if not started.fine or started.body.get("done"):
        return "not seen", "the deletion was done before anybody could look"
    return judged(looked.fine, looked)


def _entombed(session: Session) -> tuple[Verdict, str]:
    if session.ask("GET", _endpoint(session, "main")).fine:
        return "not seen", "the endpoint could not be removed"
    answer = _create(session, "main")
    session.finished(answer)
    return judged((answer.status, answer.word) == (409, "ALREADY_EXISTS"), answer)


def _reserved(session: Session, what: str, **more: object) -> Seen:
    body = {
        "name": session.name(what),
        "addressType": "INTERNAL",
        "subnetwork": f"projects/{session.project}/regions/{session.region}/subnetworks/"
        f"{session.subnetwork}",
        **more,
    }
    return session.make(session.compute, "addresses", body)


def _stale_labels(session: Session) -> tuple[Verdict, str]:
    started = session.finished(_reserved(session, "address"))
    if not started.fine:
        return "not seen", f"HTTP {started.status} {started.word}"
    url = f"{session.compute}/addresses/{session.name('address')}/setLabels"
    answer = session.ask("POST", url, {"labels": {MARK: "2"}, "labelFingerprint": "AAAAAAAAAAA="})
    return judged(answer.status == 412, answer)


def _taken_literal(session: Session) -> tuple[Verdict, str]:
    held = session.ask("GET", f"{session.compute}/addresses/{session.name('address')}")
    if "address" not in held.body:
        return "not seen", "no address was reserved"
    started = _reserved(session, "second", address=held.body["address"])
    ended = session.finished(started)
    if ended.fine and "error" not in ended.body:
        return "differs", "the same literal was reserved twice"
    return judged(started.fine, started)


def _missing_target(session: Session) -> tuple[Verdict, str]:
    where = f"projects/{session.project}/regions/{session.region}"
    body = {
        "name": session.name("rule"),
        "network": f"projects/{session.project}/global/networks/default",
        "IPAddress": f"{where}/addresses/{session.name('address')}",
        "target": f"{where}/serviceAttachments/{session.name('no-such')}",
        "loadBalancingScheme": "",
    }
    started = session.make(session.compute, "forwardingRules", body)
    session.finished(started)
    return judged(started.status == 404, started)


QUESTIONS: tuple[Question[Session], ...] = (
    Question(
        "The endpoint can be seen once its operation is done, not before.", _created_is_hidden
    ),
    Question("Answers name projects by number; requests may use id or number.", _numbers),
    Question("A stale etag is 409 ABORTED.", _stale_etag),
    Question("Fields that cannot be patched are refused, not ignored.", _fixed_field),
    Question(
        "`filter` knows endpoint, display_name and labels, with AND, OR and NOT.",
        _filtered_endpoints,
    ),
    Question("`filter` knows `done` and `name`.", _filtered_operations),
    Question("Cancelling always works, at once, and ends the operation with code 1.", _cancelled),
    Question("Allowlists come back as they were sent.", _allowlist),
    Question("Exactly one source of a deployment is taken: 400 otherwise.", _malformed),
    Question("recommendSpec answers everybody who may deploy.", _recommends),
    Question("A deletion takes an operation that runs for a while.", _deletion_takes_time),
    Question("The endpoint can be seen until the operation is done.", _deleted_is_seen),
    Question("A deleted endpoint id stays unusable for 7 days: 409 ALREADY_EXISTS.", _entombed),
    Question("A stale labelFingerprint is refused with 412 conditionNotMet.", _stale_labels),
    Question("A literal that is taken fails the operation, not the call.", _taken_literal),
    Question("A target that does not exist is refused with 404.", _missing_target),
)
"""In the order in which they are asked: later ones use what earlier ones have made."""
