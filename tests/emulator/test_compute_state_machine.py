"""Random sequences of Compute calls, compared with a model of a few lines."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from vertex_custom_weights_provider.emulator import Settings, attachments, create_app

REGION = "projects/my-proj/regions/us-central1"
LOCATION = "projects/778249642445/locations/us-central1"
NETWORK = "projects/my-proj/global/networks/n"
NAMES = st.sampled_from(["a", "b", "c"])
LABELS = st.dictionaries(st.sampled_from(["x", "y"]), st.sampled_from(["1", "2"]), max_size=2)


class ComputeMachine(RuleBasedStateMachine):
    """The model: names to states, labels and addresses; an operation ends at the next tick."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        state = Path(self.folder.name) / "state.db"
        self.app = create_app(Settings(state, validate_responses=True, operation_seconds=1))
        base = "https://compute.googleapis.com/compute/v1/"
        self.http = httpx.Client(transport=httpx.WSGITransport(app=self.app), base_url=base)
        self.addresses: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, dict[str, Any]] = {}
        self.last: tuple[Any, ...] = ()

    @initialize()
    def stop_the_clock(self) -> None:
        self.clock(factor=0)
        with self.app.store.write() as tx:
            config = {"projectAllowlist": ["my-proj"]}
            self.target = attachments.ensure(tx, LOCATION, config)

    def clock(self, **change: Any) -> None:
        self.http.post("http://localhost/_emulator/clock", json=change).raise_for_status()

    def call(self, verb: str, path: str, body: Any = None) -> str:
        """Make a change; gives `ok`, or the reason it was refused for."""
        query = {"requestId": str(uuid.uuid4())}
        response = self.http.request(verb, f"{REGION}/{path}", json=body, params=query)
        if response.status_code == 200:
            self.last = (verb, f"{REGION}/{path}", body, query, response.json()["name"])
            return "ok"
        return response.json()["error"]["errors"][0]["reason"]

    @staticmethod
    def changeable(items: dict[str, dict[str, Any]], name: str) -> str:
        if name not in items:
            return "notFound"
        return "ok" if items[name]["state"] == "ready" else "resourceNotReady"

    def user_of(self, address: str) -> bool:
        return any(item["address"] == address for item in self.rules.values())

    @rule()
    def tick(self) -> None:
        self.clock(advance=1)
        for items in (self.addresses, self.rules):
            for name, item in list(items.items()):
                if item["state"] == "deleting":
                    del items[name]
                else:
                    item["state"] = "ready"

    @rule(name=NAMES, labels=LABELS)
    def insert_address(self, name: str, labels: dict[str, str]) -> None:
        expected = "alreadyExists" if name in self.addresses else "ok"
        body = {"name": name, "addressType": "INTERNAL", "labels": labels}

        assert self.call("POST", "addresses", body) == expected
        if expected == "ok":
            self.addresses[name] = {"state": "creating", "labels": labels}

    @rule(name=NAMES)
    def delete_address(self, name: str) -> None:
        expected = self.changeable(self.addresses, name)
        if expected == "ok" and self.user_of(name):
            expected = "resourceInUseByAnotherResource"

        assert self.call("DELETE", f"addresses/{name}") == expected
        if expected == "ok":
            self.addresses[name]["state"] = "deleting"

    @rule(name=NAMES, labels=LABELS, stale=st.booleans())
    def label_address(self, name: str, labels: dict[str, str], stale: bool) -> None:
        expected = self.changeable(self.addresses, name)
        if expected == "ok" and stale:
            expected = "conditionNotMet"
        seen = self.http.get(f"{REGION}/addresses/{name}").json().get("labelFingerprint", "")
        body = {"labels": labels, "labelFingerprint": "AAAA" if stale else seen}

        assert self.call("POST", f"addresses/{name}/setLabels", body) == expected
        if expected == "ok":
            self.addresses[name]["labels"] = labels

    @rule(name=NAMES, address=NAMES)
    def insert_rule(self, name: str, address: str) -> None:
        expected = self.changeable(self.addresses, address)
        if expected == "ok" and self.user_of(address):
            expected = "invalid"
        if name in self.rules:
            expected = "alreadyExists"
        body = {"name": name, "network": NETWORK, "target": self.target, "IPAddress": address}

        assert self.call("POST", "forwardingRules", body) == expected
        if expected == "ok":
            self.rules[name] = {"state": "creating", "address": address}

    @rule(name=NAMES)
    def delete_rule(self, name: str) -> None:
        expected = self.changeable(self.rules, name)

        assert self.call("DELETE", f"forwardingRules/{name}") == expected
        if expected == "ok":
            self.rules[name]["state"] = "deleting"

    @rule()
    def repeat_the_last_accepted_call(self) -> None:
        if self.last:
            verb, path, body, query, operation = self.last
            again = self.http.request(verb, path, json=body, params=query)

            assert again.json()["name"] == operation

    @invariant()
    def the_lists_agree_with_the_model(self) -> None:
        addresses = self.items("addresses")
        rules = self.items("forwardingRules")

        assert {name: item["status"] for name, item in addresses.items()} == {
            name: self.status_of(name) for name in self.addresses
        }
        assert {name: item.get("labels", {}) for name, item in addresses.items()} == {
            name: item["labels"] for name, item in self.addresses.items()
        }
        assert {name: item["pscConnectionStatus"] for name, item in rules.items()} == {
            name: "PENDING" if item["state"] == "creating" else "ACCEPTED"
            for name, item in self.rules.items()
        }
        for name, item in rules.items():
            assert item["IPAddress"] == addresses[self.rules[name]["address"]]["address"]
        assert len({item["address"] for item in addresses.values()}) == len(addresses)

    def items(self, collection: str) -> dict[str, dict[str, Any]]:
        listed = self.http.get(f"{REGION}/{collection}").json().get("items", [])
        return {item["name"]: item for item in listed}

    def status_of(self, address: str) -> str:
        if self.addresses[address]["state"] == "creating":
            return "RESERVING"
        return "IN_USE" if self.user_of(address) else "RESERVED"

    def teardown(self) -> None:
        self.http.close()
        self.app.close()
        self.folder.cleanup()


ComputeMachine.TestCase.settings = settings(
    max_examples=1000 if os.environ.get("VCW_FULL") else 12,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestCompute = ComputeMachine.TestCase
