"""Local folders as buckets: lists, ranged reads, preconditions, and no way out of the folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertex_custom_weights_provider.emulator.storage import ranges

STORAGE = "https://storage.googleapis.com"
LIST = "/storage/v1/b/weights/o"
FORMS = ["/storage/v1/b/weights/o/", "/download/storage/v1/b/weights/o/"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    (folder / "llama").mkdir(parents=True)
    (folder / "llama/config.json").write_bytes(b'{"a": 1}')
    (folder / "llama/model.safetensors").write_bytes(b"0123456789")
    (folder / "top.txt").write_bytes(b"")
    return folder


@pytest.fixture
def bucket(make_cloud: Callable[..., Any], folder: Path) -> httpx.Client:
    return make_cloud(buckets={"weights": folder}).client(STORAGE)


def names(page: dict[str, Any]) -> list[str]:
    return [item["name"] for item in page.get("items", [])]


def test_objects_are_listed_by_name(bucket: httpx.Client) -> None:
    page = bucket.get(LIST).json()

    assert names(page) == ["llama/config.json", "llama/model.safetensors", "top.txt"]
    assert page["items"][1]["size"] == "10"
    assert page["items"][1]["generation"].isdigit()


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("llama/", ["llama/config.json", "llama/model.safetensors"]),
        ("llama/m", ["llama/model.safetensors"]),
        ("lla", ["llama/config.json", "llama/model.safetensors"]),
        ("none/", []),
        ("../", []),
    ],
)
def test_a_prefix_narrows_the_list(bucket: httpx.Client, prefix: str, found: list[str]) -> None:
    assert names(bucket.get(LIST, params={"prefix": prefix}).json()) == found


def test_an_empty_list_has_no_items(bucket: httpx.Client) -> None:
    assert "items" not in bucket.get(LIST, params={"prefix": "none"}).json()


def test_a_delimiter_folds_names_into_prefixes(bucket: httpx.Client) -> None:
    page = bucket.get(LIST, params={"delimiter": "/"}).json()

    assert page["prefixes"] == ["llama/"]
    assert names(page) == ["top.txt"]


def test_pages_follow_each_other_without_gap(bucket: httpx.Client) -> None:
    found: list[str] = []
    query = {"maxResults": "1"}
    while True:
        page = bucket.get(LIST, params=query).json()
        found += names(page)
        if "nextPageToken" not in page:
            break
        query["pageToken"] = page["nextPageToken"]

    assert found == ["llama/config.json", "llama/model.safetensors", "top.txt"]


def test_a_field_selection_leaves_the_rest_out(bucket: httpx.Client) -> None:
    query = {"fields": "items(name,size),nextPageToken", "prefix": "llama/c"}

    assert bucket.get(LIST, params=query).json() == {
        "items": [{"name": "llama/config.json", "size": "8"}]
    }


@pytest.mark.parametrize("form", FORMS)
def test_media_is_answered_on_both_url_forms(bucket: httpx.Client, form: str) -> None:
    answer = bucket.get(f"{form}llama%2Fmodel.safetensors", params={"alt": "media"})

    assert answer.status_code == 200
    assert answer.content == b"0123456789"
    assert answer.headers["content-length"] == "10"


@pytest.mark.parametrize(
    ("header", "content", "said"),
    [
        ("bytes=0-7", b"01234567", "bytes 0-7/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
    ],
)
def test_a_range_answers_a_part(
    bucket: httpx.Client, header: str, content: bytes, said: str
) -> None:
    url = f"{FORMS[1]}llama%2Fmodel.safetensors?alt=media"

    answer = bucket.get(url, headers={"Range": header})

    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["content-range"] == said


def test_a_range_outside_the_object_is_refused(bucket: httpx.Client) -> None:
    url = f"{FORMS[1]}llama%2Fmodel.safetensors?alt=media"

    answer = bucket.get(url, headers={"Range": "bytes=10-"})

    assert answer.status_code == 416
    assert answer.json()["error"]["errors"][0]["reason"] == "requestedRangeNotSatisfiable"


@given(header=st.text(alphabet="bytes=-, 0123456789", max_size=20), size=st.integers(0, 99))
def test_no_range_header_reaches_outside_the_object(header: str, size: int) -> None:
    try:
        span = ranges.parse(header, size)
    except ValueError:
        return

    assert span is None or (span.start >= 0 and 0 < span.length <= size - span.start)


def test_metadata_and_content_carry_the_same_generation(bucket: httpx.Client) -> None:
    url = f"{FORMS[0]}llama%2Fconfig.json"

    metadata = bucket.get(url).json()
    media = bucket.get(url, params={"alt": "media", "generation": metadata["generation"]})

    assert media.headers["x-goog-generation"] == metadata["generation"]
    assert media.content == b'{"a": 1}'


def test_a_rewritten_file_has_another_generation(bucket: httpx.Client, folder: Path) -> None:
    url = f"{FORMS[0]}llama%2Fconfig.json"
    old = bucket.get(url).json()
    (folder / "llama/config.json").write_bytes(b'{"a": 2}')

    new = bucket.get(url).json()

    assert new["generation"] != old["generation"]
    assert new["crc32c"] != old["crc32c"]
    assert bucket.get(url, params={"generation": old["generation"]}).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"ifGenerationMatch": "GENERATION"}, 200),
        ({"ifGenerationMatch": "1"}, 412),
        ({"ifGenerationMatch": "0"}, 412),
        ({"ifMetagenerationMatch": "2"}, 412),
        ({"ifGenerationNotMatch": "GENERATION"}, 304),
        ({"ifGenerationNotMatch": "1"}, 200),
    ],
)
def test_preconditions_are_kept(bucket: httpx.Client, query: dict[str, str], status: int) -> None:
    url = f"{FORMS[0]}llama%2Fconfig.json"
    generation = bucket.get(url).json()["generation"]
    sent = {key: value.replace("GENERATION", generation) for key, value in query.items()}

    assert bucket.get(url, params=sent).status_code == status


@pytest.mark.parametrize(
    "name", ["a b+c%.bin", "ümlaut/é.json", "модель/重み.json", "q?x#y&z=1.txt", "a/b/c/d.txt"]
)
def test_odd_names_are_listed_and_read(bucket: httpx.Client, folder: Path, name: str) -> None:
    (folder / "odd").mkdir()
    file = folder / "odd" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"odd")
    listed = bucket.get(LIST, params={"prefix": "odd/"}).json()["items"][0]

    answer = bucket.get(
        listed["selfLink"].replace("https://www.googleapis.com", STORAGE) + "?alt=media"
    )

    assert listed["name"] == f"odd/{name}"
    assert answer.content == b"odd"


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "llama/../../secret",
        "%2E%2E%2Fsecret",
        "/etc/passwd",
        "llama//config.json",
        "llama",
        "link",
        "out/secret",
    ],
)
def test_nothing_outside_the_folder_is_an_object(
    bucket: httpx.Client, folder: Path, name: str
) -> None:
    (folder.parent / "secret").write_text("secret")
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "out").symlink_to(folder.parent)

    answer = bucket.get(f"{LIST}/{quote(name, safe='')}", params={"alt": "media"})

    assert answer.status_code == 404
    assert not any("secret" in found or "link" in found for found in names(bucket.get(LIST).json()))


def test_a_link_inside_the_folder_is_an_object(bucket: httpx.Client, folder: Path) -> None:
    (folder / "alias.json").symlink_to(folder / "llama/config.json")

    assert bucket.get(f"{LIST}/alias.json").json()["size"] == "8"


def test_files_that_are_no_regular_files_are_no_objects(bucket: httpx.Client, folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    assert "pipe" not in names(bucket.get(LIST).json())


def test_a_sparse_checkpoint_is_described_without_being_read(
    bucket: httpx.Client, folder: Path
) -> None:
    with (folder / "huge.safetensors").open("wb") as file:
        file.truncate(64 << 30)

    answer = bucket.get(f"{FORMS[1]}huge.safetensors?alt=media", headers={"Range": "bytes=0-7"})

    assert bucket.get(f"{LIST}/huge.safetensors").json()["size"] == str(64 << 30)
    assert answer.content == bytes(8)


def test_an_unknown_bucket_is_not_found(bucket: httpx.Client) -> None:
    answer = bucket.get("/storage/v1/b/nowhere/o")

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "The specified bucket does not exist."


def test_an_unknown_object_is_not_found(bucket: httpx.Client) -> None:
    answer = bucket.get(f"{LIST}/nothing", params={"alt": "media"})

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "No such object: weights/nothing"


def test_buckets_are_described_and_listed(bucket: httpx.Client) -> None:
    one = bucket.get("/storage/v1/b/weights").json()
    every = bucket.get("/storage/v1/b", params={"project": "p"}).json()

    assert one["name"] == "weights"
    assert every["items"] == [one]


@pytest.mark.parametrize("query", [{"maxResults": "0"}, {"pageToken": "?"}])
def test_a_malformed_list_request_is_refused(bucket: httpx.Client, query: dict[str, str]) -> None:
    assert bucket.get(LIST, params=query).status_code == 400
