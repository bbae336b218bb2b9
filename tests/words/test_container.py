"""The container: what goes in comes out; any change of any bit is seen; hostile files cost neither time nor memory."""

import hashlib
import struct
import sys

import numpy as np
import pytest

from ketwise.words import container, store
from ketwise.words.container import MOST_HEADER, read, read_any, to_bytes, write
from tests.hostile_files import file_of, read_all

ARRAYS = {
    "b": np.array([[True, False]]),
    **{f"i{size}": np.arange(-3, 3, dtype=f"i{size}") for size in (1, 2, 4, 8)},
    **{f"u{size}": np.arange(6, dtype=f"u{size}").reshape(2, 3) for size in (1, 2, 4, 8)},
    "f4": np.float32([1.5, np.nan, -np.inf]),
    "f8": np.array([[-0.0, 5e-324], [1e308, 0.1]]),
    "c8": np.array([1 + 2j], dtype="c8"),
    "c16": np.array(3 - 4j),
    "none": np.zeros((0, 7)),
    "empty": np.zeros(0, dtype="i4"),
    "turned": np.arange(6.0).reshape(2, 3).T,
    "strided": np.arange(10)[::3],
    "big-endian": np.arange(4, dtype=">i4"),
}
HEADER = {"text": "é\ud800\n", "list": [1, -2.5, None, True, {"deep": []}], "large": 2**63 - 1}


def test_what_goes_in_comes_out(tmp_path):
    write(tmp_path / "a.ketwise", "example", HEADER, ARRAYS)
    header, arrays = read(tmp_path / "a.ketwise", kind="example")
    assert header == HEADER
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype.newbyteorder("=")
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.astype(array.dtype.newbyteorder("=")).tobytes()
        assert arrays[name].flags.writeable
        assert arrays[name].flags.owndata or arrays[name].base.flags.owndata


@pytest.mark.parametrize("arrays", [{}, {"a": np.zeros((3, 0))}, {"a": np.zeros(0), "b": np.ones(1), "c": np.zeros(0)}])
def test_nothing_is_kept_too(tmp_path, arrays):
    write(tmp_path / "a", "example", {}, arrays)
    contents = read_any(tmp_path / "a")
    assert (contents.kind, contents.header, list(contents.arrays)) == ("example", {}, list(arrays))


def test_the_layout_is_the_one_that_is_documented():
    content = to_bytes("k", {"n": 1}, {"a": np.float64([1.0, 2.0]), "b": np.int8([7])})
    magic, version, header, total = struct.unpack("<8sIIQ", content[:24])
    assert (magic, version, total) == (b"\x8bKETWISE", 1, len(content))
    assert content[24 : 24 + header] == (
        b'{"kind":"k","header":{"n":1},"arrays":{"a":{"dtype":"<f8","shape":[2],"offset":0},'
        b'"b":{"dtype":"|i1","shape":[1],"offset":64}}}'
    )
    data = -(-(24 + header) // 64) * 64
    assert content[data : data + 16] == struct.pack("<dd", 1, 2)
    assert content[data + 64 : -32] == b"\x07"
    assert content[-32:] == hashlib.sha256(content[:-32]).digest()


def test_the_same_contents_are_the_same_bytes():
    assert to_bytes("k", HEADER, ARRAYS) == to_bytes("k", HEADER, ARRAYS)


@pytest.mark.parametrize(
    ("kind", "header", "arrays", "error"),
    [
        (3, {}, {}, TypeError),
        ("k", [], {}, TypeError),
        ("k", {"a": (1, 2)}, {}, TypeError),
        ("k", {1: "a"}, {}, TypeError),
        ("k", {"a": np.float64}, {}, TypeError),
        ("k", {"a": float("nan")}, {}, ValueError),
        ("k", {"a": "x" * MOST_HEADER}, {}, ValueError),
        ("k", {"a": 10**30}, {}, ValueError),
        ("k", {}, {"a": np.array(["text"])}, TypeError),
        ("k", {}, {"a": np.array([None])}, TypeError),
        ("k", {}, {"a": np.array(["2020-01-01"], dtype="M8[D]")}, TypeError),
        ("k", {}, {"a": np.zeros(1, dtype=[("x", "f8")])}, TypeError),
        ("k", {}, {1: np.zeros(1)}, TypeError),
        ("k", {}, {"a": np.zeros((1,) * 17)}, ValueError),
    ],
)
def test_what_cannot_be_kept_is_not_written(tmp_path, kind, header, arrays, error):
    with pytest.raises(error):
        write(tmp_path / "a", kind, header, arrays)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch):
    path = write(tmp_path / "a", "example", {"n": 1}, {})

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write(path, "example", {"n": 2}, {})
    assert read(path, kind="example")[0] == {"n": 1}
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged: it ends after 0 bytes"),
        (b"PAR1" + bytes(100), "is no .ketwise file: give one that ketwise wrote"),
        (b"\x8bKET", "is damaged: it ends after 4 bytes"),
        (file_of({}, version=2), "has version 2 of the format and this ketwise reads version 1: update ketwise"),
        (file_of({"kind": "other", "header": {}, "arrays": {}}), "holds a other, and a example is wanted"),
        (to_bytes("example", {}, {})[:-1], r"is damaged: it was written with \d+ bytes and has \d+; copy it again"),
        (to_bytes("example", {}, {})[:-1] + b"\0", "is damaged: its SHA-256 does not agree; copy it again"),
    ],
)
def test_what_is_no_such_file_is_said(tmp_path, content, message):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ValueError, match=f"a {message}"):
        read(tmp_path / "a", kind="example")


