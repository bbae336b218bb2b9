// One call: tiles of samples go through the plan, forward, backward or both, on plain threads.
//
// Determinism: a tile's arithmetic does not depend on its neighbours, sums over samples are made lane by lane, tile by
// tile and block by block in one fixed order, and the number of threads decides only who computes which block.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>
#include <system_error>
#include <thread>

#include "kernels.hpp"
#include "outputs.hpp"
#include "turns.hpp"

namespace ketwise {

// Pointers into arrays owned by the caller; null where a thing is not wanted.
template <class T> struct Call {
    u64 batch = 0;
    int n_angles = 0, n_rows = 0;
    const double* shared = nullptr;  // n_angles
    const double* rows = nullptr;    // batch x n_rows
    const int* column = nullptr;     // n_angles: column of `rows`, or -1 for a shared angle
    const std::complex<T>* initial = nullptr;
    u64 initial_batch = 0;
    T* states = nullptr;  // tiles x 2**n x 2 x LANES: written by a forward, read by a backward call
    bool forward = true;
    T* values = nullptr;            // batch x count (complex for STATE)
    const T* cotangent = nullptr;   // the same shape
    double* d_shared = nullptr;     // n_angles
    double* d_rows = nullptr;       // batch x n_rows
    std::complex<T>* d_initial = nullptr;  // batch x 2**n
    int threads = 1;
};

template <class T> class Engine {
    static constexpr int L = LANES<T>;

public:
    Engine(const Plan& plan, const Outputs& outputs, const Call<T>& call)
        : plan_(plan), outputs_(outputs), call_(call), size_(u64(1) << plan.n_qubits),
          shared_(std::size_t(call.n_angles)), matrices_(plan.passes.size()), is_shared_(plan.passes.size()) {
        for (int a = 0; a < call.n_angles; ++a)
            if (call.column[a] < 0) shared_[a] = {{std::cos(call.shared[a] / 2)}, {std::sin(call.shared[a] / 2)}};
        for (std::size_t k = 0; k < plan.passes.size(); ++k) {
            is_shared_[k] = plan.passes[k].kind == Pass::TURNS && all_shared(plan.passes[k].turns);
            // Composed in lanes as well, so that shared and per-sample angles give the same bits.
            if (is_shared_[k]) matrix(plan.passes[k].turns, Tile{}, matrices_[k].u);
        }
    }

    void run() {
        const u64 tiles = (call_.batch + L - 1) / L;
        const u64 per_block = std::max<u64>(1, tiles / 256);
        const u64 blocks = (tiles + per_block - 1) / per_block;
        const bool backward = call_.cotangent != nullptr;
        std::vector<double> partial(backward ? blocks * call_.n_angles : 0, 0.0);
        std::atomic<u64> next{0};
        std::exception_ptr failure;
        std::atomic<bool> failed{false};
        auto work = [&] {
            try {
                Scratch scratch(*this, backward);
                for (u64 block = next++; block < blocks && !failed; block = next++)
                    for (u64 tile = block * per_block; tile < std::min(tiles, (block + 1) * per_block); ++tile)
                        run_tile(tile, scratch, partial.data() + (backward ? block * call_.n_angles : 0));
            } catch (...) {
                if (!failed.exchange(true)) failure = std::current_exception();
            }
        };
        std::vector<std::thread> others;
        // In rows of a tile, with what a pass costs before its first row. A thread starts in microseconds, but on a
        // busy machine it is waited for until it has had its turn: it must have a good part of a millisecond to do.
        const u64 work_size = tiles * (plan_.passes.size() + 2) * (size_ * (backward ? 3 : 1) + 32);
        const u64 wanted = std::min<u64>({u64(std::max(1, call_.threads)), blocks, 1 + work_size / 250000});
        others.reserve(wanted);
        for (u64 k = 1; k < wanted; ++k) {
            try {
                others.emplace_back(work);
            } catch (const std::system_error&) {
                break;  // no thread to be had: this one does the work
            }
        }
        work();
        for (auto& thread : others) thread.join();
        if (failure) std::rethrow_exception(failure);
        if (backward)
            for (u64 block = 0; block < blocks; ++block)
                for (int a = 0; a < call_.n_angles; ++a) call_.d_shared[a] += partial[block * call_.n_angles + a];
    }

private:
    // The half angles of the samples of one tile.
    struct Tile {
        std::vector<HalfAngle<L>> rows;
    };

    struct LaneAngles {
        const Engine& engine;
        const Tile& tile;
        void operator()(int angle, HalfAngle<L>& h) const {
            const int column = engine.call_.column[angle];
            if (column >= 0) {
                h = tile.rows[column];
                return;
            }
            for (int l = 0; l < L; ++l) {
                h.c[l] = engine.shared_[angle].c[0];
                h.s[l] = engine.shared_[angle].s[0];
            }
        }
    };

    struct SharedAngles {
        const Engine& engine;
        void operator()(int angle, HalfAngle<1>& h) const { h = engine.shared_[angle]; }
    };

    // The rows of a 2x2 matrix for every lane, as the kernels read them.
    struct Matrix {
        alignas(ROW_BYTES) T u[8][L];
    };

    struct Scratch {
        Scratch(const Engine& e, bool backward)
            : psi(e.size_ * 2 * L), lambda(backward ? e.size_ * 2 * L : 1), rows(2 * L * (e.widest() + 4)),
              weights(backward ? e.real_count() * L : 1), values(e.real_count() * L) {
            tile.rows.resize(std::size_t(e.call_.n_rows));
        }
        Rows<T> psi, lambda, rows, weights;
        Matrix matrices[2];
        std::vector<double> values;
        Tile tile;
    };

    std::size_t widest() const {
        std::size_t widest = 0;
        for (const Pass& pass : plan_.passes) widest = std::max(widest, pass.phases.size());
        return widest;
    }

    // Doubles a sample that outputs need while they are summed; an overlap is squared from two, a state is copied.
    std::size_t real_count() const {
        if (outputs_.kind == Outputs::STATE) return 1;
        return outputs_.count * (outputs_.kind == Outputs::OVERLAPS ? 2 : 1) + 1;
    }

    bool all_shared(const std::vector<Turn>& turns) const {
        for (const Turn& turn : turns)
            if (turn.axis < 3 && call_.column[turn.angle] >= 0) return false;
        return true;
    }

    void matrix(const std::vector<Turn>& turns, const Tile& tile, T (&rows)[8][L]) const {
        double u[8][L];
        compose<L>(turns, LaneAngles{*this, tile}, u);
        for (int i = 0; i < 8; ++i)
            for (int l = 0; l < L; ++l) rows[i][l] = T(u[i][l]);
    }

    u64 lanes_in(u64 tile) const { return std::min<u64>(L, call_.batch - tile * L); }

    void run_tile(u64 tile, Scratch& scratch, double* partial) {
        const u64 lanes = lanes_in(tile);
        for (int column = 0; column < call_.n_rows; ++column)
            for (u64 l = 0; l < L; ++l) {
                const double angle = l < lanes ? call_.rows[(tile * L + l) * call_.n_rows + column] : 0.0;
                scratch.tile.rows[column].c[l] = std::cos(angle / 2);
                scratch.tile.rows[column].s[l] = std::sin(angle / 2);
            }
        T* psi = scratch.psi.get();
        T* kept = call_.states ? call_.states + tile * size_ * 2 * L : nullptr;
        if (call_.forward) {
            start(tile, lanes, psi);
            for (std::size_t k = 0; k < plan_.passes.size(); ++k) {
                forward(k, psi, scratch);
                k += plan_.passes[k].with_next;
            }
            read(tile, lanes, psi, scratch);
            if (kept) std::memcpy(kept, psi, size_ * 2 * L * sizeof(T));
        } else {
            std::memcpy(psi, kept, size_ * 2 * L * sizeof(T));
        }
        if (!call_.cotangent) return;
        seed(tile, lanes, psi, scratch);
        for (std::size_t k = plan_.passes.size(); k-- > 0;) {
            k -= k > 0 && plan_.passes[k - 1].with_next;
            reverse(k, tile, lanes, psi, scratch, partial);
        }
        if (call_.d_initial)
            for (u64 p = 0; p < size_; ++p)
                for (u64 l = 0; l < lanes; ++l) {
                    const T* at = scratch.lambda.get() + p * 2 * L;
                    call_.d_initial[(tile * L + l) * size_ + p] = {at[l], at[L + l]};
                }
    }

    void start(u64 tile, u64 lanes, T* psi) const {
        std::memset(psi, 0, size_ * 2 * L * sizeof(T));
        if (!call_.initial) {
            for (int l = 0; l < L; ++l) psi[l] = T(1);
            return;
        }
        for (u64 l = 0; l < lanes; ++l) {
            const std::complex<T>* from = call_.initial + (call_.initial_batch == 1 ? 0 : tile * L + l) * size_;
            for (u64 p = 0; p < size_; ++p) {
                psi[p * 2 * L + l] = from[p].real();
                psi[p * 2 * L + L + l] = from[p].imag();
            }
        }
    }

    const T* matrix_rows(std::size_t k, const Tile& tile, Matrix& own) const {
        if (is_shared_[k]) return matrices_[k].u[0];
        matrix(plan_.passes[k].turns, tile, own.u);
        return own.u[0];
    }

    // Cosine and sine rows of one rotation; the sine carries `sign`.
    void angle_rows(int angle, double sign, T* rows, Scratch& scratch) const {
        HalfAngle<L> h;
        LaneAngles{*this, scratch.tile}(angle, h);
        for (int l = 0; l < L; ++l) rows[l] = T(h.c[l]), rows[L + l] = T(sign * h.s[l]);
    }

    const T* phase_rows(const Pass& pass, Scratch& scratch) const {
        T* rows = scratch.rows.get();
        for (std::size_t k = 0; k < pass.phases.size(); ++k) {
            const Phase& phase = pass.phases[k];
            angle_rows(phase.angle, phase.sign, rows + 2 * k * L, scratch);
        }
        return rows;
    }

    void forward(std::size_t k, T* psi, Scratch& scratch) const {
        const Pass& pass = plan_.passes[k];
        const int n = plan_.n_qubits;
        T* rows = scratch.rows.get();
        switch (pass.kind) {
            case Pass::TURNS: {
                const T* first = matrix_rows(k, scratch.tile, scratch.matrices[0]);
                if (!pass.with_next) return turn_pairs(psi, pass, n, first);
                const T* second = matrix_rows(k + 1, scratch.tile, scratch.matrices[1]);
                return turn_quads(psi, pass, plan_.passes[k + 1], n, first, second);
            }
            case Pass::WORD:
                angle_rows(pass.angle, 1.0, rows, scratch);
                return pass.power % 2 ? apply_word<T, true>(psi, pass, n, rows, rows + L)
                                      : apply_word<T, false>(psi, pass, n, rows, rows + L);
            case Pass::PHASES: return apply_phases(psi, pass, n, phase_rows(pass, scratch));
            case Pass::MATRIX: return apply_matrix(psi, pass, n, false);
            case Pass::DIAGONAL: return apply_diagonal(psi, pass, n, false);
            case Pass::PERMUTATION: return apply_permutation(psi, pass, n, false);
        }
    }

    void read(u64 tile, u64 lanes, const T* psi, Scratch& scratch) {
        const int n = plan_.n_qubits;
        const u64 count = outputs_.count;
        if (outputs_.kind == Outputs::STATE) {
            for (u64 p = 0; p < size_; ++p) {
                const u64 index = plan_.basis_state(p);
                for (u64 l = 0; l < lanes; ++l) {
                    T* to = call_.values + ((tile * L + l) * size_ + index) * 2;
                    to[0] = psi[p * 2 * L + l];
                    to[1] = psi[p * 2 * L + L + l];
                }
            }
            return;
        }
        double* values = scratch.values.data();
        std::fill(scratch.values.begin(), scratch.values.end(), 0.0);
        if (outputs_.kind == Outputs::EXPECTATIONS) expectations(psi, n, outputs_, values);
        if (outputs_.kind == Outputs::PROBABILITIES) probabilities(psi, n, outputs_, values);
        if (outputs_.kind == Outputs::OVERLAPS) {
            amplitudes(psi, plan_, outputs_, values);
            for (u64 m = 0; m < count; ++m)
                for (u64 l = 0; l < lanes; ++l) {
                    const double re = values[m * 2 * L + l], im = values[m * 2 * L + L + l];
                    call_.values[(tile * L + l) * count + m] = T(re * re + im * im);
                }
            return;
        }
        for (u64 l = 0; l < lanes; ++l)
            for (u64 m = 0; m < count; ++m) call_.values[(tile * L + l) * count + m] = T(values[m * L + l]);
    }

    // The co-state after the last pass.
    void seed(u64 tile, u64 lanes, const T* psi, Scratch& scratch) {
        const int n = plan_.n_qubits;
        const u64 count = outputs_.count;
        T* lambda = scratch.lambda.get();
        if (outputs_.kind == Outputs::STATE) {
            std::memset(lambda, 0, size_ * 2 * L * sizeof(T));
            for (u64 p = 0; p < size_; ++p) {
                const u64 index = plan_.basis_state(p);
                for (u64 l = 0; l < lanes; ++l) {
                    const T* from = call_.cotangent + ((tile * L + l) * size_ + index) * 2;
                    lambda[p * 2 * L + l] = from[0];
                    lambda[p * 2 * L + L + l] = from[1];
                }
            }
            return;
        }
        T* weights = scratch.weights.get();
        for (u64 m = 0; m < count; ++m)
            for (u64 l = 0; l < L; ++l)
                weights[m * L + l] = l < lanes ? call_.cotangent[(tile * L + l) * count + m] : T(0);
        if (outputs_.kind == Outputs::EXPECTATIONS) expectation_costate(psi, lambda, n, outputs_, weights);
        if (outputs_.kind == Outputs::PROBABILITIES) probability_costate(psi, lambda, n, outputs_, weights);
        if (outputs_.kind == Outputs::OVERLAPS) {
            std::fill(scratch.values.begin(), scratch.values.end(), 0.0);
            amplitudes(psi, plan_, outputs_, scratch.values.data());
            overlap_costate(scratch.values.data(), lambda, plan_, outputs_, weights);
        }
    }

    // Hand the derivative of one angle, a number a lane, to its sample or to the sum over samples.
    void deliver(int angle, const double* lanes_of_d, u64 tile, u64 lanes, double* partial) {
        const int column = call_.column[angle];
        if (column < 0) {
            double sum = 0.0;
            for (u64 l = 0; l < L; ++l) sum += lanes_of_d[l];
            partial[angle] += sum;
        } else if (call_.d_rows) {
            for (u64 l = 0; l < lanes; ++l) call_.d_rows[(tile * L + l) * call_.n_rows + column] = lanes_of_d[l];
        }
    }

    // Derivatives of all angles of one pass of turns from its three overlaps.
    void derive_turns(std::size_t k, LaneSums<T, 3>& sums, u64 tile, u64 lanes, Scratch& scratch, double* partial) {
        const std::vector<Turn>& turns = plan_.passes[k].turns;
        if (is_shared_[k]) {
            double v[3][1] = {};
            for (int a = 0; a < 3; ++a)
                for (int l = 0; l < L; ++l) v[a][0] += sums.total[a][l];
            derivatives<1>(turns, SharedAngles{*this}, v,
                           [&](int angle, const double (&d)[1]) { partial[angle] += d[0]; });
        } else {
            derivatives<L>(turns, LaneAngles{*this, scratch.tile}, sums.total,
                           [&](int angle, const double (&d)[L]) { deliver(angle, d, tile, lanes, partial); });
        }
    }

    void reverse(std::size_t k, u64 tile, u64 lanes, T* psi, Scratch& scratch, double* partial) {
        const Pass& pass = plan_.passes[k];
        const int n = plan_.n_qubits;
        T* lambda = scratch.lambda.get();
        T* rows = scratch.rows.get();
        switch (pass.kind) {
            case Pass::TURNS: {
                LaneSums<T, 3> sums, sums_next;
                const T* first = matrix_rows(k, scratch.tile, scratch.matrices[0]);
                if (pass.with_next) {
                    const T* second = matrix_rows(k + 1, scratch.tile, scratch.matrices[1]);
                    unturn_quads(psi, lambda, pass, plan_.passes[k + 1], n, first, second, sums, sums_next);
                    derive_turns(k + 1, sums_next, tile, lanes, scratch, partial);
                } else {
                    unturn_pairs(psi, lambda, pass, n, first, sums);
                }
                return derive_turns(k, sums, tile, lanes, scratch, partial);
            }
            case Pass::WORD: {
                LaneSums<T, 1> sums;
                angle_rows(pass.angle, 1.0, rows, scratch);
                if (pass.power % 2)
                    unapply_word<T, true>(psi, lambda, pass, n, rows, rows + L, sums);
                else
                    unapply_word<T, false>(psi, lambda, pass, n, rows, rows + L, sums);
                for (double& d : sums.total[0]) d *= 0.5;
                return deliver(pass.angle, sums.total[0], tile, lanes, partial);
            }
            case Pass::PHASES: {
                std::vector<double> sums(pass.phases.size() * L, 0.0);
                unapply_phases(psi, lambda, pass, n, phase_rows(pass, scratch), sums.data());
                for (double& d : sums) d *= 0.5;
                for (std::size_t t = 0; t < pass.phases.size(); ++t)
                    deliver(pass.phases[t].angle, sums.data() + t * L, tile, lanes, partial);
                return;
            }
            case Pass::MATRIX: apply_matrix(psi, pass, n, true), apply_matrix(lambda, pass, n, true); return;
            case Pass::DIAGONAL: apply_diagonal(psi, pass, n, true), apply_diagonal(lambda, pass, n, true); return;
            case Pass::PERMUTATION:
                apply_permutation(psi, pass, n, true), apply_permutation(lambda, pass, n, true);
                return;
        }
    }

    const Plan& plan_;
    const Outputs& outputs_;
    Call<T> call_;
    u64 size_;
    std::vector<HalfAngle<1>> shared_;
    std::vector<Matrix> matrices_;
    std::vector<char> is_shared_;
};

}  // namespace ketwise
