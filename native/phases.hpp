// Diagonal passes over one tile: all commuting words of Z at once; and passes of words that flip the same.
//
// The phase of a place is a sum over words of +- half their angles: the Walsh transform of the half angles, written at
// their masks. In reverse the derivative of a word is a sum over places of +- Im(conj(co-state) state): the Walsh
// transform of these. Either takes n additions a place, whatever the number of words. Words that flip the same turn each
// pair of places by such a sum.
#pragma once

#include "rotations.hpp"
#include "trigonometry.hpp"

namespace ketwise {

// In place over 2**n rows of `width` numbers each.
template <class T> void walsh(T* rows, int n, int width, std::size_t half = 1) {
    const std::size_t size = std::size_t(1) << n;
    for (; half < size; half *= 2)
        for (std::size_t first = 0; first < size; first += 2 * half) {
            T *a = rows + first * width, *b = a + half * width;
            for (std::size_t k = 0; k < half * width; ++k) {
                const T sum = a[k] + b[k], difference = a[k] - b[k];
                a[k] = sum;
                b[k] = difference;
            }
        }
}

// The same for single numbers: what lies within eight of them is done in one go.
inline void walsh(double* numbers, int n) {
    if (n < 3) return walsh(numbers, n, 1);
    for (double* a = numbers; a < numbers + (std::size_t(1) << n); a += 8) {
        const double b[8] = {a[0] + a[1], a[0] - a[1], a[2] + a[3], a[2] - a[3],
                             a[4] + a[5], a[4] - a[5], a[6] + a[7], a[6] - a[7]};
        const double c[8] = {b[0] + b[2], b[1] + b[3], b[0] - b[2], b[1] - b[3],
                             b[4] + b[6], b[5] + b[7], b[4] - b[6], b[5] - b[7]};
        for (int k = 0; k < 4; ++k) {
            a[k] = c[k] + c[k + 4];
            a[k + 4] = c[k] - c[k + 4];
        }
    }
    walsh(numbers, n, 1, 8);
}

inline cdouble fixed_factor(const Pass& pass, u64 place) {
    if (!pass.factors.empty()) return pass.factors[place];
    cdouble product = 1.0;
    for (const FixedPhase& phase : pass.fixed)
        if (all_hold(phase.controls, place)) product *= phase.value;
    return product;
}

// Where all angles are shared: the factor of every place, real and imaginary part, times `scale`. `room` is 3 * 2**n
// numbers, aligned to a row.
template <class T>
void factor_table(const Pass& pass, int n, const double* angles, double scale, double* room, T* table) {
    const std::size_t size = std::size_t(1) << n, padded = size < 8 ? 8 : size;
    double *phases = room, *sines = room + padded, *cosines = room + 2 * padded;
    std::fill(phases, phases + padded, 0.0);
    for (const Phase& phase : pass.phases)
        for (const auto& [mask, weight] : phase.words)
            phases[mask] += phase.angle.sign * weight * near(0.5 * angles[phase.angle.index]);
    for (const auto& [mask, half] : pass.halves) phases[mask] += half;
    walsh(phases, n);
    sines_cosines(phases, padded, sines, cosines);
    for (std::size_t p = 0; p < size; ++p) {
        const cdouble factor = pass.fixed.empty() ? cdouble(scale) : scale * fixed_factor(pass, p);
        table[2 * p] = T(factor.real() * cosines[p] + factor.imag() * sines[p]);
        table[2 * p + 1] = T(factor.imag() * cosines[p] - factor.real() * sines[p]);
    }
}

template <class T> struct Factor {
    Vec<T> re, im;
    Complex<T> times(const Complex<T>& a) const { return {re * a.re - im * a.im, re * a.im + im * a.re}; }
    Complex<T> adjoint_times(const Complex<T>& a) const { return {re * a.re + im * a.im, re * a.im - im * a.re}; }
};

// Factors that all samples share: one pair of numbers a place.
template <class T> struct SharedFactors {
    const T* table;
    Factor<T> at(u64 place, int) const { return {everywhere(table[2 * place]), everywhere(table[2 * place + 1])}; }
};

// Factors that differ from sample to sample: the phase in double precision, one row of lanes a place.
template <class T> struct LaneFactors {
    const double* phases;
    const Pass& pass;
    double scale;

    Factor<T> at(u64 place, int v) const {
        constexpr int width = KETWISE_VECTOR_BYTES / int(sizeof(T));
        constexpr int parts = sizeof(double) / sizeof(T);
        const double* row = phases + place * LANES<T> + v * width;
        alignas(ROW_BYTES) T sines[width], cosines[width];
        for (int part = 0; part < parts; ++part) {
            Vec<double> s, c;
            sine_cosine(reinterpret_cast<const Vec<double>*>(row)[part], s, c);
            for (int l = 0; l < width / parts; ++l) {
                sines[part * (width / parts) + l] = T(s[l]);
                cosines[part * (width / parts) + l] = T(c[l]);
            }
        }
        const Vec<T> s = lane_row(sines, 0), c = lane_row(cosines, 0);
        const cdouble fixed = pass.fixed.empty() ? cdouble(scale) : scale * fixed_factor(pass, place);
        const T re = T(fixed.real()), im = T(fixed.imag());
        return {c * re + s * im, c * im - s * re};
    }
};

// The same as products from tables: `rows` are those of all tables, of the real and of the imaginary part of a factor.
template <class T> struct TableFactors {
    const T* rows;
    const Pass& pass;

    Factor<T> at(u64 place, int v) const {
        constexpr u64 INDEX = (u64(1) << Tables::INDEX_BITS) - 1;
        u64 indices = pass.tables.indices(place);
        Complex<T> product = load(rows, indices & INDEX, v);
        for (int table = 1; table < pass.tables.count; ++table) {
            indices >>= Tables::INDEX_BITS;
            const Complex<T> next = load(rows, (u64(table) << pass.tables.bits) + (indices & INDEX), v);
            product = Factor<T>{product.re, product.im}.times(next);
        }
        if (!pass.fixed.empty()) {
            const cdouble fixed = fixed_factor(pass, place);
            product = Factor<T>{everywhere(T(fixed.real())), everywhere(T(fixed.imag()))}.times(product);
        }
        return {product.re, product.im};
    }
};

template <class T, class Factors> void apply_phases(const T* from, T* to, int n, const Factors& factors) {
    for (u64 p = 0; p < u64(1) << n; ++p)
        EACH_VECTOR(v) store(to, p, v, Complex<T>(factors.at(p, v).times(load(from, p, v))));
}

// Only fixed phases: most of them leave most places alone.
template <class T> void apply_fixed_phases(T* psi, const Pass& pass, int n, bool adjoint) {
    for (u64 p = 0; p < u64(1) << n; ++p) {
        const cdouble factor = fixed_factor(pass, p);
        if (factor == cdouble(1.0)) continue;
        const T re = T(factor.real()), im = T(adjoint ? -factor.imag() : factor.imag());
        EACH_VECTOR(v) {
            const auto a = load(psi, p, v);
            store(psi, p, v, Complex<T>{a.re * re - a.im * im, a.im * re + a.re * im});
        }
    }
}

// The overlap, the same before and after the pass since it is diagonal, and both states without the pass. Where BEFORE
// the state is from before the pass, and stays.
template <class T, bool BEFORE, class Factors>
inline Vec<T> unapply_at(T* psi, T* lambda, u64 place, int v, const Factors& factors) {
    const auto f = factors.at(place, v);
    const auto a = load(psi, place, v);
    auto c = load(lambda, place, v);
    const auto back = f.adjoint_times(c);
    store(lambda, place, v, back);
    if (BEFORE)
        c = back;
    else
        store(psi, place, v, f.adjoint_times(a));
    return c.re * a.im - c.im * a.re;
}

// Sums over the lanes of W vectors, one in every lane of the result: pairs of neighbours, then pairs of pairs.
template <class T> struct LaneFold {
    static constexpr int W = KETWISE_VECTOR_BYTES / int(sizeof(T));
    using Number = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
    typedef Number Index __attribute__((vector_size(KETWISE_VECTOR_BYTES)));

    template <int... I> static Vec<T> pairs(Vec<T> a, Vec<T> b, std::integer_sequence<int, I...>) {
#if defined(__clang__)
        return __builtin_shufflevector(a, b, (2 * I)...) + __builtin_shufflevector(a, b, (2 * I + 1)...);
#else
        return __builtin_shuffle(a, b, Index{(2 * I)...}) + __builtin_shuffle(a, b, Index{(2 * I + 1)...});
#endif
    }

    static Vec<T> fold(Vec<T> (&rows)[W]) {
        for (int count = W; count > 1; count /= 2)
            for (int k = 0; k < count / 2; ++k) rows[k] = pairs(rows[2 * k], rows[2 * k + 1], std::make_integer_sequence<int, W>());
        return rows[0];
    }
};

// Overlaps summed over the samples of the tile: `overlaps` is one double a place.
template <class T, bool BEFORE, class Factors>
void unapply_phases_summed(T* psi, T* lambda, int n, const Factors& factors, double* overlaps) {
    constexpr int W = LaneFold<T>::W;
    const u64 size = u64(1) << n;
    for (u64 first = 0; first < size; first += W) {
        Vec<T> rows[W] = {};
        for (u64 k = 0; k < W && first + k < size; ++k)
            EACH_VECTOR(v) rows[k] += unapply_at<T, BEFORE>(psi, lambda, first + k, v, factors);
        const Vec<T> sums = LaneFold<T>::fold(rows);
        for (u64 k = 0; k < W && first + k < size; ++k) overlaps[first + k] = double(sums[k]);
    }
}

// Overlaps of every sample: one row of lanes a place.
template <class T, bool BEFORE, class Factors>
void unapply_phases_by_lane(T* psi, T* lambda, int n, const Factors& factors, T* overlaps) {
    for (u64 p = 0; p < u64(1) << n; ++p)
        EACH_VECTOR(v) {
            const Vec<T> overlap = unapply_at<T, BEFORE>(psi, lambda, p, v, factors);
            reinterpret_cast<Vec<T>*>(overlaps + p * LANES<T>)[v] = overlap;
        }
}

template <class T, class Factors> void unapply_phases(T* state, int n, const Factors& factors) {
    for (u64 p = 0; p < u64(1) << n; ++p)
        EACH_VECTOR(v) store(state, p, v, Complex<T>(factors.at(p, v).adjoint_times(load(state, p, v))));
}

// The factors at a place are the cosine and minus the sine of what turns it and the place that it flips to.
template <class T, class Factors>
void apply_flips(const T* from, T* to, const Pass& pass, int n, const Factors& factors, bool back) {
    const Pairs pairs(pass.flip);
    for (u64 i = 0; i < u64(1) << (n - 1); ++i) {
        const u64 p = pairs.at(i), q = p ^ pass.flip;
        EACH_VECTOR(v) {
            const auto f = factors.at(p, v);
            auto a = load(from, p, v), b = load(from, q, v);
            const Vec<T> other = back ? f.im : -f.im;
            if (pass.odd)
                turn<T, true, false>(a, b, f.re, other);
            else
                turn<T, false, false>(a, b, f.re, other);
            store(to, p, v, a);
            store(to, q, v, b);
        }
    }
}

// Calls `take(place, v, overlap)` with the imaginary part of <co-state|P|state> of every pair, of words with sign +1.
template <class T, class Take> void flip_overlaps(const T* psi, const T* lambda, const Pass& pass, int n, Take take) {
    const Pairs pairs(pass.flip);
    for (u64 i = 0; i < u64(1) << (n - 1); ++i) {
        const u64 p = pairs.at(i), q = p ^ pass.flip;
        EACH_VECTOR(v) {
            const auto a = load(psi, p, v), b = load(psi, q, v), c = load(lambda, p, v), d = load(lambda, q, v);
            take(p, v, pass.odd ? d.re * a.re + d.im * a.im - c.re * b.re - c.im * b.im
                                : c.re * b.im - c.im * b.re + d.re * a.im - d.im * a.re);
        }
    }
}

}  // namespace ketwise
