// What is read from a final state, and the co-states that start the reverse sweep:
// with cotangents v the co-state is the gradient of sum(v * outputs) with respect to the (real and imaginary) state.
#pragma once

#include "plan.hpp"

namespace ketwise {

struct Outputs {
    enum Kind { EXPECTATIONS, PROBABILITIES, OVERLAPS, STATE };
    Kind kind;
    u64 count = 0;  // real numbers a sample; complex ones for STATE
    // EXPECTATIONS: one entry a term, as words on places
    struct Term {
        u64 x, z;
        int power;
        double coefficient;  // with the sign that X gates gave the word
        int observable;
    };
    std::vector<Term> diagonal, flipping;
    std::vector<Bit> bits;         // PROBABILITIES
    std::vector<cdouble> targets;  // OVERLAPS: count x 2**n, indexed by basis state
};

// A row of doubles a number: values[k * LANES + lane].
template <class T> void accumulate(Vec<T> (&run)[VECTORS], double* row) {
    constexpr int width = KETWISE_VECTOR_BYTES / int(sizeof(T));
    EACH_VECTOR(v)
        for (int l = 0; l < width; ++l) row[v * width + l] += double(run[v][l]);
}

template <class T> void diagonal_terms(const T* psi, int n, const Outputs::Term* terms, int count, double* rows) {
    constexpr int BLOCK = 8;
    const u64 size = u64(1) << n;
    for (int first = 0; first < count; first += BLOCK) {
        const int block = count - first < BLOCK ? count - first : BLOCK;
        for (u64 start = 0; start < size; start += RUN) {
            const u64 end = start + RUN < size ? start + RUN : size;
            Vec<T> run[BLOCK][VECTORS] = {};
            for (u64 p = start; p < end; ++p) {
                Vec<T> weight[2][VECTORS];
                EACH_VECTOR(v) {
                    const auto a = load(psi, p, v);
                    weight[0][v] = a.re * a.re + a.im * a.im;
                    weight[1][v] = -weight[0][v];
                }
                for (int t = 0; t < block; ++t) {
                    const u64 odd = parity(p & terms[first + t].z);
                    EACH_VECTOR(v) run[t][v] += weight[odd][v];
                }
            }
            for (int t = 0; t < block; ++t) accumulate<T>(run[t], rows + (first + t) * LANES<T>);
        }
    }
}

// <psi|P|psi> of a word that flips: twice the real part of <p|..|q> over pairs.
template <class T> void flipping_term(const T* psi, int n, const Outputs::Term& term, double* row) {
    const Pairs pairs(term.x);
    const u64 half = u64(1) << (n - 1);
    for (u64 start = 0; start < half; start += RUN) {
        const u64 end = start + RUN < half ? start + RUN : half;
        Vec<T> run[VECTORS] = {};
        for (u64 i = start; i < end; ++i) {
            const u64 p = pairs.at(i), q = p ^ term.x;
            const bool minus = (parity(p & term.z) != 0) != (term.power >= 2);
            const T sign = T(minus ? -2 : 2);
            EACH_VECTOR(v) {
                const auto a = load(psi, p, v), b = load(psi, q, v);
                run[v] += sign * (term.power % 2 ? a.re * b.im - a.im * b.re : a.re * b.re + a.im * b.im);
            }
        }
        accumulate<T>(run, row);
    }
}

template <class T> void expectations(const T* psi, int n, const Outputs& outputs, double* values) {
    constexpr int L = LANES<T>;
    std::vector<double> rows((outputs.diagonal.size() + 1) * L, 0.0);
    diagonal_terms(psi, n, outputs.diagonal.data(), int(outputs.diagonal.size()), rows.data());
    for (std::size_t t = 0; t < outputs.diagonal.size(); ++t)
        for (int l = 0; l < L; ++l)
            values[outputs.diagonal[t].observable * L + l] += outputs.diagonal[t].coefficient * rows[t * L + l];
    for (const auto& term : outputs.flipping) {
        double row[L] = {};
        flipping_term(psi, n, term, row);
        for (int l = 0; l < L; ++l) values[term.observable * L + l] += term.coefficient * row[l];
    }
}

// `weights` are the cotangents, a row of T a number.
template <class T> void expectation_costate(const T* psi, T* lambda, int n, const Outputs& outputs, const T* weights) {
    constexpr int L = LANES<T>;
    const std::size_t terms = outputs.diagonal.size();
    Rows<T> factors((2 * terms + 1) * L);  // for even and odd places: no branch that cannot be foreseen
    for (std::size_t t = 0; t < terms; ++t)
        for (int l = 0; l < L; ++l) {
            const T factor = T(2 * outputs.diagonal[t].coefficient) * weights[outputs.diagonal[t].observable * L + l];
            factors.get()[2 * t * L + l] = factor;
            factors.get()[(2 * t + 1) * L + l] = -factor;
        }
    for (u64 p = 0; p < u64(1) << n; ++p) {
        Vec<T> sum[VECTORS] = {};
        for (std::size_t t = 0; t < terms; ++t) {
            const T* factor = factors.get() + (2 * t + parity(p & outputs.diagonal[t].z)) * L;
            EACH_VECTOR(v) sum[v] += lane_row(factor, v);
        }
        EACH_VECTOR(v) {
            const auto a = load(psi, p, v);
            store(lambda, p, v, Complex<T>{sum[v] * a.re, sum[v] * a.im});
        }
    }
    for (const auto& term : outputs.flipping) {
        const Pairs pairs(term.x);
        for (u64 i = 0; i < u64(1) << (n - 1); ++i) {
            const u64 p = pairs.at(i), q = p ^ term.x;
            const bool minus = (parity(p & term.z) != 0) != (term.power >= 2);
            const T factor = T(minus ? -2 * term.coefficient : 2 * term.coefficient);
            EACH_VECTOR(v) {
                const Vec<T> k = lane_row(weights + term.observable * L, v) * factor;
                const auto a = load(psi, p, v), b = load(psi, q, v);
                auto c = load(lambda, p, v), d = load(lambda, q, v);
                if (term.power % 2) {
                    c.re += k * b.im, c.im -= k * b.re;
                    d.re -= k * a.im, d.im += k * a.re;
                } else {
                    c.re += k * b.re, c.im += k * b.im;
                    d.re += k * a.re, d.im += k * a.im;
                }
                store(lambda, p, v, c);
                store(lambda, q, v, d);
            }
        }
    }
}

inline u64 key_of(const std::vector<Bit>& bits, u64 place) {
    u64 key = 0;
    for (std::size_t k = 0; k < bits.size(); ++k) key |= bits[k].at(place) << k;
    return key;
}

template <class T> void probabilities(const T* psi, int n, const Outputs& outputs, double* values) {
    constexpr int L = LANES<T>;
    for (u64 p = 0; p < u64(1) << n; ++p) {
        double* row = values + key_of(outputs.bits, p) * L;
        const T* at = psi + p * 2 * L;
        for (int l = 0; l < L; ++l) row[l] += double(at[l]) * double(at[l]) + double(at[L + l]) * double(at[L + l]);
    }
}

template <class T> void probability_costate(const T* psi, T* lambda, int n, const Outputs& outputs, const T* weights) {
    for (u64 p = 0; p < u64(1) << n; ++p) {
        const T* row = weights + key_of(outputs.bits, p) * LANES<T>;
        EACH_VECTOR(v) {
            const Vec<T> k = lane_row(row, v) * T(2);
            const auto a = load(psi, p, v);
            store(lambda, p, v, Complex<T>{k * a.re, k * a.im});
        }
    }
}

// <target|psi>: two rows of doubles a target, real and imaginary.
template <class T> void amplitudes(const T* psi, const Plan& plan, const Outputs& outputs, double* rows) {
    constexpr int L = LANES<T>;
    const u64 size = u64(1) << plan.n_qubits;
    for (u64 p = 0; p < size; ++p) {
        const u64 index = plan.basis_state(p);
        const T* at = psi + p * 2 * L;
        for (u64 m = 0; m < outputs.count; ++m) {
            const cdouble t = outputs.targets[m * size + index];
            double* row = rows + m * 2 * L;
            for (int l = 0; l < L; ++l) {
                row[l] += t.real() * double(at[l]) + t.imag() * double(at[L + l]);
                row[L + l] += t.real() * double(at[L + l]) - t.imag() * double(at[l]);
            }
        }
    }
}

template <class T>
void overlap_costate(const double* rows, T* lambda, const Plan& plan, const Outputs& outputs, const T* weights) {
    constexpr int L = LANES<T>;
    const u64 size = u64(1) << plan.n_qubits;
    for (u64 p = 0; p < size; ++p) {
        const u64 index = plan.basis_state(p);
        double re[L] = {}, im[L] = {};
        for (u64 m = 0; m < outputs.count; ++m) {
            const cdouble t = outputs.targets[m * size + index];
            const double* row = rows + m * 2 * L;
            for (int l = 0; l < L; ++l) {
                const double k = 2.0 * double(weights[m * L + l]);
                re[l] += k * (t.real() * row[l] - t.imag() * row[L + l]);
                im[l] += k * (t.real() * row[L + l] + t.imag() * row[l]);
            }
        }
        T* at = lambda + p * 2 * L;
        for (int l = 0; l < L; ++l) at[l] = T(re[l]), at[L + l] = T(im[l]);
    }
}

}  // namespace ketwise
