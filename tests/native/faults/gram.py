"""Faults in `gram.hpp`: fidelities of all pairs of states."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "fidelities: the real part loses the product of imaginary parts",
        "gram.hpp",
        "real[r][v] += b * im[v];",
        "",
    ),
    Fault(
        "fidelities: the imaginary part has the sum of its sums",
        "gram.hpp",
        "const double imaginary = s[1] - s[2];",
        "const double imaginary = s[1] + s[2];",
    ),
    Fault(
        "fidelities: amplitudes beyond the first chunk replace those before",
        "gram.hpp",
        "at[0] += double(real[r][v][l]);",
        "at[0] = double(real[r][v][l]);",
    ),
    Fault(
        "fidelities: the last chunk of amplitudes is taken to be whole",
        "gram.hpp",
        "const u64 depth = std::min(DEPTH, length_ - first);",
        "const u64 depth = std::min(DEPTH, length_);",
    ),
    Fault(
        "fidelities: columns start at the first state in every block",
        "gram.hpp",
        "pack(right_, length_, column, columns, first,",
        "pack(right_, length_, 0, columns, first,",
    ),
    Fault(
        "fidelities: the other half of a symmetric result is not written",
        "gram.hpp",
        "if (symmetric_) out_[(column + j) * n_right_ + row + i] = value;",
        "",
    ),
    Fault(
        "fidelities: a rectangle is taken to be symmetric",
        "gram.hpp",
        "for (u64 j = symmetric_ ? i : 0; j < across; ++j)",
        "for (u64 j = i; j < across; ++j)",
    ),
    Fault(
        "fidelities: sums of an earlier block stay",
        "gram.hpp",
        "std::fill(room.sums.get(), room.sums.get() + SIDE * SIDE * SUMS, 0.0);",
        "",
    ),
    Fault(
        "fidelities: an entry is looked for in the tile beside its own",
        "gram.hpp",
        "const u64 inside = (i % ROWS) * COLUMNS + j % COLUMNS;",
        "const u64 inside = (i % ROWS) * COLUMNS + (j + 1) % COLUMNS;",
    ),
)
