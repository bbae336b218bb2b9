"""Faults in `outputs.hpp`: values, and the co-states that start the reverse sweep."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "outputs: a run of diagonal terms ends one row early",
        "outputs.hpp",
        "for (u64 p = start; p < end; ++p) {",
        "for (u64 p = start; p + 1 < end; ++p) {",
    ),
    Fault(
        "outputs: a block of terms is summed into the rows of the first",
        "outputs.hpp",
        "accumulate<T>(run[t], rows + (first + t) * LANES<T>);",
        "accumulate<T>(run[t], rows + t * LANES<T>);",
    ),
    Fault(
        "outputs: the imaginary part does not count in a weight",
        "outputs.hpp",
        "weight[0][v] = a.re * a.re + a.im * a.im;",
        "weight[0][v] = a.re * a.re;",
    ),
    Fault(
        "outputs: diagonal terms share the sign of the first of a block",
        "outputs.hpp",
        "const u64 odd = parity(p & terms[first + t].z);",
        "const u64 odd = parity(p & terms[first].z);",
    ),
    Fault(
        "outputs: the expectation of a Y word has the wrong sign",
        "outputs.hpp",
        "term.power % 2 ? a.re * b.im - a.im * b.re : a.re * b.re + a.im * b.im",
        "term.power % 2 ? a.im * b.re - a.re * b.im : a.re * b.re + a.im * b.im",
    ),
    Fault(
        "outputs: a conjugate is missing in the expectation of an X word",
        "outputs.hpp",
        "term.power % 2 ? a.re * b.im - a.im * b.re : a.re * b.re + a.im * b.im",
        "term.power % 2 ? a.re * b.im - a.im * b.re : a.re * b.re - a.im * b.im",
    ),
    Fault(
        "outputs: a word with two Y loses its sign",
        "outputs.hpp",
        """const bool minus = (parity(p & term.z) != 0) != (term.power >= 2);
            const T sign =""",
        """const bool minus = parity(p & term.z) != 0;
            const T sign =""",
    ),
    Fault(
        "outputs: a flipping term is counted once for each pair",
        "outputs.hpp",
        "const T sign = T(minus ? -2 : 2);",
        "const T sign = T(minus ? -1 : 1);",
    ),
    Fault(
        "outputs: a term without coefficient",
        "outputs.hpp",
        "values[term.observable * L + l] += term.coefficient * row[l];",
        "values[term.observable * L + l] += row[l];",
    ),
    Fault(
        "outputs: the co-state of diagonal terms is half as long",
        "outputs.hpp",
        "T(2 * outputs.diagonal[t].coefficient)",
        "T(outputs.diagonal[t].coefficient)",
    ),
    Fault(
        "outputs: the co-state of an X word replaces that of the terms before it",
        "outputs.hpp",
        "d.re += k * a.re, d.im += k * a.im;",
        "d.re = k * a.re, d.im = k * a.im;",
    ),
    Fault(
        "outputs: the co-state of a Y word has a wrong sign in one half",
        "outputs.hpp",
        "d.re -= k * a.im, d.im += k * a.re;",
        "d.re += k * a.im, d.im -= k * a.re;",
    ),
    Fault(
        "outputs: probabilities shift the key of a qubit by one",
        "outputs.hpp",
        "key |= bits[k].at(place) << k;",
        "key |= bits[k].at(place) << (k ? k - 1 : 0);",
    ),
    Fault(
        "outputs: probabilities read the imaginary part from the next row",
        "outputs.hpp",
        "double(at[L + l]) * double(at[L + l]);",
        "double(at[2 * L + l]) * double(at[2 * L + l]);",
    ),
    Fault(
        "outputs: the co-state of probabilities is not scaled",
        "outputs.hpp",
        "const Vec<T> k = lane_row(row, v) * T(2);",
        "const Vec<T> k = lane_row(row, v);",
    ),
    Fault(
        "outputs: an overlap is with the conjugate of its target",
        "outputs.hpp",
        "row[l] += t.real() * double(at[l]) + t.imag() * double(at[L + l]);",
        "row[l] += t.real() * double(at[l]) - t.imag() * double(at[L + l]);",
    ),
    Fault(
        "outputs: all overlaps are with the first target",
        "outputs.hpp",
        """const cdouble t = outputs.targets[m * size + index];
            double* row""",
        """const cdouble t = outputs.targets[index];
            double* row""",
    ),
    Fault(
        "outputs: the co-state of overlaps takes places for basis states",
        "outputs.hpp",
        """const u64 index = plan.basis_state(p);
        double re[L]""",
        """const u64 index = p;
        double re[L]""",
    ),
    Fault(
        "outputs: the co-state of overlaps is conjugated",
        "outputs.hpp",
        "im[l] += k * (t.real() * row[L + l] + t.imag() * row[l]);",
        "im[l] -= k * (t.real() * row[L + l] + t.imag() * row[l]);",
    ),
    Fault(
        "outputs: the co-state ignores the sign of a diagonal term",
        "outputs.hpp",
        "factors.get()[(2 * t + 1) * L + l] = -factor;",
        "factors.get()[(2 * t + 1) * L + l] = factor;",
    ),
    Fault(
        "outputs: flipping terms have the cotangent of the first observable",
        "outputs.hpp",
        "lane_row(weights + term.observable * L, v) * factor;",
        "lane_row(weights, v) * factor;",
    ),
)
