"""Addresses of folders in Cloud Storage: one way to write each, and what breaks a rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.gcs_folder import GcsUri, InvalidUriError
from vertex_custom_weights_provider.properties.parsing import parse

segment = st.text(min_size=1, max_size=8).filter(lambda s: not set(s) & set("/\r\n"))


@pytest.mark.parametrize(
    ("uri", "broken"),
    [
        ("bkt/m", "no folder in Cloud Storage"),
        ("s3://bkt/m", "no folder in Cloud Storage"),
        ("/m", "no folder in Cloud Storage"),
        ("GS://bkt/m", "no folder in Cloud Storage"),
        ("gs://", "it has none"),
        ("gs:///m", "it has none"),
        ("gs://Bkt/m", "upper-case letters"),
        ("gs://my bucket/m", "a space"),
        ("gs://büro/m", "lower-case letters, digits, -, _ and . only"),
        ("gs://ab/m", "shorter than 3"),
        ("gs://-abc/m", "begin and end with a letter or digit"),
        ("gs://abc_/m", "begin and end with a letter or digit"),
        (f"gs://{'a' * 64}/m", "longer than 63 characters, or 222 with dots"),
        (f"gs://{'a.' * 112}a/m", "longer than 63 characters, or 222 with dots"),
        ("gs://a..b/m", "two dots in a row"),
        (f"gs://{'a' * 64}.com/m", "between two of its dots are more than 63"),
        ("gs://192.168.5.4/m", "IP address"),
        ("gs://bkt//m", "two slashes in a row"),
        ("gs://bkt/a//b", "two slashes in a row"),
        ("gs://bkt/a//", "two slashes in a row"),
        ("gs://bkt//", "two slashes in a row"),
        ("gs://bkt/a\nb", "a line break"),
        (f"gs://bkt/{'é' * 513}", "more than 1024 bytes"),
    ],
)
def test_an_address_that_breaks_a_rule_is_told_which(uri: str, broken: str) -> None:
    with pytest.raises(InvalidUriError, match=broken):
        GcsUri.parse(uri)


@pytest.mark.parametrize(
    ("uri", "prefix", "written"),
    [
        ("gs://bkt", "", "gs://bkt"),
        ("gs://bkt/", "", "gs://bkt"),
        ("gs://bkt/a/b", "a/b/", "gs://bkt/a/b"),
        ("gs://bkt/a/b/", "a/b/", "gs://bkt/a/b"),
        ("gs://my_bkt.example.com/a", "a/", "gs://my_bkt.example.com/a"),
        (f"gs://{'a' * 63}/é", "é/", f"gs://{'a' * 63}/é"),
    ],
)
def test_an_address_names_the_prefix_of_its_objects(uri: str, prefix: str, written: str) -> None:
    parsed = GcsUri.parse(uri)
    assert (parsed.prefix, str(parsed)) == (prefix, written)


@given(segments=st.lists(segment, max_size=4))
def test_a_slash_at_the_end_makes_no_other_folder(segments: list[str]) -> None:
    uri = "/".join(["gs://bkt", *segments])
    assert GcsUri.parse(uri) == GcsUri.parse(f"{uri}/") == GcsUri.parse(str(GcsUri.parse(uri)))


def test_what_is_sent_and_kept_has_no_slash_at_its_end() -> None:
    wire = {"project": "my-proj", "location": "us-central1", "gcsUri": "gs://weights/llama/"}
    assert parse(CustomWeightsDeploymentSpec, wire).spec.gcs_uri == "gs://weights/llama"
