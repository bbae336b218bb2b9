"""Faults in `rotations.hpp`: rotations in registers, forward and in reverse."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "rotations: Y turns the second of a pair the other way",
        "rotations.hpp",
        "b = {b.re + other * p.re, b.im + other * p.im};",
        "b = {b.re - other * p.re, b.im - other * p.im};",
    ),
    Fault(
        "rotations: X reads the half of a pair that was just turned",
        "rotations.hpp",
        "b = {b.re + other * p.im, b.im - other * p.re};",
        "b = {b.re + other * a.im, b.im - other * a.re};",
    ),
    Fault(
        "rotations: the cosine multiplies one of a pair",
        "rotations.hpp",
        "b = {own * q.re, own * q.im};",
        "b = {q.re, q.im};",
    ),
    Fault(
        "rotations: the sign of a word is +1 at every place",
        "rotations.hpp",
        "other[1][lane] = T(-other_factor);",
        "other[1][lane] = T(other_factor);",
    ),
    Fault(
        "rotations: of rotations done together each pairs neighbours",
        "rotations.hpp",
        "turn<T, ODD, PLAIN>(a[m], a[m | (1 << k)], own, other);",
        "turn<T, ODD, PLAIN>(a[m], a[m ^ (1 << (K - 1 - k))], own, other);",
    ),
    Fault(
        "rotations: rotations read from the state that they write",
        "rotations.hpp",
        "in[m] = from + (place ^ turns.offsets[m]) * 2 * LANES<T>;",
        "in[m] = to + (place ^ turns.offsets[m]) * 2 * LANES<T>;",
    ),
    Fault(
        "rotations: nothing is turned back",
        "rotations.hpp",
        "(ODD ? 0 : parity(place & turns.z[k])) ^ u64(back);",
        "(ODD ? 0 : parity(place & turns.z[k])) & ~u64(back);",
    ),
    Fault(
        "rotations: the sign of a word is taken from the place before the walk",
        "rotations.hpp",
        "(ODD ? 0 : parity(place & turns.z[k])) ^ u64(back);",
        "(ODD ? 0 : parity(place & turns.z[0])) ^ u64(back);",
    ),
    Fault(
        "rotations: half of the overlap of an odd word is missing",
        "rotations.hpp",
        "two += c.im * q.im;",
        "",
    ),
    Fault(
        "rotations: the overlap of an even word crosses the pair",
        "rotations.hpp",
        "two += d.im * p.re;",
        "two += d.im * q.re;",
    ),
    Fault(
        "rotations: an overlap does not see the sign of its word",
        "rotations.hpp",
        "run[k][v] += sign[k] ? two - one : one - two;",
        "run[k][v] += one - two;",
    ),
    Fault(
        "rotations: a state is turned on where it should be turned back",
        "rotations.hpp",
        "back[k] = sign[k] ^ 1;",
        "back[k] = sign[k];",
    ),
    Fault(
        "rotations: the co-state is not turned back",
        "rotations.hpp",
        "store_all<T, K>(beside, a, v);",
        "",
    ),
    Fault(
        "rotations: runs of overlaps begin at the place that the last one ended at",
        "rotations.hpp",
        "if (++i < walk.count) place = walk.next(place, i);",
        "if (++i < end) place = walk.next(place, i);",
    ),
    Fault(
        "rotations: overlaps of a group are those of its first rotation",
        "rotations.hpp",
        "const Complex<T> &p = a[m], &q = a[m | (1 << k)];",
        "const Complex<T> &p = a[m], &q = a[m | 1];",
    ),
    Fault(
        "rotations: what is turned is stored at places one offset on",
        "rotations.hpp",
        "out[m] = to + (place ^ turns.offsets[m]) * 2 * LANES<T>;",
        "out[m] = to + (place ^ turns.offsets[m ^ (K > 2)]) * 2 * LANES<T>;",
    ),
)
