// What the passes cost: vector operations on samples and bytes moved, for `explain` and for the memory that a call takes.
#pragma once

#include "plan.hpp"

namespace ketwise {

// Of one sample in one run, or in one run with its reverse sweep; a fused product and sum is one operation.
struct Cost {
    const char* kind;
    std::size_t merged;  // operations of the circuit in this pass
    double forward, backward;
    double bytes_forward, bytes_backward;
};

// Nothing is counted twice: `backward` is what the reverse sweep adds. `kept`: states are read back, not undone.
template <class T> Cost cost_of(const Pass& pass, int n_qubits, bool kept) {
    static const char* const names[] = {"rotations", "flips", "phases", "matrix", "diagonal",
                                        "permutation"};
    const double places = double(u64(1) << n_qubits), row = 2.0 * sizeof(T) * places;
    const double states = kept ? 1.0 : 2.0;  // that the reverse sweep changes
    Cost cost{names[pass.kind],
              std::max<std::size_t>(1, pass.rotations.size() + pass.phases.size() + pass.fixed.size()),
              0.0,
              0.0,
              2.0 * row,
              (2.0 + 2.0 * states) * row};
    const double size = double(std::size_t(1) << pass.flips.size());
    switch (pass.kind) {
        case Pass::ROTATIONS:
            cost.forward = 2.0 * double(pass.rotations.size()) * places;
            cost.backward = (2.0 + 2.0 * states) * double(pass.rotations.size()) * places;
            cost.bytes_forward = 2.0 * row * double(pass.groups.size());
            cost.bytes_backward = (1.0 + 2.0 * states) * row * double(pass.groups.size());
            break;
        case Pass::FLIPS:
            cost.forward = 4.0 * places;
            cost.backward = (2.0 + 4.0 * states) * places;
            break;
        case Pass::PHASES:
            cost.forward = 4.0 * places;
            cost.backward = (4.0 * states + 5.0) * places;
            break;
        case Pass::MATRIX:
            cost.forward = 4.0 * size * places;
            cost.backward = 4.0 * states * size * places;
            break;
        case Pass::DIAGONAL:
            cost.forward = 4.0 * places;
            cost.backward = 4.0 * states * places;
            break;
        case Pass::PERMUTATION: break;
    }
    return cost;
}

}  // namespace ketwise
