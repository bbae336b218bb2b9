"""Faults in `walk.hpp`: the places that a kernel goes to."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "walk: an odd word is not walked where its sign is +1",
        "walk.hpp",
        "if (word.odd && parity(bit & word.z)) direction ^= word.x;",
        "",
    ),
    Fault(
        "walk: flips that share a highest bit are told apart by it",
        "walk.hpp",
        """reduce(flips);
    u64 pivots""",
        "u64 pivots",
    ),
    Fault(
        "walk: pairs are told apart by the lowest bit",
        "walk.hpp",
        "explicit Pairs(u64 x) : bit(highest_bit(x)) {}",
        "explicit Pairs(u64 x) : bit(x ? 1 : 0) {}",
    ),
    Fault(
        "walk: pairs of places are counted past a lower bit",
        "walk.hpp",
        "return ((i & ~(bit - 1)) << 1) | (i & (bit - 1));",
        "return ((i & ~(bit - 1)) << 1) | (i & (bit - 1) & ~u64(1));",
    ),
    Fault(
        "walk: directions are independent only if a flip is 0",
        "walk.hpp",
        "if (!flips[k]) return false;",
        "if (!flips[k]) return true;",
    ),
)
