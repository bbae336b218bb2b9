// What one call computes once for all its tiles: the numbers of the passes whose angles all samples share.
#pragma once

#include <memory>

#include "phases.hpp"
#include "rotations.hpp"

namespace ketwise {

// States of a tile up to which they are kept for the reverse sweep: reading them back, from a core's share of the last
// cache, is quicker than undoing.
constexpr std::size_t KEPT_BYTES = std::size_t(4) << 20;
// Tables of factors of a tile up to which those of all passes are made at once, and found again by the reverse sweep.
constexpr std::size_t KEPT_TABLE_BYTES = std::size_t(1) << 20;

// Whether phases or flips of a pass differ from sample to sample; `column`: of an angle among those that do, or -1.
inline bool phases_differ(const Pass& pass, const int* column) {
    return std::any_of(pass.phases.begin(), pass.phases.end(),
                       [&](const Phase& phase) { return column[phase.angle.index] >= 0; });
}

// Rows of the tables that a tile makes for itself: of all passes, and of the one with most.
struct TableRows {
    std::size_t all = 0, most = 0;

    TableRows(const Plan& plan, const int* column) {
        for (const Pass& pass : plan.passes) {
            if (!phases_differ(pass, column)) continue;
            all += pass.tables.n_rows();
            most = std::max(most, pass.tables.n_rows());
        }
    }

    bool are_kept() const { return all * 2 * ROW_BYTES <= KEPT_TABLE_BYTES; }
    std::size_t held() const { return are_kept() ? all : most; }
};

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
    T* values = nullptr;                   // batch x count (complex for STATE)
    const T* cotangent = nullptr;          // the same shape
    double* d_shared = nullptr;            // n_angles
    double* d_rows = nullptr;              // batch x n_rows
    double* d_samples = nullptr;           // batch x n_angles: those of every angle, by sample
    const unsigned char* wanted = nullptr; // n_angles: whether its derivative is; null: all are
    std::complex<T>* d_initial = nullptr;  // batch x 2**n
    int threads = 1;

    bool differs(int angle) const { return column[angle] >= 0; }
    bool wants(int angle) const {
        return (!wanted || wanted[angle]) && (d_samples || (differs(angle) ? d_rows : d_shared));
    }
};

// Where the state stands before and after each pass when the reverse sweep shall find it; returns the number of slots.
// Phases need the state before them, any other pass with angles the one after it; a pass that would overwrite either
// writes to the next slot. Which derivatives are wanted changes nothing: all have the same bits whoever asks for them.
template <class Visit> std::size_t each_slot(const Plan& plan, Visit visit) {
    std::size_t slot = 0;
    bool is_read_after = false;
    for (std::size_t k = 0; k < plan.passes.size(); ++k) {
        const bool phases = plan.passes[k].kind == Pass::PHASES, angles = plan.passes[k].has_angles();
        const std::size_t before = slot;
        slot += is_read_after || (phases && angles);
        visit(k, before, slot);
        is_read_after = angles && !phases;
    }
    return slot + 1;
}

// The numbers of one group of rotations. `scale` is what its rows leave out.
template <class T> struct PreparedGroup {
    bool shared = true;
    bool plain = false;  // the rows hold tangents
    double scale = 1.0;
    std::unique_ptr<Rows<TurnRows<T>>> rows;  // one a rotation, where shared
    std::size_t first_lane_rows = 0;          // where a tile keeps them otherwise
};

template <class T> struct PreparedPass {
    std::vector<PreparedGroup<T>> groups;
    bool shared = true;
    bool wanted = false;   // some derivative of it
    bool by_lane = false;  // derivatives that differ from sample to sample
    double scale = 1.0;    // of the state, taken up by a pass of phases
    double scale_before = 1.0, scale_after = 1.0;  // of the state, as it stands in its rows
    std::size_t slot_before = 0, slot_after = 0;   // where the state stands
    std::unique_ptr<Rows<T>> table;
    bool has_tables = false;          // of factors that differ from sample to sample
    std::size_t first_table_row = 0;  // where a tile keeps them
};

