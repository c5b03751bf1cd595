"""Listing and reading folders of weights."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.storage import (
    ChangedError,
    GcsSource,
    LocalSource,
    MissingError,
    UnreadableError,
)


class FakeStore:
    """Answers as Cloud Storage's JSON API does; or raises what it is told to."""

    def __init__(self, objects: Mapping[str, bytes], page: int = 1000) -> None:
        self.objects = objects
        self.page = page
        self.refusal: errors.VcwError | None = None
        self.asked: list[tuple[str, dict[str, str], int | None]] = []

    def read(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        most: int,
        start: int | None = None,
    ) -> bytes:
        self.asked.append((url, dict(params or {}), start))
        if self.refusal:
            raise self.refusal
        if start is not None:
            return self.objects[unquote(url.rpartition("/o/")[2])][start : start + most]
        return json.dumps(self._answer(url, dict(params or {}))).encode()

    def _answer(self, url: str, given: dict[str, str]) -> dict[str, Any]:
        if not url.endswith("/o"):
            return {"location": "US-CENTRAL1"}
        names = sorted(n for n in self.objects if n.startswith(given["prefix"]))
        if "delimiter" in given:
            names = [n for n in names if given["delimiter"] not in n[len(given["prefix"]) :]]
        first = int(given.get("pageToken", 0))
        items = [
            {"name": n, "size": str(len(self.objects[n])), "generation": "7", "crc32c": "AAAAAA=="}
            for n in names[first : first + self.page]
        ]
        after = first + self.page
        return {"items": items, **({"nextPageToken": str(after)} if after < len(names) else {})}


def api_error(kind: type[errors.ApiError], status: int) -> errors.ApiError:
    return kind("no", http_status=status)


def test_names_are_relative_to_the_folder_and_placeholders_are_left_out():
    store = FakeStore({"m/": b"", "m/config.json": b"{}", "m/sub/x": b"", "other/y": b""})
    listing = GcsSource(store, "gs://bkt/m/").list()
    assert [item.name for item in listing.objects] == ["config.json", "sub/x"]
    assert listing.by_name["config.json"].version == "crc32c:AAAAAA=="


def test_folder_does_not_list_its_neighbour_of_a_longer_name():
    store = FakeStore({"m/a": b"", "m2/b": b""})
    assert [i.name for i in GcsSource(store, "gs://bkt/m").list().objects] == ["a"]


def test_listing_follows_pages():
    store = FakeStore({f"m/{n:04}": b"" for n in range(25)}, page=10)
    assert len(GcsSource(store, "gs://bkt/m").list().objects) == 25


def test_endless_listing_is_cut_off():
    store = FakeStore({f"m/{n:04}": b"" for n in range(30)}, page=1)
    listing = GcsSource(store, "gs://bkt/m").list()
    assert listing.truncated
    assert len(store.asked) == 2 * 20


def test_folder_itself_is_listed_whole_whatever_lies_below_it():
    below = {f"m/cache/{n:04}": b"" for n in range(25)}
    store = FakeStore({**below, "m/config.json": b"{}", "m/tokenizer.json": b"{}"}, page=1)
    listing = GcsSource(store, "gs://bkt/m").list()
    assert listing.truncated
    assert {"config.json", "tokenizer.json"} < set(listing.by_name)
    assert [i.name for i in listing.objects] == sorted(listing.by_name)


def test_read_is_ranged_and_pinned_to_the_generation():
    store = FakeStore({"m/a b#c": b"0123456789"})
    assert GcsSource(store, "gs://bkt/m").read("a b#c", 2, 3, "7") == b"234"
    url, params, start = store.asked[-1]
    assert url.endswith("/download/storage/v1/b/bkt/o/m%2Fa%20b%23c")
    assert params == {"alt": "media", "ifGenerationMatch": "7"}
    assert start == 2


@pytest.mark.parametrize(
    ("refusal", "raised"),
    [
        (api_error(errors.ConditionNotMet, 412), ChangedError),
        (api_error(errors.NotFound, 404), ChangedError),
        (api_error(errors.PermissionDenied, 403), UnreadableError),
        (errors.NoAnswer("gone"), UnreadableError),
    ],
)
def test_refused_read_says_whether_the_object_changed(refusal, raised):
    store = FakeStore({})
    store.refusal = refusal
    with pytest.raises(raised):
        GcsSource(store, "gs://bkt/m").read("a", 0, 10, "7")


@pytest.mark.parametrize(
    ("refusal", "raised"),
    [
        (api_error(errors.NotFound, 404), MissingError),
        (api_error(errors.PermissionDenied, 403), UnreadableError),
        (api_error(errors.Unavailable, 503), UnreadableError),
    ],
)
def test_refused_listing_says_whether_the_bucket_exists(refusal, raised):
    store = FakeStore({})
    store.refusal = refusal
    source = GcsSource(store, "gs://bkt/m")
    with pytest.raises(raised):
        source.list()
    assert source.location() is None


def test_refused_listing_names_the_permission():
    store = FakeStore({})
    store.refusal = api_error(errors.PermissionDenied, 403)
    with pytest.raises(UnreadableError, match="storage.objects.list"):
        GcsSource(store, "gs://bkt/m").list()


def test_local_file_that_changed_since_the_listing_is_not_read(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    source = LocalSource(tmp_path)
    (item,) = source.list().objects
    (tmp_path / "a").unlink()
    with pytest.raises(ChangedError):
        source.read("a", 0, 3, item.generation)


def test_local_links_to_files_are_followed(tmp_path):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs/x").write_bytes(b"data")
    (tmp_path / "model").mkdir()
    (tmp_path / "model/w.safetensors").symlink_to(tmp_path / "blobs/x")
    (item,) = LocalSource(tmp_path / "model").list().objects
    assert item.size == 4


def test_missing_local_folder_is_missing(tmp_path):
    with pytest.raises(MissingError):
        LocalSource(tmp_path / "nothing").list()


def test_what_is_no_file_is_left_out(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("nothing")
    (tmp_path / "model.safetensors").mkdir()
    assert [item.name for item in LocalSource(tmp_path).list().objects] == ["config.json"]


def test_file_that_goes_or_is_locked_away_while_it_is_listed_is_left_out(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text("x")
    whole = Path.stat

    def stat(path: Path, **how: Any) -> os.stat_result:
        if path.name == "a":
            raise FileNotFoundError
        if path.name == "b":
            raise PermissionError
        return whole(path, **how)

    monkeypatch.setattr(Path, "stat", stat)
    assert [item.name for item in LocalSource(tmp_path).list().objects] == ["c"]


def test_file_that_became_a_pipe_is_not_waited_for(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (item,) = LocalSource(tmp_path).list().objects
    (tmp_path / "config.json").unlink()
    os.mkfifo(tmp_path / "config.json")
    with pytest.raises(ChangedError):
        LocalSource(tmp_path).read("config.json", 0, 2, item.generation)


def test_name_that_no_file_can_have_is_no_folder():
    with pytest.raises(MissingError):
        LocalSource(Path("a" * 5000)).list()


def test_time_that_no_calendar_has_is_left_out(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    os.utime(tmp_path / "config.json", ns=(0, 2**62))
    assert LocalSource(tmp_path).list().objects[0].name == "config.json"
