"""Every folder of the corpus gets its verdict and its rule, cheaply and without an exception."""

from __future__ import annotations

import pytest

from vertex_custom_weights_provider.preflight import Finding, examine
from vertex_custom_weights_provider.storage import Listing, LocalSource

from . import cases, hostile_cases, training_cases
from .cases import Case

ALL = [*cases.ALL, *hostile_cases.ALL, *training_cases.ALL]


class CountingSource(LocalSource):
    """Counts the bytes that are read."""

    read_bytes = 0

    def read(self, name: str, start: int, length: int, generation: str) -> bytes:
        data = super().read(name, start, length, generation)
        self.read_bytes += len(data)
        return data

    def list(self) -> Listing:
        return super().list()


def spelled(findings: tuple[Finding, ...]) -> str:
    return "\n".join(f"{f.id} {f.severity} {f.message}" for f in findings)


def test_corpus_is_large_and_its_labels_are_unique():
    labels = [case.label for case in ALL]
    assert len(labels) >= 120
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.label)
def test_folder_gets_its_verdict_and_rule(case: Case, tmp_path):
    case.build(tmp_path)
    source = CountingSource(tmp_path)
    report = examine(source)
    said = spelled(report.findings)
    assert report.verdict == case.verdict, said
    if case.rule:
        rules = {f.id for f in report.findings if f.severity == case.verdict}
        assert case.rule in rules, said
    else:
        assert said == ""
    assert source.read_bytes <= 64_000_000
    assert len(report.findings) <= 20
    for finding in report.findings:
        message = finding.message.replace(str(tmp_path), "")
        assert message.isprintable()
        assert len(message) < 420
        assert finding.path == "gcsUri"
