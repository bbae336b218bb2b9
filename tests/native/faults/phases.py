"""Faults in `phases.hpp`: Walsh transforms, tables and rows of factors, overlaps and their sums over lanes."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "phases: the last level of a Walsh transform is left out",
        "phases.hpp",
        "for (; half < size; half *= 2)",
        "for (; half < size / 2; half *= 2)",
    ),
    Fault(
        "phases: the level of a Walsh transform after eight numbers is left out",
        "phases.hpp",
        "walsh(numbers, n, 1, 8);",
        "walsh(numbers, n, 1, 16);",
    ),
    Fault(
        "phases: a Walsh transform of eight has one wrong sign",
        "phases.hpp",
        "b[4] + b[6], b[5] + b[7], b[4] - b[6], b[5] - b[7]};",
        "b[4] + b[6], b[5] + b[7], b[4] - b[6], b[7] - b[5]};",
    ),
    Fault(
        "phases: the sign of an angle is lost in a table",
        "phases.hpp",
        "phases[mask] += phase.angle.sign * weight",
        "phases[mask] += weight",
    ),
    Fault(
        "phases: angles of one word replace each other in a table",
        "phases.hpp",
        "phases[mask] += phase.angle.sign * weight",
        "phases[mask] = phase.angle.sign * weight",
    ),
    Fault(
        "phases: a table is conjugated",
        "phases.hpp",
        "table[2 * p + 1] = T(factor.imag() * cosines[p] - factor.real() * sines[p]);",
        "table[2 * p + 1] = T(factor.imag() * cosines[p] + factor.real() * sines[p]);",
    ),
    Fault(
        "phases: fixed phases are left out of a table",
        "phases.hpp",
        "pass.fixed.empty() ? cdouble(scale) : scale * fixed_factor(pass, p);",
        "cdouble(scale);",
    ),
    Fault(
        "phases: the scale is left out where phases differ by sample",
        "phases.hpp",
        "pass.fixed.empty() ? cdouble(scale) : scale * fixed_factor(pass, place);",
        "pass.fixed.empty() ? cdouble(1.0) : fixed_factor(pass, place);",
    ),
    Fault(
        "phases: on many qubits fixed phases are everywhere",
        "phases.hpp",
        "if (all_hold(phase.controls, place)) product *= phase.value;",
        "product *= phase.value;",
    ),
    Fault(
        "phases: every vector has the phases of the first",
        "phases.hpp",
        "phases + place * LANES<T> + v * width;",
        "phases + place * LANES<T>;",
        isa="baseline",
    ),
    Fault(
        "phases: the second half of a float32 vector has the sines of the first",
        "phases.hpp",
        "sines[part * (width / parts) + l] = T(s[l]);",
        "sines[part * (width / parts) + l] = part ? sines[l] : T(s[l]);",
    ),
    Fault(
        "phases: a fixed phase is not conjugated where it is undone",
        "phases.hpp",
        "im = T(adjoint ? -factor.imag() : factor.imag());",
        "im = T(factor.imag());",
    ),
    Fault(
        "phases: phases read from the state that they write",
        "phases.hpp",
        "Complex<T>(factors.at(p, v).times(load(from, p, v)))",
        "Complex<T>(factors.at(p, v).times(load(to, p, v)))",
    ),
    Fault(
        "phases: overlaps of the state before are with the co-state after",
        "phases.hpp",
        """if (BEFORE)
        c = back;
    else""",
        "if (!BEFORE)",
    ),
    Fault(
        "phases: the overlap has the wrong sign",
        "phases.hpp",
        "return c.re * a.im - c.im * a.re;",
        "return c.im * a.re - c.re * a.im;",
    ),
    Fault(
        "phases: sums over lanes take the even lanes twice",
        "phases.hpp",
        "__builtin_shuffle(a, b, Index{(2 * I + 1)...})",
        "__builtin_shuffle(a, b, Index{(2 * I)...})",
    ),
    Fault(
        "phases: sums over lanes pair a row with that of its neighbour",
        "phases.hpp",
        "rows[k] = pairs(rows[2 * k], rows[2 * k + 1],",
        "rows[k] = pairs(rows[k], rows[k + 1],",
    ),
    Fault(
        "phases: overlaps are summed over the last vector of a row",
        "phases.hpp",
        "EACH_VECTOR(v) rows[k] += unapply_at",
        "EACH_VECTOR(v) rows[k] = unapply_at",
        isa="baseline",
    ),
    Fault(
        "phases: overlaps by sample are those of the last vector",
        "phases.hpp",
        "reinterpret_cast<Vec<T>*>(overlaps + p * LANES<T>)[v] = overlap;",
        "reinterpret_cast<Vec<T>*>(overlaps + p * LANES<T>)[0] = overlap;",
        isa="baseline",
    ),
    Fault(
        "phases: phases without a wanted derivative are made again where they should be undone",
        "phases.hpp",
        "factors.at(p, v).adjoint_times(load(state, p, v))",
        "factors.at(p, v).times(load(state, p, v))",
    ),
    Fault(
        "phases: the adjoint of phases is not conjugated",
        "phases.hpp",
        "adjoint_times(const Complex<T>& a) const { return {re * a.re + im * a.im, re * a.im - im * a.re}; }",
        "adjoint_times(const Complex<T>& a) const { return {re * a.re - im * a.im, re * a.im + im * a.re}; }",
    ),
)
