"""Nothing half-written: a failure at any step leaves what was there, and no temporary file."""

import os
import stat

import pytest

from ketwise.words import store
from ketwise.words.store import writable_path, write_file, write_files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_both_files_are_written(tmp_path):
    written = write_files({tmp_path / "a.html": "é", tmp_path / "b.json": b"\x00\xff"})
    assert [path.read_bytes() for path in written] == ["é".encode(), b"\x00\xff"]
    assert names(tmp_path) == ["a.html", "b.json"]


def test_permissions_are_those_of_any_new_file_or_of_the_old_one(tmp_path):
    mask = os.umask(0)
    os.umask(mask)
    path = write_file(tmp_path / "a", "1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    path.chmod(0o640)
    write_file(path, "2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "file")
    write_file(tmp_path / "link", "through")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep" / "file").read_text() == "through"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_leaves_everything_as_it_was(tmp_path, monkeypatch, failing):
    (tmp_path / "a").write_text("old")
    calls = []

    def fail(*arguments):
        calls.append(arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, failing, fail)
    with pytest.raises(OSError, match="No space left"):
        write_files({tmp_path / "a": "new", tmp_path / "b": "new"})
    assert calls
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_the_second_file_is_complete_before_the_first_is_renamed(tmp_path, monkeypatch):
    seen = []
    replace = os.replace
    monkeypatch.setattr(store.os, "replace", lambda *a: (seen.append(names(tmp_path)), replace(*a)))
    write_files({tmp_path / "a": "1", tmp_path / "b": "2"})
    assert len(seen[0]) == 2
    assert all(name.endswith(".tmp") for name in seen[0])


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("", IsADirectoryError, "give the name of a file|it is a folder"),
        ("none/a.html", FileNotFoundError, "the folder .*none does not exist; create it first"),
        ("file/a.html", NotADirectoryError, "is not a folder"),
        ("folder", IsADirectoryError, "it is a folder; add a file name"),
        ("a\0b", IsADirectoryError, "give the name of a file"),
    ],
)
def test_places_that_cannot_be_written_are_named(tmp_path, name, error, message):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(error, match=message):
        writable_path(tmp_path / name if name else tmp_path)


def test_devices_are_refused():
    with pytest.raises(OSError, match="a device or a pipe"):
        writable_path("/dev/null")


def test_no_permission(tmp_path, monkeypatch):
    monkeypatch.setattr(store.os, "access", lambda *a: False)  # root may write anywhere
    with pytest.raises(PermissionError, match="no permission to write there"):
        writable_path(tmp_path / "a")


def test_one_name_twice(tmp_path):
    with pytest.raises(ValueError, match="two contents for one file"):
        write_files(
            {tmp_path / "a": "1", str(tmp_path / "b") + "/../a": "2"} if (tmp_path / "b").mkdir() is None else {}
        )
    assert names(tmp_path) == ["b"]
