"""From the bytes of a text file to its text: UTF-8, UTF-16 and UTF-32 with a mark, Windows-1252; or why it is none."""

_MARKS = [
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
]
_MAGIC = [
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"PAR1", "a Parquet file", "give it a name that ends in .parquet"),
    (b"\x1f\x8b", "compressed with gzip", "decompress it first: gunzip"),
    (b"BZh", "compressed with bzip2", "decompress it first: bunzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz", "decompress it first: unxz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "decompress it first: unzstd"),
    (b"%PDF", "a PDF document", "export the table in it as CSV"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "convert it: pandas.read_hdf(...).to_csv(..., index=False)"),
    (b"SQLite format 3\x00", "an SQLite database", "export the table in it as CSV"),
]
# What no text holds: control signs but tab, line feed, form feed and carriage return.
_CONTROLS = {*range(32), 127} - set(b"\t\n\f\r")
_NO_CONTROLS = bytes(set(range(256)) - _CONTROLS)


def decode(content: bytes, name: str) -> tuple[str, list[str]]:
    """Text of a file, and a note where it is not UTF-8.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file, for the sentence.

    Raises
    ------
    ValueError
        One sentence: it is another kind of file, holds a NUL byte, or is in no encoding that can be told.

    Examples
    --------
    >>> decode("é".encode("utf-16"), "a.csv")
    ('é', ['a.csv is UTF-16 and was read as such.'])
    """
    for magic, what, remedy in _MAGIC:
        if content.startswith(magic):
            raise ValueError(f"{name} is {what}, not CSV: {remedy}")
    notes: list[str] = []
    encoding = next((known for mark, known in _MARKS if content.startswith(mark)), None)
    if encoding is not None:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{name} begins as {encoding} but breaks off or is damaged at byte {error.start}: save it as UTF-8"
            ) from None
        notes.append(f"{name} is {encoding} and was read as such.")
    elif b"\0" not in content:
        text = _decode_8_bits(content, name, notes)
    else:
        text = content.decode("latin-1")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        mark = "" if encoding else ", or is UTF-16 without a mark"
        raise ValueError(f"{name} holds a NUL byte in line {line}: it is no text file{mark}; save it as UTF-8")
    return text, notes


def _decode_8_bits(content: bytes, name: str, notes: list[str]) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = f"byte 0x{content[error.start]:02x} in line {line}"
    remedy = "save it as UTF-8"
    # A file with both kinds of signs would come out as neither meant it: é as Ã© in some rows.
    if any(sign > "\x7f" and sign != "\ufffd" for sign in set(content.decode("utf-8", "replace"))):
        raise ValueError(f"{name} is partly UTF-8 and partly not ({place}): {remedy}")
    control = content.translate(None, _NO_CONTROLS)
    if control:
        raise ValueError(f"{name} is not UTF-8 ({place}) and holds the control byte 0x{control[0]:02x}: {remedy}")
    try:
        text = content.decode("windows-1252")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is neither UTF-8 nor Windows-1252 ({place}): {remedy}") from None
    seen = sorted({sign for sign in text if sign > "\x7f"})
    shown = " ".join(seen[:12]) + (" …" if len(seen) > 12 else "")
    notes.append(
        f"{name} is not UTF-8 ({place}) and was read as Windows-1252; letters beyond ASCII in it: {shown}. If they "
        "look wrong, save the file as UTF-8."
    )
    return text
