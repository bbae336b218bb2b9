// Fixed gates on several qubits over one tile: dense matrices, permutations, diagonals.
#pragma once

#include "plan.hpp"

namespace ketwise {

// Every subspace of a fixed gate: calls `visit(base)` with the place at which all its qubits are 0.
template <class Visit> void each_subspace(const Pass& pass, int n, Visit visit) {
    const u64 pivots = pivots_of(pass.flips);
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
