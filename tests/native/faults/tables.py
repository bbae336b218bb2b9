"""Faults in `grouping.hpp`, `bound.hpp` and `phases.hpp`: factors that differ by sample, as products from tables."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "tables: the second byte of a place is not looked at",
        "grouping.hpp",
        "tables.of_byte.assign((n_qubits + 7) / 8, {});",
        "tables.of_byte.assign(1, {});",
    ),
    Fault(
        "tables: a word goes to the row of the one before it",
        "grouping.hpp",
        "(u64(table) << tables.bits) + (u64(1) << bit)",
        "(u64(table) << tables.bits) + (u64(1) << bit >> (bit > 0))",
    ),
    Fault(
        "tables: all words go to the first table",
        "grouping.hpp",
        "add_bit(masks[word], u64(1) << (table * Tables::INDEX_BITS + bit));",
        "add_bit(masks[word], u64(1) << bit);",
    ),
    Fault(
        "tables: the last word of many has no table",
        "grouping.hpp",
        "const int bits = (n_words + count - 1) / count;",
        "const int bits = (n_words + count - 1) / count - (n_words > 8);",
    ),
    Fault(
        "tables: a place sees the bits of the byte above",
        "passes.hpp",
        "place >>= 8;",
        "place >>= 7;",
    ),
    Fault(
        "tables: the second factor is taken from the first table",
        "phases.hpp",
        "(u64(table) << pass.tables.bits) + (indices & INDEX)",
        "(indices & INDEX)",
    ),
    Fault(
        "tables: the third factor has the index of the second",
        "phases.hpp",
        "indices >>= Tables::INDEX_BITS;",
        "if (table < 2) indices >>= Tables::INDEX_BITS;",
    ),
    Fault(
        "tables: fixed phases are lost beside those that differ",
        "phases.hpp",
        "if (!pass.fixed.empty()) {",
        "if (pass.fixed.size() > 99) {",
    ),
    Fault(
        "tables: every table takes up the scale",
        "bound.hpp",
        "const double scale = table == 0 ? prepared.scale : 1.0;",
        "const double scale = prepared.scale;",
    ),
    Fault(
        "tables: the factors are conjugated",
        "bound.hpp",
        "rows[L + l] = T(-scale * sines[l]);",
        "rows[L + l] = T(scale * sines[l]);",
    ),
    Fault(
        "tables: half angles of an earlier pass are added",
        "bound.hpp",
        "std::fill(halves, halves + tables.n_rows() * L, 0.0);",
        "",
    ),
    Fault(
        "tables: those that are not kept are those of the first pass",
        "bound.hpp",
        "if (!prepared_.table_rows.are_kept()) bind(pass, prepared);",
        "",
    ),
    Fault(
        "tables: all passes write to the same rows",
        "prepared.hpp",
        "made.first_table_row = next_table_row;",
        "made.first_table_row = 0;",
    ),
    Fault(
        "tables: those of all passes are kept in the room of one",
        "prepared.hpp",
        "std::size_t held() const { return are_kept() ? all : most; }",
        "std::size_t held() const { return most; }",
    ),
)
