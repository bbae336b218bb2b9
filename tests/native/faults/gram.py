"""Faults in `gram.hpp`: fidelities of all pairs of states."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "fidelities: the real part loses the product of imaginary parts",
        "gram.hpp",
        "run[0][r][v] += b * im[v];",
        "",
    ),
    Fault(
        "fidelities: the imaginary part has the sum of its sums",
        "gram.hpp",
        "s[ROWS * COLUMNS] - s[2 * ROWS * COLUMNS];",
        "s[ROWS * COLUMNS] + s[2 * ROWS * COLUMNS];",
    ),
    Fault(
        "fidelities: amplitudes beyond the first chunk replace those before",
        "gram.hpp",
        "sums[l] += double(run[s][r][v][l]);",
        "sums[l] = double(run[s][r][v][l]);",
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
        "const std::complex<T>* row = right_ + (column + s + c) * length_ + first;",
        "const std::complex<T>* row = right_ + (s + c) * length_ + first;",
    ),
    Fault(
        "fidelities: the other half of a symmetric result is not written",
        "gram.hpp",
        "for (u64 r = 0; r < rows; ++r) out_[(column + c) * n_right_ + row + r] = values[r][c];",
        ";",
    ),
    Fault(
        "fidelities: a rectangle is taken to be symmetric",
        "gram.hpp",
        "i < (symmetric_ ? j + 1 : down); ++i",
        "i < j + 1; ++i",
    ),
    Fault(
        "fidelities: sums of an earlier block stay",
        "gram.hpp",
        "if (first == 0) std::fill(sums, sums + TILE_SUMS, 0.0);",
        "",
    ),
    Fault(
        "fidelities: an entry is looked for beside its own",
        "gram.hpp",
        "const double* s = sums + r * COLUMNS + c;",
        "const double* s = sums + r * COLUMNS + (c + 1) % COLUMNS;",
    ),
    Fault(
        "fidelities: columns that were packed before are taken for these",
        "gram.hpp",
        "if (!whole || room.column != column) pack(",
        "if (!whole || room.column == NOTHING) pack(",
    ),
    Fault(
        "fidelities: tiles on the diagonal are left out",
        "gram.hpp",
        "row + i < column + j + COLUMNS) act(",
        "row + i < column + j) act(",
    ),
    Fault(
        "fidelities: a row beyond the last is read as the row before",
        "gram.hpp",
        "left_ + std::min(row + i + r, n_left_ - 1) * length_ + first;",
        "left_ + std::min(row + i + r, n_left_ - 2) * length_ + first;",
    ),
)
