"""Files with a valid checksum and anything inside, and a fresh process that tries to read them under limits."""

import hashlib
import json
import struct
import subprocess
import sys
from pathlib import Path

PREFIX = "<8sIIQ"
ALIGNMENT = 64

# Reads every file of a folder with one function; says how long, how much memory, and what was raised.
READER = """
import importlib, json, resource, sys, time, tracemalloc
from pathlib import Path
module, name, folder, budget = sys.argv[1:]
read = getattr(importlib.import_module(module), name)
files = sorted(Path(folder).iterdir())
def attempt(path):
    try:
        return "accepted", repr(read(path))[:200]
    except Exception as error:
        return type(error).__name__, str(error)
attempt(files[0])  # what is imported on first use is not the file's doing
if sys.platform == "linux":
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + int(budget), taken + int(budget)))
told = []
for path in files:
    start = time.process_time()  # of this process: others may keep the machine busy
    kind, said = attempt(path)
    seconds = time.process_time() - start
    tracemalloc.start()
    attempt(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    told.append({"error": kind, "said": said, "seconds": seconds, "bytes": peak})
print(json.dumps(told))
"""


def file_of(header: object, data: bytes = b"", **other: int) -> bytes:
    """A container whose SHA-256 agrees, whatever is in it; ``other`` replaces version, header_size or total."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = struct.calcsize(PREFIX)
    start = -(-(size + len(text)) // ALIGNMENT) * ALIGNMENT
    total = start + len(data) + 32
    fields = {"version": 1, "header_size": len(text), "total": total} | other
    prefix = struct.pack(PREFIX, b"\x8bKETWISE", fields["version"], fields["header_size"], fields["total"])
    body = prefix + text + bytes(start - size - len(text)) + data
    return body + hashlib.sha256(body).digest()


def parts_of(content: bytes) -> tuple[dict, bytes]:
    """Header and data of a container."""
    size = struct.calcsize(PREFIX)
    length = struct.unpack(PREFIX, content[:size])[2]
    start = -(-(size + length) // ALIGNMENT) * ALIGNMENT
    return json.loads(content[size : size + length]), content[start:-32]


def read_all(folder: Path, files: dict[str, bytes], module: str, name: str, budget: int) -> dict[str, dict]:
    """Write the files and read each in one fresh process, whose address space may grow by ``budget`` bytes."""
    folder.mkdir()
    for number, content in enumerate(files.values()):
        (folder / f"{number:04d}").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", READER, module, name, str(folder), str(budget)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(files, json.loads(done.stdout), strict=True))
