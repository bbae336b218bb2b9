// The passes over one tile: forward, and in reverse on a state and its co-state together.
//
// Reverse passes return the imaginary part of <co-state| P |state> after the pass, which is twice the derivative with
// respect to the angle of a rotation about P, and then undo the pass on both states.
#pragma once

#include "plan.hpp"

namespace ketwise {

// The place that `i` counts when one bit is left out: zero there.
inline u64 insert_zero(u64 i, u64 bit) { return ((i & ~(bit - 1)) << 1) | (i & (bit - 1)); }

inline u64 highest_bit(u64 x) { return u64(1) << (63 - __builtin_clzll(x)); }

// One place of every pair (p, p ^ x), for i < 2**(n-1).
struct Pairs {
    explicit Pairs(u64 x) : bit(highest_bit(x)) {}
    u64 at(u64 i) const { return insert_zero(i, bit); }
    u64 bit;
};

// One place of every four (p, p ^ x, p ^ y, p ^ x ^ y), for i < 2**(n-2).
struct Quads {
    Quads(u64 x, u64 y) {
        const u64 first = highest_bit(x), second = highest_bit(y & first ? y ^ x : y);
        low = first < second ? first : second;
        high = first < second ? second : first;
    }
    u64 at(u64 i) const { return insert_zero(insert_zero(i, low), high); }
    u64 low, high;
};

// A 2x2 matrix for every lane: rows u00.re, u00.im, u01.re, u01.im, u10.re, ... of 64 bytes each.
template <class T> struct Matrix2 {
    Vec<T> u[8][VECTORS];
    explicit Matrix2(const T* rows) {
        for (int k = 0; k < 8; ++k)
            EACH_VECTOR(v) u[k][v] = lane_row(rows + k * LANES<T>, v);
    }
};

template <class T> inline void multiply(const Matrix2<T>& m, int v, Complex<T>& a, Complex<T>& b) {
    const auto& u = m.u;
    const Complex<T> first{u[0][v] * a.re - u[1][v] * a.im + u[2][v] * b.re - u[3][v] * b.im,
                           u[0][v] * a.im + u[1][v] * a.re + u[2][v] * b.im + u[3][v] * b.re};
    b = {u[4][v] * a.re - u[5][v] * a.im + u[6][v] * b.re - u[7][v] * b.im,
         u[4][v] * a.im + u[5][v] * a.re + u[6][v] * b.im + u[7][v] * b.re};
    a = first;
}

template <class T> inline void multiply_adjoint(const Matrix2<T>& m, int v, Complex<T>& a, Complex<T>& b) {
    const auto& u = m.u;
    const Complex<T> first{u[0][v] * a.re + u[1][v] * a.im + u[4][v] * b.re + u[5][v] * b.im,
                           u[0][v] * a.im - u[1][v] * a.re + u[4][v] * b.im - u[5][v] * b.re};
    b = {u[2][v] * a.re + u[3][v] * a.im + u[6][v] * b.re + u[7][v] * b.im,
         u[2][v] * a.im - u[3][v] * a.re + u[6][v] * b.im - u[7][v] * b.re};
    a = first;
}

// Adds, for the state (a, b) and the co-state (c, d) of a pair, the imaginary parts of <c|b> + <d|a>, of
// -i<c|b> + i<d|a> and of <c|a> - <d|b>: the overlaps with X, Y and Z.
template <class T>
inline void add_overlaps(Vec<T> (&run)[3][VECTORS], int v, const Complex<T>& a, const Complex<T>& b,
                         const Complex<T>& c, const Complex<T>& d) {
    run[0][v] += c.re * b.im - c.im * b.re + d.re * a.im - d.im * a.re;
    run[1][v] += d.re * a.re + d.im * a.im - c.re * b.re - c.im * b.im;
    run[2][v] += c.re * a.im - c.im * a.re - d.re * b.im + d.im * b.re;
}

template <class T> void turn_pairs(T* psi, const Pass& pass, int n, const T* rows) {
    const Matrix2<T> m(rows);
    const Pairs pairs(pass.x);
    const u64 half = u64(1) << (n - 1);
    for (u64 i = 0; i < half; ++i) {
        u64 p = pairs.at(i);
        p ^= pass.x & -pass.role.at(p);
        const u64 q = p ^ pass.x;
        EACH_VECTOR(v) {
            auto a = load(psi, p, v), b = load(psi, q, v);
            multiply(m, v, a, b);
            store(psi, p, v, a);
            store(psi, q, v, b);
        }
    }
}

template <class T>
void unturn_pairs(T* psi, T* lambda, const Pass& pass, int n, const T* rows, LaneSums<T, 3>& sums) {
    const Matrix2<T> m(rows);
    const Pairs pairs(pass.x);
    const u64 half = u64(1) << (n - 1);
    for (u64 start = 0; start < half; start += RUN) {
        const u64 end = start + RUN < half ? start + RUN : half;
        Vec<T> run[3][VECTORS] = {};
        for (u64 i = start; i < end; ++i) {
            u64 p = pairs.at(i);
            p ^= pass.x & -pass.role.at(p);
            const u64 q = p ^ pass.x;
            EACH_VECTOR(v) {
                auto a = load(psi, p, v), b = load(psi, q, v), c = load(lambda, p, v), d = load(lambda, q, v);
                add_overlaps<T>(run, v, a, b, c, d);
                multiply_adjoint(m, v, a, b);
                multiply_adjoint(m, v, c, d);
                store(psi, p, v, a);
                store(psi, q, v, b);
                store(lambda, p, v, c);
                store(lambda, q, v, d);
            }
        }
        sums.add(run);
    }
}

// Two passes of turns on different qubits at once, so that every amplitude is read and written half as often.
template <class T>
void turn_quads(T* psi, const Pass& one, const Pass& two, int n, const T* rows_one, const T* rows_two) {
    const Matrix2<T> m(rows_one), w(rows_two);
    const Quads quads(one.x, two.x);
    for (u64 i = 0; i < u64(1) << (n - 2); ++i) {
        u64 p = quads.at(i);
        p ^= (one.x & -one.role.at(p)) ^ (two.x & -two.role.at(p));
        const u64 q = p ^ one.x, r = p ^ two.x, s = q ^ two.x;
        EACH_VECTOR(v) {
            auto a = load(psi, p, v), b = load(psi, q, v), c = load(psi, r, v), d = load(psi, s, v);
            multiply(m, v, a, b);
            multiply(m, v, c, d);
            multiply(w, v, a, c);
            multiply(w, v, b, d);
            store(psi, p, v, a);
            store(psi, q, v, b);
            store(psi, r, v, c);
            store(psi, s, v, d);
        }
    }
}

template <class T>
void unturn_quads(T* psi, T* lambda, const Pass& one, const Pass& two, int n, const T* rows_one, const T* rows_two,
                  LaneSums<T, 3>& sums_one, LaneSums<T, 3>& sums_two) {
    const Matrix2<T> m(rows_one), w(rows_two);
    const Quads quads(one.x, two.x);
    const u64 quarter = u64(1) << (n - 2);
    for (u64 start = 0; start < quarter; start += RUN) {
        const u64 end = start + RUN < quarter ? start + RUN : quarter;
        Vec<T> run[3][VECTORS] = {}, run_two[3][VECTORS] = {};
        for (u64 i = start; i < end; ++i) {
            u64 p = quads.at(i);
            p ^= (one.x & -one.role.at(p)) ^ (two.x & -two.role.at(p));
            const u64 q = p ^ one.x, r = p ^ two.x, s = q ^ two.x;
            EACH_VECTOR(v) {
                auto a = load(psi, p, v), b = load(psi, q, v), c = load(psi, r, v), d = load(psi, s, v);
                auto e = load(lambda, p, v), f = load(lambda, q, v), g = load(lambda, r, v), h = load(lambda, s, v);
                // Neither pass changes the overlaps of the other: both are taken after both.
                add_overlaps<T>(run, v, a, b, e, f);
                add_overlaps<T>(run, v, c, d, g, h);
                add_overlaps<T>(run_two, v, a, c, e, g);
                add_overlaps<T>(run_two, v, b, d, f, h);
                multiply_adjoint(w, v, a, c);
                multiply_adjoint(w, v, b, d);
                multiply_adjoint(m, v, a, b);
                multiply_adjoint(m, v, c, d);
                store(psi, p, v, a);
                store(psi, q, v, b);
                store(psi, r, v, c);
                store(psi, s, v, d);
                multiply_adjoint(w, v, e, g);
                multiply_adjoint(w, v, f, h);
                multiply_adjoint(m, v, e, f);
                multiply_adjoint(m, v, g, h);
                store(lambda, p, v, e);
                store(lambda, q, v, f);
                store(lambda, r, v, g);
                store(lambda, s, v, h);
            }
        }
        sums_one.add(run);
        sums_two.add(run_two);
    }
}

// exp(-i angle/2 P) on pairs of places. P|p> = f(p)|p ^ x>, f real for an even power of i and imaginary for an odd one.
template <class T, bool ODD>
inline void word_pair(T* state, u64 p, u64 q, int v, Vec<T> c, Vec<T> s) {
    const auto a = load(state, p, v), b = load(state, q, v);
    if (ODD) {
        store(state, p, v, Complex<T>{c * a.re - s * b.re, c * a.im - s * b.im});
        store(state, q, v, Complex<T>{c * b.re + s * a.re, c * b.im + s * a.im});
    } else {
        store(state, p, v, Complex<T>{c * a.re + s * b.im, c * a.im - s * b.re});
        store(state, q, v, Complex<T>{c * b.re + s * a.im, c * b.im - s * a.re});
    }
}

// `cosine` is one row, `sine` one row; the sign of the word at place p turns the sine.
template <class T, bool ODD>
void apply_word(T* psi, const Pass& pass, int n, const T* cosine, const T* sine) {
    const Pairs pairs(pass.x);
    const u64 half = u64(1) << (n - 1);
    const double sign = pass.power >= 2 ? -pass.sign : pass.sign;
    for (u64 i = 0; i < half; ++i) {
        const u64 p = pairs.at(i), q = p ^ pass.x;
        if (!all_hold(pass.controls, p)) continue;
        const T turn = T(parity(p & pass.z) ? -sign : sign);
        EACH_VECTOR(v) word_pair<T, ODD>(psi, p, q, v, lane_row(cosine, v), lane_row(sine, v) * turn);
    }
}

template <class T, bool ODD>
void unapply_word(T* psi, T* lambda, const Pass& pass, int n, const T* cosine, const T* sine, LaneSums<T, 1>& sums) {
    const Pairs pairs(pass.x);
    const u64 half = u64(1) << (n - 1);
    const double sign = pass.power >= 2 ? -pass.sign : pass.sign;
    for (u64 start = 0; start < half; start += RUN) {
        const u64 end = start + RUN < half ? start + RUN : half;
        Vec<T> run[1][VECTORS] = {};
        for (u64 i = start; i < end; ++i) {
            const u64 p = pairs.at(i), q = p ^ pass.x;
            if (!all_hold(pass.controls, p)) continue;
            const T turn = T(parity(p & pass.z) ? -sign : sign);
            EACH_VECTOR(v) {
                const auto a = load(psi, p, v), b = load(psi, q, v);
                const auto c = load(lambda, p, v), d = load(lambda, q, v);
                const Vec<T> overlap = ODD ? d.re * a.re + d.im * a.im - c.re * b.re - c.im * b.im
                                           : c.re * b.im - c.im * b.re + d.re * a.im - d.im * a.re;
                run[0][v] += overlap * turn;
                const Vec<T> back = lane_row(sine, v) * -turn;
                word_pair<T, ODD>(psi, p, q, v, lane_row(cosine, v), back);
                word_pair<T, ODD>(lambda, p, q, v, lane_row(cosine, v), back);
            }
        }
        sums.add(run);
    }
}

inline cdouble fixed_factor(const Pass& pass, u64 place) {
    if (!pass.factors.empty()) return pass.factors[place];
    cdouble product = 1.0;
    for (const FixedPhase& phase : pass.fixed)
        if (all_hold(phase.controls, place)) product *= phase.value;
    return product;
}

// The factor of one row of a diagonal pass. `rows` holds a cosine and a sine row for each rotation.
template <class T> inline Complex<T> phase_of_place(const Pass& pass, u64 place, int v, const T* rows) {
    const cdouble fixed = fixed_factor(pass, place);
    Complex<T> product{Vec<T>{} + T(fixed.real()), Vec<T>{} + T(fixed.imag())};
    for (std::size_t k = 0; k < pass.phases.size(); ++k) {
        const Phase& phase = pass.phases[k];
        if (!phase.controls.empty() && !all_hold(phase.controls, place)) continue;
        const Vec<T> c = lane_row(rows + 2 * k * LANES<T>, v);
        const Vec<T> s = lane_row(rows + (2 * k + 1) * LANES<T>, v) * T(parity(place & phase.z) ? -1 : 1);
        product = {product.re * c + product.im * s, product.im * c - product.re * s};
    }
    return product;
}

inline bool untouched(const Pass& pass, u64 place) {
    return pass.phases.empty() && fixed_factor(pass, place) == cdouble(1.0);
}

template <class T> void apply_phases(T* psi, const Pass& pass, int n, const T* rows) {
    for (u64 p = 0; p < u64(1) << n; ++p) {
        if (untouched(pass, p)) continue;
        EACH_VECTOR(v) {
            const auto f = phase_of_place(pass, p, v, rows);
            const auto a = load(psi, p, v);
            store(psi, p, v, Complex<T>{f.re * a.re - f.im * a.im, f.re * a.im + f.im * a.re});
        }
    }
}

// `sums` has a row of doubles for every phase.
template <class T> void unapply_phases(T* psi, T* lambda, const Pass& pass, int n, const T* rows, double* sums) {
    constexpr int width = KETWISE_VECTOR_BYTES / int(sizeof(T));
    for (u64 p = 0; p < u64(1) << n; ++p) {
        if (untouched(pass, p)) continue;
        EACH_VECTOR(v) {
            const auto f = phase_of_place(pass, p, v, rows);
            const auto a = load(psi, p, v), c = load(lambda, p, v);
            const Vec<T> overlap = c.re * a.im - c.im * a.re;  // the same for every phase: they are all diagonal
            for (std::size_t k = 0; k < pass.phases.size(); ++k) {
                const Phase& phase = pass.phases[k];
                if (!phase.controls.empty() && !all_hold(phase.controls, p)) continue;
                const double sign = parity(p & phase.z) ? -phase.sign : phase.sign;
                double* row = sums + k * LANES<T> + v * width;
                for (int l = 0; l < width; ++l) row[l] += sign * double(overlap[l]);
            }
            store(psi, p, v, Complex<T>{f.re * a.re + f.im * a.im, f.re * a.im - f.im * a.re});
            store(lambda, p, v, Complex<T>{f.re * c.re + f.im * c.im, f.re * c.im - f.im * c.re});
        }
    }
}

// Every subspace of a fixed gate: calls `visit(base)` with the place at which all its qubits are 0.
template <class Visit> void each_subspace(const Pass& pass, int n, Visit visit) {
    std::vector<u64> reduced = pass.flips;
    u64 pivots = 0;
    for (std::size_t k = 0; k < reduced.size(); ++k) {
        const u64 pivot = highest_bit(reduced[k]);
        pivots |= pivot;
        for (std::size_t j = 0; j < reduced.size(); ++j)
            if (j != k && (reduced[j] & pivot)) reduced[j] ^= reduced[k];
    }
    for (u64 p = 0; p < u64(1) << n; ++p) {
        if (p & pivots) continue;
        u64 base = p;
        for (std::size_t k = 0; k < pass.flips.size(); ++k) base ^= pass.flips[k] & -pass.bits[k].at(p);
        if (all_hold(pass.controls, base)) visit(base);
    }
}

inline u64 subspace_offset(const Pass& pass, u64 index) {
    u64 offset = 0;
    for (std::size_t k = 0; k < pass.flips.size(); ++k)
        if ((index >> k) & 1) offset ^= pass.flips[k];
    return offset;
}

template <class T> void apply_matrix(T* psi, const Pass& pass, int n, bool adjoint) {
    const std::size_t size = std::size_t(1) << pass.flips.size();
    std::vector<u64> offsets;
    for (u64 i = 0; i < size; ++i) offsets.push_back(subspace_offset(pass, i));
    each_subspace(pass, n, [&](u64 base) {
        EACH_VECTOR(v) {
            Complex<T> before[32];
            for (std::size_t i = 0; i < size; ++i) before[i] = load(psi, base ^ offsets[i], v);
            for (std::size_t i = 0; i < size; ++i) {
                Complex<T> sum{};
                for (std::size_t j = 0; j < size; ++j) {
                    const cdouble m = adjoint ? std::conj(pass.data[j * size + i]) : pass.data[i * size + j];
                    const T re = T(m.real()), im = T(m.imag());
                    sum.re += before[j].re * re - before[j].im * im;
                    sum.im += before[j].im * re + before[j].re * im;
                }
                store(psi, base ^ offsets[i], v, sum);
            }
        }
    });
}

template <class T> void apply_permutation(T* psi, const Pass& pass, int n, bool inverse) {
    const std::size_t size = std::size_t(1) << pass.flips.size();
    std::vector<u64> offsets;
    for (u64 i = 0; i < size; ++i) offsets.push_back(subspace_offset(pass, i));
    std::vector<char> visited(size);
    each_subspace(pass, n, [&](u64 base) {
        // Cycle by cycle with one row in hand, so that no second copy of the state is needed.
        std::fill(visited.begin(), visited.end(), 0);
        for (u64 first = 0; first < size; ++first) {
            if (visited[first]) continue;
            Complex<T> held[VECTORS];
            EACH_VECTOR(v) held[v] = load(psi, base ^ offsets[first], v);
            u64 i = first;
            if (inverse) {
                for (u64 next = pass.table[i]; next != first; i = next, next = pass.table[i]) {
                    EACH_VECTOR(v)
                        store(psi, base ^ offsets[i], v, load(psi, base ^ offsets[next], v));
                    visited[i] = 1;
                }
                EACH_VECTOR(v) store(psi, base ^ offsets[i], v, held[v]);
                visited[i] = 1;
            } else {
                do {
                    const u64 next = pass.table[i];
                    EACH_VECTOR(v) {
                        const auto there = load(psi, base ^ offsets[next], v);
                        store(psi, base ^ offsets[next], v, held[v]);
                        held[v] = there;
                    }
                    visited[i] = 1;
                    i = next;
                } while (i != first);
            }
        }
    });
}

template <class T> void apply_diagonal(T* psi, const Pass& pass, int n, bool adjoint) {
    for (u64 p = 0; p < u64(1) << n; ++p) {
        if (!all_hold(pass.controls, p)) continue;
        u64 index = 0;
        for (std::size_t k = 0; k < pass.bits.size(); ++k) index |= pass.bits[k].at(p) << k;
        const T re = T(pass.data[index].real());
        const T im = T(adjoint ? -pass.data[index].imag() : pass.data[index].imag());
        EACH_VECTOR(v) {
            const auto a = load(psi, p, v);
            store(psi, p, v, Complex<T>{a.re * re - a.im * im, a.im * re + a.re * im});
        }
    }
}

}  // namespace ketwise