def test_places_without_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file .*: check the name"):
        read_any(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_any("a\0b")
    with pytest.raises(OSError, match="no file but a folder, a device or a pipe"):
        read_any(tmp_path)
    with pytest.raises(OSError, match="no file but a folder, a device or a pipe"):
        read_any("/dev/null")


def test_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch):
    path = write(tmp_path / "a", "example", {}, {"x": np.arange(3.0)})
    check = container._check_digest

    def and_change(file, size):
        check(file, size)
        content = bytearray(path.read_bytes())
        content[-40] ^= 1
        path.write_bytes(content)

    monkeypatch.setattr(container, "_check_digest", and_change)
    with pytest.raises(ValueError, match="changed while it was read"):
        read_any(path)


SMALL = to_bytes("example", {"n": [1, 2]}, {"a": np.arange(3.0), "b": np.array([True])})


def is_refused(path, content):
    path.write_bytes(content)
    try:
        read_any(path)
    except ValueError:
        return True
    return False


def test_every_byte_counts(tmp_path):
    bits = np.random.default_rng(0).integers(0, 8, len(SMALL)).tolist()
    accepted = [
        (place, bit)
        for place, bit in enumerate(bits)
        if not is_refused(tmp_path / "a", SMALL[:place] + bytes([SMALL[place] ^ 1 << bit]) + SMALL[place + 1 :])
    ]
    assert accepted == []


def test_every_length_counts(tmp_path):
    assert [end for end in range(0, len(SMALL), 3) if not is_refused(tmp_path / "a", SMALL[:end])] == []
    assert is_refused(tmp_path / "a", SMALL + b"\0")
    assert is_refused(tmp_path / "a", SMALL + SMALL)
    assert not is_refused(tmp_path / "a", SMALL)


def entry(dtype="<f8", shape=(2,), offset=0, **more):
    return {"dtype": dtype, "shape": list(shape), "offset": offset} | more


def described(arrays, **more):
    return {"kind": "example", "header": {}, "arrays": arrays} | more


