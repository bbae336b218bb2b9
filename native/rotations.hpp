// Rotations over one tile: up to three at once in registers, forward, and in reverse on a state and its co-state.
//
// A rotation multiplies by the cosine and the sine of half its angle. Where the cosine is not small it is left out, and
// only the tangent multiplies: half the arithmetic. What was left out is one factor for all places, kept by the caller.
#pragma once

#include "plan.hpp"

namespace ketwise {

// What multiplies: `own` what stands at a place, `other` what comes from the flipped one, for both signs of the word.
template <class T> struct alignas(ROW_BYTES) TurnRows {
    T own[LANES<T>];
    T other[2][LANES<T>];

    void set(int lane, double own_factor, double other_factor) {
        own[lane] = T(own_factor);
        other[0][lane] = T(other_factor);
        other[1][lane] = T(-other_factor);
    }
};

// A group as the kernels read it.
template <class T> struct Turns {
    const u64* offsets;
    const Walk& walk;
    const TurnRows<T>* rows[3];
    u64 z[3];  // sign masks of imaginary words; real ones are walked where their sign is +1
};

// exp(-i angle/2 P) on a pair of places with P|a> = |b>, or i|b> where ODD. PLAIN: `own` is 1 and not multiplied.
template <class T, bool ODD, bool PLAIN>
inline void turn(Complex<T>& a, Complex<T>& b, Vec<T> own, Vec<T> other) {
    const Complex<T> p = a, q = b;
    if (!PLAIN) {
        a = {own * p.re, own * p.im};
        b = {own * q.re, own * q.im};
    }
    if (ODD) {
        a = {a.re - other * q.re, a.im - other * q.im};
        b = {b.re + other * p.re, b.im + other * p.im};
    } else {
        a = {a.re + other * q.im, a.im - other * q.re};
        b = {b.re + other * p.im, b.im - other * p.re};
    }
}

// All rotations of a group on the 2**K amplitudes of one subspace.
template <class T, int K, bool ODD, bool PLAIN>
inline void turn_all(Complex<T> (&a)[1 << K], const Turns<T>& turns, const u64 (&sign)[K], int v) {
#pragma GCC unroll 3
    for (int k = 0; k < K; ++k) {
        const Vec<T> own = lane_row(turns.rows[k]->own, v), other = lane_row(turns.rows[k]->other[sign[k]], v);
#pragma GCC unroll 8
        for (int m = 0; m < 1 << K; ++m)
            if (!((m >> k) & 1)) turn<T, ODD, PLAIN>(a[m], a[m | (1 << k)], own, other);
    }
}

template <class T, int K, class Pointer>
inline void load_all(Complex<T> (&a)[1 << K], const Pointer (&at)[1 << K], int v) {
#pragma GCC unroll 8
    for (int m = 0; m < 1 << K; ++m) a[m] = load<T>(at[m], 0, v);
}

template <class T, int K> inline void store_all(T* const (&at)[1 << K], const Complex<T> (&a)[1 << K], int v) {
#pragma GCC unroll 8
    for (int m = 0; m < 1 << K; ++m) store(at[m], 0, v, a[m]);
}

// From one state to another or the same, forward, or where `back` the other way.
template <class T, int K, bool ODD, bool PLAIN>
void rotate(const T* from, T* to, const Turns<T>& turns, u64 place, bool back) {
    const Walk& walk = turns.walk;
    for (u64 i = 0;;) {
        const T* in[1 << K];
        T* out[1 << K];
        for (int m = 0; m < 1 << K; ++m) {
            in[m] = from + (place ^ turns.offsets[m]) * 2 * LANES<T>;
            out[m] = to + (place ^ turns.offsets[m]) * 2 * LANES<T>;
        }
        u64 sign[K];
        for (int k = 0; k < K; ++k) sign[k] = (ODD ? 0 : parity(place & turns.z[k])) ^ u64(back);
        EACH_VECTOR(v) {
            Complex<T> a[1 << K];
            load_all<T, K>(a, in, v);
            turn_all<T, K, ODD, PLAIN>(a, turns, sign, v);
            store_all<T, K>(out, a, v);
        }
        if (++i == walk.count) return;
        place = walk.next(place, i);
    }
}

// The imaginary part of <co-state|P|state> for every word of the group, then, where UNDO, both without the group.
template <class T, int K, bool ODD, bool PLAIN, bool UNDO>
void unrotate(T* psi, T* lambda, const Turns<T>& turns, u64 place, LaneSums<T, MOST_TOGETHER>& sums) {
    const Walk& walk = turns.walk;
    constexpr u64 RUN_SUBSPACES = RUN >> (K - 1);
    for (u64 i = 0; i < walk.count;) {
        const u64 end = i + RUN_SUBSPACES < walk.count ? i + RUN_SUBSPACES : walk.count;
        Vec<T> run[K][VECTORS] = {};
        while (i < end) {
            T *at[1 << K], *beside[1 << K];
            for (int m = 0; m < 1 << K; ++m) {
                at[m] = psi + (place ^ turns.offsets[m]) * 2 * LANES<T>;
                beside[m] = lambda + (place ^ turns.offsets[m]) * 2 * LANES<T>;
            }
            u64 sign[K], back[K];
            for (int k = 0; k < K; ++k) {
                sign[k] = ODD ? 0 : parity(place & turns.z[k]);
                back[k] = sign[k] ^ 1;
            }
            EACH_VECTOR(v) {
                Complex<T> a[1 << K];
                load_all<T, K>(a, at, v);
#pragma GCC unroll 3
                for (int k = 0; k < K; ++k) {
                    Vec<T> one{}, two{};
#pragma GCC unroll 8
                    for (int m = 0; m < 1 << K; ++m) {
                        if ((m >> k) & 1) continue;
                        const Complex<T> &p = a[m], &q = a[m | (1 << k)];
                        const Complex<T> c = load(beside[m], 0, v), d = load(beside[m | (1 << k)], 0, v);
                        if (ODD) {
                            one += d.re * p.re;
                            one += d.im * p.im;
                            two += c.re * q.re;
                            two += c.im * q.im;
                        } else {
                            one += c.re * q.im;
                            one += d.re * p.im;
                            two += c.im * q.re;
                            two += d.im * p.re;
                        }
                    }
                    run[k][v] += sign[k] ? two - one : one - two;
                }
                if (UNDO) {
                    turn_all<T, K, ODD, PLAIN>(a, turns, back, v);
                    store_all<T, K>(at, a, v);
                    load_all<T, K>(a, beside, v);
                    turn_all<T, K, ODD, PLAIN>(a, turns, back, v);
                    store_all<T, K>(beside, a, v);
                }
            }
            if (++i < walk.count) place = walk.next(place, i);
        }
        sums.add(run);
    }
}

}  // namespace ketwise
