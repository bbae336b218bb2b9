"""Faults in `engine.hpp` and `threads.hpp`: tiles, blocks of them, threads, and the sums at the end."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "engine: the threads are not joined before the sums are made",
        "threads.hpp",
        "for (auto& thread : others) thread.join();",
        "for (auto& thread : others) thread.detach();",
    ),
    Fault(
        "engine: a block of tiles loses its last one",
        "engine.hpp",
        "tile < std::min(tiles, (block + 1) * per_block)",
        "tile < std::min(tiles, (block + 1) * per_block - (per_block > 1))",
    ),
    Fault(
        "engine: all blocks add to the first partial sum",
        "engine.hpp",
        "sums ? partial.data() + block * call.n_angles : nullptr",
        "sums ? partial.data() : nullptr",
    ),
    Fault(
        "engine: what is left over of a block of tiles is not done",
        "engine.hpp",
        "const u64 blocks = (tiles + per_block - 1) / per_block;",
        "const u64 blocks = tiles / per_block;",
    ),
    Fault(
        "engine: samples that fill no tile are not done",
        "engine.hpp",
        "const u64 tiles = (call.batch + LANES<T> - 1) / LANES<T>;",
        "const u64 tiles = std::max<u64>(1, call.batch / LANES<T>);",
    ),
    Fault(
        "engine: every thread takes the next block, taken or not",
        "threads.hpp",
        "piece < count && !failed; piece = next++)",
        "piece < count && !failed; ++piece)",
    ),
    Fault(
        "engine: blocks of tiles depend on the number of threads",
        "engine.hpp",
        "std::max<u64>(1, tiles / 256);",
        "std::max<u64>(1, tiles / (128 * call.threads));",
    ),
)