template <class T> class Prepared {
public:
    Prepared(const Plan& plan, const Call<T>& call)
        : plan(plan), call(call), passes(plan.passes.size()), table_rows(plan, call.column) {
        double pending = 1.0;
        std::size_t next_table_row = 0;
        for (std::size_t k = 0; k < passes.size(); ++k) {
            const Pass& pass = plan.passes[k];
            PreparedPass<T>& made = passes[k];
            pass.each_angle([&](int angle) {
                made.shared &= !call.differs(angle);
                made.wanted |= call.wants(angle);
                made.by_lane |= call.d_samples || call.differs(angle);
            });
            made.scale_before = pending;
            for (const Group& group : pass.groups) made.groups.push_back(turns(pass, group.members, pending));
            if (pass.has_factors()) {
                if (pass.kind == Pass::PHASES) std::swap(made.scale, pending);
                if (made.shared && tabled(plan.n_qubits)) {
                    made.table = std::make_unique<Rows<T>>(std::size_t(2) << plan.n_qubits);
                    Rows<double> room(table_room(plan.n_qubits));
                    factor_table(pass, plan.n_qubits, call.shared, made.scale, room.get(), made.table->get());
                }
                made.has_tables = !made.shared && pass.tables.count > 0;
                if (made.has_tables && table_rows.are_kept()) {
                    made.first_table_row = next_table_row;
                    next_table_row += pass.tables.n_rows();
                }
                has_lane_phases |= !made.shared && !made.has_tables;
                has_large_tables |= made.shared && !tabled(plan.n_qubits);
            }
            made.scale_after = pending;
        }
        scale = pending;
        keep_states();
        while (first_wanted < passes.size() && !passes[first_wanted].wanted) ++first_wanted;
    }

    static bool tabled(int n_qubits) { return n_qubits <= MOST_TABLED; }
    // Doubles that making one table takes.
    static std::size_t table_room(int n_qubits) { return 3 * std::max<std::size_t>(8, std::size_t(1) << n_qubits); }

    const Plan& plan;
    const Call<T>& call;
    std::vector<PreparedPass<T>> passes;
    TableRows table_rows;          // of factors that a tile computes for itself
    double scale = 1.0;            // the state is `scale` times what stands in the rows after the last pass
    std::size_t first_wanted = 0;  // the reverse sweep ends there
    std::size_t n_slots = 1;       // states that a tile holds: the reverse sweep reads them, or undoes the only one
    std::size_t n_lane_rows = 0;   // rows of rotations that a tile computes for itself
    bool has_lane_phases = false, has_large_tables = false;

private:
    static constexpr double SMALL_COSINE = 1.0 / 64;        // from here on both factors are multiplied
    static constexpr double SMALL_SCALE = 1.0 / (1 << 24);  // of the state, until phases take it up

    void keep_states() {
        if (!call.forward || !call.cotangent) return;
        const std::size_t count = each_slot(plan, [&](std::size_t k, std::size_t before, std::size_t after) {
            passes[k].slot_before = before;
            passes[k].slot_after = after;
        });
        if ((count * 2 * ROW_BYTES) << plan.n_qubits <= KEPT_BYTES) {
            n_slots = count;
            return;
        }
        for (PreparedPass<T>& pass : passes) pass.slot_before = pass.slot_after = 0;
    }

    PreparedGroup<T> turns(const Pass& pass, const std::vector<int>& members, double& pending) {
        PreparedGroup<T> made;
        for (int r : members)
            for (const SignedAngle& angle : pass.rotations[r].angles) made.shared &= !call.differs(angle.index);
        if (!made.shared) {
            made.first_lane_rows = n_lane_rows;
            n_lane_rows += members.size();
            return made;
        }
        std::vector<double> halves;
        double scale = 1.0;
        made.plain = true;
        for (int r : members) {
            halves.push_back(pass.rotations[r].half);
            for (const SignedAngle& angle : pass.rotations[r].angles)
                halves.back() += near(0.5 * angle.sign * call.shared[angle.index]);
            const double cosine = std::cos(halves.back());
            scale *= cosine;
            made.plain &= std::abs(cosine) > SMALL_COSINE;
        }
        made.plain &= std::abs(pending * scale) > SMALL_SCALE;
        if (made.plain) pending *= made.scale = scale;
        made.rows = std::make_unique<Rows<TurnRows<T>>>(members.size());
        for (std::size_t k = 0; k < members.size(); ++k)
            for (int l = 0; l < LANES<T>; ++l) {
                const double c = std::cos(halves[k]), s = std::sin(halves[k]);
                made.rows->get()[k].set(l, made.plain ? 1.0 : c, made.plain ? s / c : s);
            }
        return made;
    }
};

}  // namespace ketwise