NESTED = b'{"kind":"example","arrays":{},"header":' + b'{"a":' * 200_000 + b"1" + b"}" * 200_001
DATA = bytes(64) + bytes(16)
HOSTILE = {
    "2^63 rows": file_of(described({"a": entry(shape=[2**63])}), DATA),
    "2^63 rows of nothing": file_of(described({"a": entry(shape=[2**63, 0])})),
    "2^20 times 2^44": file_of(described({"a": entry(shape=[2**20, 2**44])}), DATA),
    "a product that overflows to 16 bytes": file_of(described({"a": entry(shape=[2**62, 4, 2**62, 2])}), DATA),
    "negative rows": file_of(described({"a": entry(shape=[-2])}), DATA),
    "two negative axes": file_of(described({"a": entry(shape=[-1, -2])}), DATA),
    "a fraction of a row": file_of(described({"a": entry(shape=[2.0])}), DATA),
    "True rows": file_of(described({"a": entry(shape=[True])}), DATA),
    "a shape that is none": file_of(described({"a": entry() | {"shape": 2}}), DATA),
    "17 axes": file_of(described({"a": entry(shape=[1] * 17)}), DATA),
    "a negative offset": file_of(described({"a": entry(offset=-64)}), DATA),
    "an offset of 2^64": file_of(described({"a": entry(offset=2**64)}), DATA),
    "an offset beyond the end": file_of(described({"a": entry(offset=1 << 20)}), DATA),
    "an offset off the grid": file_of(described({"a": entry(offset=8)}), DATA),
    "an offset that is text": file_of(described({"a": entry(offset="0")}), DATA),
    "overlapping arrays": file_of(described({"a": entry(shape=[10]), "b": entry(offset=64)}), DATA),
    "one place twice": file_of(described({"a": entry(), "b": entry()}), DATA),
    "a gap between arrays": file_of(described({"a": entry(), "b": entry(offset=128)}), bytes(144)),
    "bytes in a gap": file_of(described({"a": entry(), "b": entry(offset=64)}), bytes(16) + b"x" * 48 + bytes(16)),
    "bytes after the last array": file_of(described({"a": entry()}), DATA),
    "bytes that belong to nothing": file_of(described({}), b"x"),
    "an array beyond the end": file_of(described({"a": entry(shape=[11])}), DATA),
    "a boolean of 2": file_of(described({"a": entry("|b1", [1])}), b"\2"),
    **{
        f"dtype {dtype[:9]!r}": file_of(described({"a": entry(dtype)}), DATA)
        for dtype in ("|O", "O", ">f8", "<U4", "|S8", "|V8", "<M8[D]", "f8,f8", "<f16", "<f8 ", "", "garbage" * 1000)
    },
    "a dtype that is none": file_of(described({"a": entry(None)}), DATA),
    "an array with another key": file_of(described({"a": entry(code="print(1)")}), DATA),
    "an array without a shape": file_of(described({"a": {"dtype": "<f8", "offset": 0}}), DATA),
    "an array that is a list": file_of(described({"a": []}), DATA),
    "arrays that are a list": file_of(described([])),
    "a header that is a list": file_of(described({}, header=[])),
    "a kind that is a number": file_of(described({}, kind=1)),
    "another key": file_of(described({}, code="print(1)")),
    "no kind": file_of({"header": {}, "arrays": {}}),
    "a list": file_of([]),
    "a number": file_of(b"3"),
    "no JSON": file_of(b"cos\nsystem\n(S'true'\ntR."),
    "no header": file_of(b""),
    "deep lists": file_of(b"[" * 1_000_000),
    "deep objects": file_of(NESTED[:MOST_HEADER]),
    "NaN": file_of(b'{"kind":"example","header":{"a":NaN},"arrays":{}}'),
    "Infinity": file_of(b'{"kind":"example","header":{"a":-Infinity},"arrays":{}}'),
    "a float beyond floats": file_of(b'{"kind":"example","header":{"a":1e400},"arrays":{}}'),
    "a million digits": file_of(b'{"kind":"example","arrays":{},"header":{"a":' + b"9" * 1_000_000 + b"}}"),
    "doubled keys": file_of(b'{"kind":"example","kind":"model","header":{},"arrays":{}}'),
    "doubled arrays": file_of(
        b'{"kind":"example","header":{},"arrays":{"a":{"dtype":"<f8","shape":[2],"offset":0},'
        b'"a":{"dtype":"<f8","shape":[2],"offset":0}}}',
        bytes(16),
    ),
    "350,000 empty objects": file_of(b'{"kind":"example","arrays":{},"header":{"a":[' + b"{}," * 340_000 + b"0]}}"),
    "a header of 4 GB": file_of(described({}), header_size=2**32 - 1),
    "a header over the limit": file_of(b" " * (MOST_HEADER + 1)),
    "a header of spaces": file_of(b" " * MOST_HEADER),
    "a header longer than the file": file_of(described({}), header_size=500),
    "a file of 2^64 bytes": file_of(described({}), total=2**64 - 1),
    "another version": file_of(described({}), version=2**32 - 1),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return read_all(
        tmp_path_factory.mktemp("hostile") / "files", HOSTILE, "ketwise.words.container", "read_any", 50 << 20
    )


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_within_50_mb_and_a_second(told, case):
    assert told[case]["error"] == "ValueError", told[case]
    assert told[case]["seconds"] < 1
    assert told[case]["bytes"] < 50e6
    assert len(told[case]["said"]) < 600


def test_the_limits_bite(tmp_path):
    """The same process does read a good file, and cannot take more than it is allowed to."""
    good = to_bytes("example", {"n": 1}, {"x": np.zeros(1000)})
    large = to_bytes("example", {}, {"x": np.zeros(7_000_000)})
    files = {"good": good, "large": large}
    told = read_all(tmp_path / "files", files, "ketwise.words.container", "read_any", 50 << 20)
    assert told["good"]["error"] == "accepted"
    if sys.platform == "linux":
        assert told["large"]["error"] == "MemoryError"
