"""Faults in `fixed.hpp`: matrices, permutations, diagonals."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "fixed gates: the adjoint of a matrix is not conjugated",
        "fixed.hpp",
        "std::conj(pass.data[j * size + i])",
        "pass.data[j * size + i]",
    ),
    Fault(
        "fixed gates: the adjoint of a matrix is not transposed",
        "fixed.hpp",
        "std::conj(pass.data[j * size + i])",
        "std::conj(pass.data[i * size + j])",
    ),
    Fault(
        "fixed gates: a matrix ignores its controls",
        "fixed.hpp",
        "if (all_hold(pass.controls, base)) visit(base);",
        "visit(base);",
    ),
    Fault(
        "fixed gates: a diagonal is not conjugated where it is undone",
        "fixed.hpp",
        "T(adjoint ? -pass.data[index].imag() : pass.data[index].imag())",
        "T(pass.data[index].imag())",
    ),
    Fault(
        "fixed gates: a diagonal ignores its controls",
        "fixed.hpp",
        "if (!all_hold(pass.controls, p)) continue;",
        "",
    ),
    Fault(
        "fixed gates: the bits of a diagonal's index are in the wrong order",
        "fixed.hpp",
        "index |= pass.bits[k].at(p) << k;",
        "index |= pass.bits[k].at(p) << (pass.bits.size() - 1 - k);",
    ),
    Fault(
        "fixed gates: a permutation loses the row in hand at the end of a cycle",
        "fixed.hpp",
        "EACH_VECTOR(v) store(psi, base ^ offsets[i], v, held[v]);",
        "",
    ),
    Fault(
        "fixed gates: a permutation copies one row along its cycle",
        "fixed.hpp",
        "held[v] = there;",
        "",
    ),
    Fault(
        "fixed gates: the pivots of a subspace are those of the first flip",
        "walk.hpp",
        "for (u64 x : flips) pivots |= highest_bit(x);",
        "pivots = highest_bit(flips[0]);",
    ),
)
