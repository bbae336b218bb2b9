// One tile of samples goes through the plan: from its first state forward to its outputs, and back to the derivatives.
#pragma once

#include <cstring>

#include "fixed.hpp"
#include "outputs.hpp"
#include "rotation_kernels.hpp"

namespace ketwise {

template <class T> class Tile {
    static constexpr int L = LANES<T>;

public:
    Tile(const Prepared<T>& prepared, const Outputs& outputs)
        : prepared_(prepared), plan_(prepared.plan), call_(prepared.call), outputs_(outputs), n_(plan_.n_qubits),
          size_(u64(1) << n_), psi_(prepared.n_slots * size_ * 2 * L), lambda_(call_.cotangent ? size_ * 2 * L : 1),
          sums_(call_.cotangent ? size_ : 1), overlaps_(needs_lane_overlaps() ? size_ * L : 1),
          weights_(call_.cotangent ? real_count() * L : 1), values_(real_count() * L), bound_(prepared),
          rotations_(prepared, bound_) {}

    void run(u64 tile, double* partial) {
        tile_ = tile;
        lanes_ = std::min<u64>(L, call_.batch - tile * L);
        partial_ = partial;
        bound_.bind(tile, lanes_);
        T* kept = call_.states ? call_.states + tile * size_ * 2 * L : nullptr;
        if (call_.forward) {
            for (std::size_t k = start(); k < plan_.passes.size(); ++k) forward(k);
            read();
            if (kept) std::memcpy(kept, psi(), size_ * 2 * L * sizeof(T));
        } else {
            std::memcpy(psi(), kept, size_ * 2 * L * sizeof(T));
        }
        if (call_.cotangent) backward();
    }

private:
    T* psi(std::size_t slot) { return psi_.get() + slot * size_ * 2 * L; }
    T* psi() { return psi(prepared_.n_slots - 1); }  // the last
    bool keeps() const { return prepared_.n_slots > 1; }
    T* lambda() { return lambda_.get(); }

    // Doubles a sample that outputs need while they are summed; an overlap is squared from two, a state is copied.
    std::size_t real_count() const {
        if (outputs_.kind == Outputs::STATE) return 1;
        return outputs_.count * (outputs_.kind == Outputs::OVERLAPS ? 2 : 1) + 1;
    }

    bool needs_lane_overlaps() const {
        for (std::size_t k = 0; call_.cotangent && k < plan_.passes.size(); ++k)
            if (!plan_.passes[k].phases.empty() && prepared_.passes[k].by_lane) return true;
        return false;
    }

    // -- forward

    // The first state, and with it the passes that act on |0...0> alone; returns the pass to go on with.
    std::size_t start() {
        const bool given = call_.initial != nullptr;
        const bool product = !given && !plan_.passes.empty() && plan_.passes[0].kind == Pass::ROTATIONS;
        if (!product || int(plan_.passes[0].rotations.size()) < n_) std::memset(psi(0), 0, size_ * 2 * L * sizeof(T));
        if (!given) {
            for (int l = 0; l < L; ++l) psi(0)[l] = T(1), psi(0)[L + l] = T(0);
            if (product) start_product();
            return product ? 1 : 0;
        }
        for (u64 p = 0; p < size_; ++p) {
            const u64 index = plan_.first_basis_state(p);
            for (u64 l = 0; l < lanes_; ++l) {
                const u64 row = call_.initial_batch == 1 ? 0 : tile_ * L + l;
                const std::complex<T> from = call_.initial[row * size_ + index];
                psi(0)[p * 2 * L + l] = from.real();
                psi(0)[p * 2 * L + L + l] = from.imag();
            }
        }
        return 0;
    }

    // Each rotation doubles the places that are not zero. None sees what another flips: all their signs are +1 there.
    void start_product() {
        const Pass& pass = plan_.passes[0];
        std::vector<u64> flips;
        for (std::size_t g = 0; g < pass.groups.size(); ++g) {
            const TurnRows<T>* rows = bound_.rows_of(prepared_.passes[0].groups[g]);
            for (int r : pass.groups[g].members) {
                double_places(pass.rotations[r], *rows++, Walk::along(flips));
                flips.push_back(pass.rotations[r].x);
            }
        }
    }

    void double_places(const Rotation& rotation, const TurnRows<T>& rows, const Walk& filled) {
        u64 place = 0;
        for (u64 i = 0;;) {
            EACH_VECTOR(v) {
                const Vec<T> own = lane_row(rows.own, v), other = lane_row(rows.other[0], v);
                const Complex<T> a = load(psi(0), place, v);
                store(psi(0), place ^ rotation.x, v,
                      rotation.odd ? Complex<T>{other * a.re, other * a.im} : Complex<T>{other * a.im, -other * a.re});
                store(psi(0), place, v, Complex<T>{own * a.re, own * a.im});
            }
            if (++i == filled.count) return;
            place = filled.next(place, i);
        }
    }

    void forward(std::size_t k) {
        const Pass& pass = plan_.passes[k];
        const T* from = psi(prepared_.passes[k].slot_before);
        T* to = psi(prepared_.passes[k].slot_after);
        const bool in_registers = pass.kind == Pass::ROTATIONS || pass.has_factors();
        if (!in_registers && from != to) std::memcpy(to, from, size_ * 2 * L * sizeof(T));
        switch (pass.kind) {
            case Pass::ROTATIONS: return rotations_.turn(k, from, to, false);
            case Pass::FLIPS:
                return bound_.with_factors(k, [&](const auto& factors) { apply_flips(from, to, pass, n_, factors, false); });
            case Pass::PHASES:
                if (pass.phases.empty()) return apply_fixed_phases(to, pass, n_, false);
                return bound_.with_factors(k, [&](const auto& factors) { apply_phases(from, to, n_, factors); });
            case Pass::MATRIX: return apply_matrix(to, pass, n_, false);
            case Pass::DIAGONAL: return apply_diagonal(to, pass, n_, false);
            case Pass::PERMUTATION: return apply_permutation(to, pass, n_, false);
        }
    }

    // -- outputs

    void read() {
        const u64 count = outputs_.count;
        if (outputs_.kind == Outputs::STATE) return read_state();
        double* values = values_.data();
        std::fill(values_.begin(), values_.end(), 0.0);
        const double norm = prepared_.scale * prepared_.scale;
        if (outputs_.kind == Outputs::EXPECTATIONS) expectations(psi(), n_, outputs_, values);
        if (outputs_.kind == Outputs::PROBABILITIES) probabilities(psi(), n_, outputs_, values);
        if (outputs_.kind == Outputs::OVERLAPS) {
            amplitudes(psi(), plan_, outputs_, values);
            for (u64 m = 0; m < count; ++m)
                for (u64 l = 0; l < lanes_; ++l) {
                    const double re = values[m * 2 * L + l], im = values[m * 2 * L + L + l];
                    call_.values[(tile_ * L + l) * count + m] = T(norm * (re * re + im * im));
                }
            return;
        }
        for (u64 l = 0; l < lanes_; ++l)
            for (u64 m = 0; m < count; ++m) call_.values[(tile_ * L + l) * count + m] = T(norm * values[m * L + l]);
    }

    void read_state() {
        const T scale = T(prepared_.scale);
        for (u64 p = 0; p < size_; ++p) {
            const u64 index = plan_.basis_state(p);
            for (u64 l = 0; l < lanes_; ++l) {
                T* to = call_.values + ((tile_ * L + l) * size_ + index) * 2;
                to[0] = scale * psi()[p * 2 * L + l];
                to[1] = scale * psi()[p * 2 * L + L + l];
            }
        }
    }

    // The co-state after the last pass. The true one is `co_scale_` times what stands in the rows.
    void seed() {
        const u64 count = outputs_.count;
        scale_ = prepared_.scale;
        co_scale_ = 1.0;
        if (outputs_.kind == Outputs::STATE) {
            std::memset(lambda(), 0, size_ * 2 * L * sizeof(T));
            for (u64 p = 0; p < size_; ++p) {
                const u64 index = plan_.basis_state(p);
                for (u64 l = 0; l < lanes_; ++l) {
                    const T* from = call_.cotangent + ((tile_ * L + l) * size_ + index) * 2;
                    lambda()[p * 2 * L + l] = from[0];
                    lambda()[p * 2 * L + L + l] = from[1];
                }
            }
            return;
        }
        // Twice the scale of the state in the weights: what stands in the rows is never larger than the true co-state.
        co_scale_ = 1.0 / scale_;
        T* weights = weights_.get();
        for (u64 m = 0; m < count; ++m)
            for (u64 l = 0; l < L; ++l)
                weights[m * L + l] =
                    l < lanes_ ? T(scale_ * scale_ * double(call_.cotangent[(tile_ * L + l) * count + m])) : T(0);
        if (outputs_.kind == Outputs::EXPECTATIONS) expectation_costate(psi(), lambda(), n_, outputs_, weights);
        if (outputs_.kind == Outputs::PROBABILITIES) probability_costate(psi(), lambda(), n_, outputs_, weights);
        if (outputs_.kind == Outputs::OVERLAPS) {
            std::fill(values_.begin(), values_.end(), 0.0);
            amplitudes(psi(), plan_, outputs_, values_.data());
            overlap_costate(values_.data(), lambda(), plan_, outputs_, weights);
        }
    }

    // -- backward

    void backward() {
        const std::size_t end = call_.d_initial ? 0 : prepared_.first_wanted;
        if (end == plan_.passes.size() && !call_.d_initial) return;
        seed();
        for (std::size_t k = plan_.passes.size(); k-- > end;) reverse(k, call_.d_initial || k > end);
        if (!call_.d_initial) return;
        const T scale = T(co_scale_);
        for (u64 p = 0; p < size_; ++p) {
            const u64 index = plan_.first_basis_state(p);
            const T* at = lambda() + p * 2 * L;
            for (u64 l = 0; l < lanes_; ++l)
                call_.d_initial[(tile_ * L + l) * size_ + index] = {scale * at[l], scale * at[L + l]};
        }
    }

    // Derivatives of pass k from the state and the co-state after it (before it, of kept phases); then, where `undo`,
    // the co-state before it, and the state too unless it was kept.
    void reverse(std::size_t k, bool undo) {
        const Pass& pass = plan_.passes[k];
        if (keeps()) scale_ = prepared_.passes[k].scale_after;
        T* state = psi(prepared_.passes[k].slot_after);
        switch (pass.kind) {
            case Pass::ROTATIONS: return reverse_rotations(k, state, undo);
            case Pass::FLIPS: return reverse_flips(k, state, undo);
            case Pass::PHASES: return reverse_phases(k);
            default: break;
        }
        for (T* each : {keeps() ? nullptr : state, lambda()}) {
            if (!each) continue;
            if (pass.kind == Pass::MATRIX) apply_matrix(each, pass, n_, true);
            if (pass.kind == Pass::DIAGONAL) apply_diagonal(each, pass, n_, true);
            if (pass.kind == Pass::PERMUTATION) apply_permutation(each, pass, n_, true);
        }
    }

    void reverse_rotations(std::size_t k, T* state, bool undo) {
        const Pass& pass = plan_.passes[k];
        const PreparedPass<T>& prepared = prepared_.passes[k];
        const bool at_once = prepared.wanted && undo && !keeps();
        if (prepared.wanted) {
            const auto& sums = rotations_.overlaps(k, state, lambda(), at_once);
            for (std::size_t g = 0; g < pass.groups.size(); ++g) {
                for (std::size_t r = 0; r < pass.groups[g].members.size(); ++r)
                    derive(pass.rotations[pass.groups[g].members[r]], sums[g].total[r]);
                if (at_once) scale_ *= prepared.groups[g].scale, co_scale_ *= prepared.groups[g].scale;
            }
        }
        if (at_once || !undo) return;
        rotations_.turn(k, lambda(), lambda(), true);
        if (!keeps()) rotations_.turn(k, state, state, true);
        for (const auto& group : prepared.groups) scale_ *= group.scale, co_scale_ *= group.scale;
    }

    void derive(const Rotation& rotation, const double (&overlaps)[L]) {
        for (const SignedAngle& angle : rotation.angles) deliver(angle.index, angle.sign, overlaps);
    }

    // Hand the derivative of one angle to its sample or to the sum over samples; an overlap is twice the derivative.
    void deliver(int angle, double sign, const double* overlaps) {
        if (!call_.wants(angle)) return;
        const double factor = 0.5 * sign * scale_ * co_scale_;
        const int column = call_.column[angle];
        if (!call_.d_samples && column < 0) {
            double sum = 0.0;
            for (u64 l = 0; l < L; ++l) sum += overlaps[l];
            partial_[angle] += factor * sum;
            return;
        }
        double* to = call_.d_samples ? call_.d_samples + angle : call_.d_rows + column;
        const u64 stride = call_.d_samples ? call_.n_angles : call_.n_rows;
        for (u64 l = 0; l < lanes_; ++l) to[(tile_ * L + l) * stride] = factor * overlaps[l];
    }

    void reverse_phases(std::size_t k) {
        const Pass& pass = plan_.passes[k];
        const PreparedPass<T>& prepared = prepared_.passes[k];
        T* state = psi(prepared.slot_after);
        if (pass.phases.empty()) {
            if (!keeps()) apply_fixed_phases(state, pass, n_, true);
            return apply_fixed_phases(lambda(), pass, n_, true);
        }
        bound_.with_factors(k, [&](const auto& factors) {
            if (!prepared.wanted) {
                unapply_phases(lambda(), n_, factors);
                if (!keeps()) unapply_phases(state, n_, factors);
            } else if (keeps()) {
                unapply_wanted<true>(psi(prepared.slot_before), prepared, factors);
            } else {
                unapply_wanted<false>(state, prepared, factors);
            }
        });
        if (keeps()) {
            scale_ = prepared.scale_before;
            co_scale_ /= prepared.scale;
        }
        if (prepared.wanted) deliver_words(pass, prepared);
        if (keeps()) return;
        scale_ /= prepared.scale;
        co_scale_ /= prepared.scale;
    }

    void reverse_flips(std::size_t k, T* state, bool undo) {
        const Pass& pass = plan_.passes[k];
        const PreparedPass<T>& prepared = prepared_.passes[k];
        if (prepared.wanted) {
            if (prepared.by_lane) std::fill(overlaps_.get(), overlaps_.get() + size_ * L, T(0));
            if (!prepared.by_lane) std::fill(sums_.get(), sums_.get() + size_, 0.0);
            flip_overlaps(state, lambda(), pass, n_, [&](u64 place, int v, Vec<T> overlap) {
                if (prepared.by_lane) {
                    reinterpret_cast<Vec<T>*>(overlaps_.get() + place * L)[v] = overlap;
                } else {
                    double sum = 0.0;
                    for (int l = 0; l < LaneFold<T>::W; ++l) sum += double(overlap[l]);
                    sums_.get()[place] += sum;
                }
            });
            deliver_words(pass, prepared);
        }
        if (!undo) return;
        bound_.with_factors(k, [&](const auto& factors) {
            apply_flips(lambda(), lambda(), pass, n_, factors, true);
            if (!keeps()) apply_flips(state, state, pass, n_, factors, true);
        });
    }

    // Derivatives of words from the overlaps of places, which a Walsh transform sums with the signs of every word.
    void deliver_words(const Pass& pass, const PreparedPass<T>& prepared) {
        if (prepared.by_lane) {
            walsh(overlaps_.get(), n_, L);
            for (const Phase& phase : pass.phases) {
                double sums[L] = {};
                for (const auto& [mask, weight] : phase.words)
                    for (int l = 0; l < L; ++l) sums[l] += weight * double(overlaps_.get()[mask * L + l]);
                deliver(phase.angle.index, phase.angle.sign, sums);
            }
            return;
        }
        walsh(sums_.get(), n_);
        const double factor = 0.5 * scale_ * co_scale_;
        for (const Phase& phase : pass.phases) {
            if (!call_.wants(phase.angle.index)) continue;
            double sum = 0.0;
            for (const auto& [mask, weight] : phase.words) sum += weight * sums_.get()[mask];
            partial_[phase.angle.index] += factor * phase.angle.sign * sum;
        }
    }

    template <bool BEFORE, class Factors>
    void unapply_wanted(T* state, const PreparedPass<T>& prepared, const Factors& factors) {
        if (prepared.by_lane)
            unapply_phases_by_lane<T, BEFORE>(state, lambda(), n_, factors, overlaps_.get());
        else
            unapply_phases_summed<T, BEFORE>(state, lambda(), n_, factors, sums_.get());
    }

    const Prepared<T>& prepared_;
    const Plan& plan_;
    const Call<T>& call_;
    const Outputs& outputs_;
    int n_;
    u64 size_;
    Rows<T> psi_, lambda_;
    Rows<double> sums_;  // of overlaps over the samples, one a place
    Rows<T> overlaps_;   // by sample, one row of lanes a place
    Rows<T> weights_;
    std::vector<double> values_;
    Bound<T> bound_;
    RotationKernels<T> rotations_;
    // Of the tile at hand.
    u64 tile_ = 0, lanes_ = 0;
    double* partial_ = nullptr;
    double scale_ = 1.0, co_scale_ = 1.0;
};

}  // namespace ketwise
