"""Changes that a file can suffer on its way: flipped bits, lost and doubled pieces, pieces in the wrong place."""

from collections.abc import Iterator

import numpy as np


def mutations(content: bytes, count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield that many changed copies, each with what was done; none is equal to the original."""
    rng = np.random.default_rng(seed)
    while count:
        kind = CHANGES[int(rng.integers(len(CHANGES)))]
        changed = kind(content, rng)
        if changed != content:
            count -= 1
            yield kind.__name__, changed


def _flip(content: bytes, rng: np.random.Generator) -> bytes:
    made = bytearray(content)
    for place in rng.integers(0, len(made), rng.integers(1, 5)):
        made[place] ^= 1 << int(rng.integers(8))
    return bytes(made)


def _set(content: bytes, rng: np.random.Generator) -> bytes:
    made = bytearray(content)
    made[rng.integers(len(made))] = rng.choice([0, 1, 127, 128, 255])
    return bytes(made)


def _set_a_number(content: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(content) - 8))
    number = rng.choice(np.array([0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1], dtype=np.uint64))
    return content[:place] + number.tobytes() + content[place + 8 :]


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: rng.integers(len(content))]


def _cut_the_front(content: bytes, rng: np.random.Generator) -> bytes:
    return content[rng.integers(1, len(content)) :]


def _append(content: bytes, rng: np.random.Generator) -> bytes:
    return content + rng.bytes(int(rng.integers(1, 100)))


def _swap_bytes(content: bytes, rng: np.random.Generator) -> bytes:
    made = bytearray(content)
    a, b = rng.integers(0, len(made), 2)
    made[a], made[b] = made[b], made[a]
    return bytes(made)


def _swap_blocks(content: bytes, rng: np.random.Generator) -> bytes:
    size = int(rng.choice([8, 64, 512]))
    a, b = (int(place) * size for place in np.sort(rng.integers(0, len(content) // size, 2)))
    pieces = content[:a], content[b : b + size], content[a + size : b], content[a : a + size], content[b + size :]
    return content if b < a + size else b"".join(pieces)


def _zero_a_block(content: bytes, rng: np.random.Generator) -> bytes:
    size, place = int(rng.choice([8, 64, 512])), int(rng.integers(len(content)))
    return content[:place] + bytes(len(content[place : place + size])) + content[place + size :]


def _lose_a_block(content: bytes, rng: np.random.Generator) -> bytes:
    size, place = int(rng.integers(1, 512)), int(rng.integers(len(content)))
    return content[:place] + content[place + size :]


def _double_a_block(content: bytes, rng: np.random.Generator) -> bytes:
    size, place = int(rng.integers(1, 512)), int(rng.integers(len(content)))
    return content[: place + size] + content[place:]


def _insert(content: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(content)))
    return content[:place] + rng.bytes(int(rng.integers(1, 64))) + content[place:]


CHANGES = [
    _flip,
    _set,
    _set_a_number,
    _cut,
    _cut_the_front,
    _append,
    _swap_bytes,
    _swap_blocks,
    _zero_a_block,
    _lose_a_block,
    _double_a_block,
    _insert,
]
