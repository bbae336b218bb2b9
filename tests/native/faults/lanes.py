"""Faults in `lanes.hpp`: rows, their vectors, parity, sums over runs."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "lanes: the imaginary row is loaded from one vector too early",
        "lanes.hpp",
        "return {at[v], at[VECTORS + v]};",
        "return {at[v], at[VECTORS + v - 1]};",
        isa="baseline",
    ),
    Fault(
        "lanes: only the first vector of a row's imaginary part is stored",
        "lanes.hpp",
        "at[VECTORS + v] = value.im;",
        "at[VECTORS] = value.im;",
        isa="baseline",
    ),
    Fault(
        "lanes: a lane's run is added to the lane of the first vector",
        "lanes.hpp",
        "total[k][v * width + l] += double(run[k][v][l]);",
        "total[k][l] += double(run[k][v][l]);",
        isa="baseline",
    ),
    Fault(
        "lanes: neighbouring lanes are exchanged where runs are summed",
        "lanes.hpp",
        "total[k][v * width + l] += double(run[k][v][l]);",
        "total[k][v * width + l] += double(run[k][v][l ^ 1]);",
    ),
    Fault(
        "lanes: runs replace each other in place of being added",
        "lanes.hpp",
        "total[k][v * width + l] += double(run[k][v][l]);",
        "total[k][v * width + l] = double(run[k][v][l]);",
    ),
    Fault(
        "lanes: the loop over vectors is unrolled, so that products are fused in some lanes only",
        "lanes.hpp",
        '_Pragma("GCC unroll 1")',
        '_Pragma("GCC unroll 8")',
        isa="avx2",
        optimise="-O3",
    ),
    Fault(
        "lanes: parity becomes a count of bits",
        "lanes.hpp",
        "return u64(__builtin_parityll(bits));",
        "return u64(__builtin_popcountll(bits));",
    ),
    Fault(
        "lanes: the vectors of a row of cosines are read from its end",
        "lanes.hpp",
        "return reinterpret_cast<const Vec<T>*>(values)[v];",
        "return reinterpret_cast<const Vec<T>*>(values)[VECTORS - 1 - v];",
        isa="baseline",
    ),
    Fault(
        "lanes: runs in float32 are as long as the state",
        "lanes.hpp",
        "constexpr u64 RUN = 64;",
        "constexpr u64 RUN = u64(1) << 40;",
    ),
)
