// What one tile computes for itself: the angles that differ from sample to sample, and tables too large to be kept.
#pragma once

#include "prepared.hpp"

namespace ketwise {

template <class T> class Bound {
    static constexpr int L = LANES<T>;

public:
    explicit Bound(const Prepared<T>& prepared)
        : prepared_(prepared), plan_(prepared.plan), call_(prepared.call), size_(u64(1) << plan_.n_qubits),
          turn_rows_(prepared.n_lane_rows), tables_(prepared.table_rows.held() * 2 * L),
          halves_(prepared.table_rows.most * L), phases_(prepared.has_lane_phases ? size_ * L : 1),
          room_(prepared.has_large_tables ? Prepared<T>::table_room(plan_.n_qubits) : 1),
          table_(prepared.has_large_tables ? 2 * size_ : 1) {}

    // Takes up a tile: the numbers of the passes whose angles differ from sample to sample.
    void bind(u64 tile, u64 lanes) {
        tile_ = tile;
        lanes_ = lanes;
        for (std::size_t k = 0; k < plan_.passes.size(); ++k) {
            const Pass& pass = plan_.passes[k];
            for (std::size_t g = 0; g < pass.groups.size(); ++g) {
                const PreparedGroup<T>& group = prepared_.passes[k].groups[g];
                for (std::size_t r = 0; !group.shared && r < pass.groups[g].members.size(); ++r)
                    bind(pass.rotations[pass.groups[g].members[r]], turn_rows_.get()[group.first_lane_rows + r]);
            }
            if (prepared_.passes[k].has_tables && prepared_.table_rows.are_kept()) bind(pass, prepared_.passes[k]);
        }
    }

    const TurnRows<T>* rows_of(const PreparedGroup<T>& group) const {
        return group.shared ? group.rows->get() : turn_rows_.get() + group.first_lane_rows;
    }

    // Calls `act` with the factors of a pass of phases or flips.
    template <class Act> void with_factors(std::size_t k, Act act) {
        const PreparedPass<T>& prepared = prepared_.passes[k];
        const Pass& pass = plan_.passes[k];
        if (prepared.has_tables) {
            if (!prepared_.table_rows.are_kept()) bind(pass, prepared);
            return act(TableFactors<T>{tables_.get() + prepared.first_table_row * 2 * L, pass});
        }
        if (!prepared.shared) {
            double* rows = phases_.get();
            std::fill(rows, rows + size_ * L, 0.0);
            pass.each_word([&](u64 mask, double weight, const SignedAngle* angle) {
                add_halves(angle, weight, rows + mask * L);
            });
            walsh(rows, plan_.n_qubits, L);
            return act(LaneFactors<T>{rows, pass, prepared.scale});
        }
        if (prepared.table) return act(SharedFactors<T>{prepared.table->get()});
        factor_table(pass, plan_.n_qubits, call_.shared, prepared.scale, room_.get(), table_.get());
        act(SharedFactors<T>{table_.get()});
    }

private:
    // Half of an angle of every sample times a weight, or the weight itself where there is none, added to `halves`.
    void add_halves(const SignedAngle* angle, double weight, double* halves) const {
        const int column = angle ? call_.column[angle->index] : -1;
        const double factor = angle ? 0.5 * angle->sign : 1.0;
        if (column < 0) {
            const double half = angle ? weight * near(factor * call_.shared[angle->index]) : weight;
            for (int l = 0; l < L; ++l) halves[l] += half;
            return;
        }
        for (u64 l = 0; l < lanes_; ++l)
            halves[l] += weight * near(factor * call_.rows[(tile_ * L + l) * call_.n_rows + column]);
    }

    void bind(const Rotation& rotation, TurnRows<T>& rows) const {
        alignas(ROW_BYTES) double halves[L], sines[L], cosines[L];
        std::fill(halves, halves + L, rotation.half);
        for (const SignedAngle& angle : rotation.angles) add_halves(&angle, 1.0, halves);
        sines_cosines(halves, L, sines, cosines);
        for (int l = 0; l < L; ++l) rows.set(l, cosines[l], sines[l]);
    }

    void bind(const Pass& pass, const PreparedPass<T>& prepared) {
        const Tables& tables = pass.tables;
        double* halves = halves_.get();
        std::fill(halves, halves + tables.n_rows() * L, 0.0);
        std::size_t word = 0;
        pass.each_word([&](u64, double weight, const SignedAngle* angle) {
            add_halves(angle, weight, halves + tables.row_of_word[word++] * L);
        });
        T* rows = tables_.get() + prepared.first_table_row * 2 * L;
        alignas(ROW_BYTES) double sines[L], cosines[L];
        for (int table = 0; table < tables.count; ++table) {
            walsh(halves, tables.bits, L);
            const double scale = table == 0 ? prepared.scale : 1.0;
            for (u64 row = 0; row < u64(1) << tables.bits; ++row, halves += L, rows += 2 * L) {
                sines_cosines(halves, L, sines, cosines);
                for (int l = 0; l < L; ++l) {
                    rows[l] = T(scale * cosines[l]);
                    rows[L + l] = T(-scale * sines[l]);
                }
            }
        }
    }

    const Prepared<T>& prepared_;
    const Plan& plan_;
    const Call<T>& call_;
    u64 size_;
    Rows<TurnRows<T>> turn_rows_;
    Rows<T> tables_;       // factors, rows of real and imaginary parts
    Rows<double> halves_;  // for making them
    Rows<double> phases_;  // one row of lanes a place
    Rows<double> room_;    // for making the table
    Rows<T> table_;
    // Of the tile at hand.
    u64 tile_ = 0, lanes_ = 0;
};

}  // namespace ketwise
