// The planner: a list of operations becomes a list of passes over the state.
//
// X, CX and SWAP move no amplitude: they change the affine map (over bits) from the place of an amplitude to its basis
// state. Seen through that map a Pauli word stays a Pauli word, so every pass is described by masks:
// flipping a qubit is `place ^ x`, the value of a qubit is `parity(place & z) ^ bit`.
#pragma once

#include <complex>
#include <stdexcept>
#include <vector>

#include "lanes.hpp"

namespace ketwise {

using cdouble = std::complex<double>;

// One operation as it comes from Python.
struct Operation {
    enum Kind { ROTATION, MATRIX, DIAGONAL, PERMUTATION };
    Kind kind;
    u64 x = 0, z = 0;          // Pauli word of a rotation, on logical qubits
    int angle = -1;            // index of its angle
    std::vector<int> qubits;   // of a fixed gate; qubits[k] is bit k of its index
    std::vector<cdouble> data; // matrix (row by row) or diagonal
    std::vector<u64> table;    // permutation
    std::vector<std::pair<int, int>> controls;
};

// A condition or a bit of an index: parity(place & mask) ^ flip.
struct Bit {
    u64 mask;
    u64 flip;
    u64 at(u64 place) const { return parity(place & mask) ^ flip; }
};

inline bool all_hold(const std::vector<Bit>& controls, u64 place) {
    for (const Bit& bit : controls)
        if (!bit.at(place)) return false;
    return true;
}

// What a pass of a kind does to one subspace. Axes: 0 = X, 1 = Y, 2 = Z, 3 = fixed matrix.
struct Turn {
    int axis;
    double sign = 1.0;
    int angle = -1;
    cdouble matrix[4] = {1.0, 0.0, 0.0, 1.0};
};

// One rotation of a diagonal pass: exp(-i angle/2 sign (-1)^parity(place & z)) where `controls` hold.
struct Phase {
    u64 z;
    double sign;
    int angle;
    std::vector<Bit> controls;
};

// A number where `controls` hold: CZ, controlled S and their like.
struct FixedPhase {
    cdouble value;
    std::vector<Bit> controls;
};

struct Pass {
    enum Kind { TURNS, WORD, PHASES, MATRIX, DIAGONAL, PERMUTATION };
    Kind kind;
    // TURNS: pairs (place, place ^ x) whose role is role.at(place). WORD: i^power (-1)^parity(place & z) X^x.
    u64 x = 0, z = 0;
    Bit role{0, 0};
    int power = 0;
    double sign = 1.0;
    int angle = -1;
    std::vector<Turn> turns;
    bool with_next = false;  // this pass of turns and the next are on different qubits, and run together
    // PHASES: rotations, and fixed phases; `factors` is the product of these at every place, empty on many qubits.
    std::vector<Phase> phases;
    std::vector<FixedPhase> fixed;
    std::vector<cdouble> factors;
    std::vector<Bit> controls;
    // Fixed gates on k qubits: the flips and the values of the qubits, and the array.
    std::vector<u64> flips;
    std::vector<Bit> bits;
    std::vector<cdouble> data;
    std::vector<u64> table;
    // Pauli words that generate everything this pass can do, for the test of what commutes.
    std::vector<std::pair<u64, u64>> generators;
};

class Plan {
public:
    Plan(int n_qubits, const std::vector<Operation>& operations) : n_qubits(n_qubits) {
        for (int q = 0; q < n_qubits; ++q) {
            flip.push_back(u64(1) << q);
            value.push_back({u64(1) << q, 0});
        }
        for (const Operation& op : operations) add(op);
        for (int q = 0; q < n_qubits; ++q) logical |= value[q].flip << q;
        for (int b = 0; b < n_qubits; ++b) {
            u64 image = 0;
            for (int q = 0; q < n_qubits; ++q) image |= ((value[q].mask >> b) & 1) << q;
            columns.push_back(image);
        }
        for (Pass& pass : passes) multiply_fixed(pass);
        for (std::size_t k = 0; k + 1 < passes.size(); ++k)
            if (on_different_qubits(passes[k], passes[k + 1])) passes[k++].with_next = true;
    }

    // Basis state whose amplitude stands at `place` after the last pass.
    u64 basis_state(u64 place) const {
        u64 index = logical;
        for (u64 rest = place; rest; rest &= rest - 1) index ^= columns[__builtin_ctzll(rest)];
        return index;
    }

    // A Pauli word on logical qubits as it acts on places: flips, sign mask, and the sign.
    void word(u64 x, u64 z, u64& px, u64& pz, double& sign) const {
        px = pz = 0;
        sign = 1.0;
        for (int q = 0; q < n_qubits; ++q) {
            if ((x >> q) & 1) px ^= flip[q];
            if ((z >> q) & 1) {
                pz ^= value[q].mask;
                if (value[q].flip) sign = -sign;
            }
        }
    }

    int n_qubits;
    std::vector<Pass> passes;
    std::vector<u64> flip;   // place ^ flip[q] flips qubit q
    std::vector<Bit> value;  // value of qubit q

private:
    static constexpr int MOST_TABLED = 14;     // qubits up to which fixed phases are multiplied once for all tiles
    static constexpr int WINDOW = 96;          // how many passes back an operation may move
    static constexpr std::size_t PHASES = 24;  // factors in one diagonal pass, held in the first cache

    u64 logical = 0;  // basis state of place 0, and what each bit of the place flips in it
    std::vector<u64> columns;

    static bool commute(const std::vector<std::pair<u64, u64>>& a, const std::vector<std::pair<u64, u64>>& b) {
        for (const auto& [ax, az] : a)
            for (const auto& [bx, bz] : b)
                if (parity(ax & bz) ^ parity(az & bx)) return false;
        return true;
    }

    static bool on_different_qubits(const Pass& a, const Pass& b) {
        return a.kind == Pass::TURNS && b.kind == Pass::TURNS && !parity(a.x & b.role.mask) && !parity(b.x & a.role.mask);
    }

    // The latest pass that takes the operation, if everything after it commutes with the operation.
    template <class Fits> Pass* earlier(const std::vector<std::pair<u64, u64>>& generators, Fits fits) {
        int seen = 0;
        for (auto pass = passes.rbegin(); pass != passes.rend() && seen < WINDOW; ++pass, ++seen) {
            if (fits(*pass)) return &*pass;
            if (!commute(pass->generators, generators)) return nullptr;
        }
        return nullptr;
    }

    void add(const Operation& op) {
        std::vector<Bit> controls;
        for (const auto& [q, v] : op.controls) controls.push_back({value[q].mask, value[q].flip ^ u64(v) ^ 1});
        switch (op.kind) {
            case Operation::ROTATION: return add_rotation(op, controls);
            case Operation::PERMUTATION:
                if (relabel(op)) return;
                break;
            case Operation::MATRIX:
                if (op.qubits.size() == 1 && controls.empty()) return add_matrix(op.qubits[0], op.data.data(), false);
                break;
            case Operation::DIAGONAL:
                if (op.qubits.size() == 1 && controls.empty()) {
                    const cdouble matrix[4] = {op.data[0], 0.0, 0.0, op.data[1]};
                    return add_matrix(op.qubits[0], matrix, true);
                }
                if (op.qubits.size() == 1) return add_controlled_phases(op, controls);
                break;
        }
        add_fixed(op, controls);
    }

    bool relabel(const Operation& op) {
        const bool is_x = op.qubits.size() == 1 && op.table[0] == 1;
        const bool is_swap = op.qubits.size() == 2 && op.controls.empty() && op.table[0] == 0 && op.table[1] == 2 &&
                             op.table[2] == 1;
        if (is_swap) {
            std::swap(flip[op.qubits[0]], flip[op.qubits[1]]);
            std::swap(value[op.qubits[0]], value[op.qubits[1]]);
            return true;
        }
        if (!is_x || op.controls.size() > 1) return false;
        const int target = op.qubits[0];
        if (op.controls.empty()) {
            value[target].flip ^= 1;
            return true;
        }
        const auto [control, on] = op.controls[0];
        value[target].mask ^= value[control].mask;
        value[target].flip ^= value[control].flip ^ u64(on) ^ 1;
        flip[control] ^= flip[target];
        return true;
    }

    static std::vector<std::pair<u64, u64>> with_controls(std::vector<std::pair<u64, u64>> generators,
                                                          const std::vector<Bit>& controls) {
        for (const Bit& bit : controls) generators.push_back({0, bit.mask});
        return generators;
    }

    // A word as a turn about an axis of the pairs of `pass`: axis and sign, or axis -1.
    static Turn as_turn(const Pass& pass, u64 x, u64 z, int power, double sign) {
        Turn turn{-1};
        const double flipped = pass.role.flip ? -1.0 : 1.0;
        if (x == pass.x && z == 0 && power % 2 == 0) {
            turn.axis = 0;
            turn.sign = power % 4 == 0 ? sign : -sign;
        } else if (x == pass.x && z == pass.role.mask && power % 2 == 1) {
            turn.axis = 1;  // Y = i X Z
            turn.sign = (power % 4 == 1 ? sign : -sign) * flipped;
        } else if (x == 0 && z == pass.role.mask) {
            turn.axis = 2;
            turn.sign = sign * flipped;
        }
        return turn;
    }

    Pass& open_turns(int qubit) {
        Pass pass{Pass::TURNS};
        pass.x = flip[qubit];
        pass.role = value[qubit];
        passes.push_back(pass);
        return passes.back();
    }

    void add_rotation(const Operation& op, const std::vector<Bit>& controls) {
        u64 x, z;
        double sign;
        word(op.x, op.z, x, z, sign);
        const int power = __builtin_popcountll(op.x & op.z) % 4;
        const auto generators = with_controls({{x, z}}, controls);
        if (controls.empty()) {
            Pass* found = earlier(generators, [&](const Pass& pass) {
                return pass.kind == Pass::TURNS && as_turn(pass, x, z, power, sign).axis >= 0;
            });
            if (!found && __builtin_popcountll(op.x | op.z) == 1)
                found = &open_turns(__builtin_ctzll(op.x | op.z));
            if (found) {
                Turn turn = as_turn(*found, x, z, power, sign);
                turn.angle = op.angle;
                found->turns.push_back(turn);
                found->generators.push_back({x, z});
                return;
            }
        }
        if (x == 0) {
            phases_pass(generators, PHASES).phases.push_back({z, sign, op.angle, controls});
            return;
        }
        Pass pass{Pass::WORD};
        pass.x = x;
        pass.z = z;
        pass.power = power;
        pass.sign = sign;
        pass.angle = op.angle;
        pass.controls = controls;
        pass.generators = generators;
        passes.push_back(pass);
    }

    // A diagonal pass that takes one more operation: an earlier one with fewer than `most` rotations, or a new one.
    Pass& phases_pass(const std::vector<std::pair<u64, u64>>& generators, std::size_t most) {
        Pass* found = earlier(generators, [&](const Pass& pass) {
            return pass.kind == Pass::PHASES && pass.phases.size() < most;
        });
        if (!found) {
            passes.push_back(Pass{Pass::PHASES});
            found = &passes.back();
        }
        found->generators.insert(found->generators.end(), generators.begin(), generators.end());
        return *found;
    }

    void multiply_fixed(Pass& pass) const {
        if (pass.fixed.empty() || n_qubits > MOST_TABLED) return;
        pass.factors.assign(std::size_t(1) << n_qubits, 1.0);
        for (const FixedPhase& phase : pass.fixed)
            for (u64 place = 0; place < u64(1) << n_qubits; ++place)
                if (all_hold(phase.controls, place)) pass.factors[place] *= phase.value;
    }

    void add_controlled_phases(const Operation& op, const std::vector<Bit>& controls) {
        const Bit target = value[op.qubits[0]];
        for (u64 v = 0; v < 2; ++v) {
            if (op.data[v] == cdouble(1.0)) continue;
            std::vector<Bit> all = controls;
            all.push_back({target.mask, target.flip ^ v ^ 1});
            phases_pass(with_controls({}, all), PHASES + 1).fixed.push_back({op.data[v], all});
        }
    }

    void add_matrix(int qubit, const cdouble* matrix, bool diagonal) {
        const u64 x = flip[qubit];
        const Bit bit = value[qubit];
        std::vector<std::pair<u64, u64>> generators{{0, bit.mask}};
        if (!diagonal) generators.push_back({x, 0});
        Pass* found = earlier(generators, [&](const Pass& pass) {
            return pass.kind == Pass::TURNS && pass.role.mask == bit.mask && (diagonal || pass.x == x);
        });
        if (!found) found = &open_turns(qubit);
        Turn turn{3};
        const bool flipped = found->role.flip != bit.flip;
        for (int k = 0; k < 4; ++k) turn.matrix[k] = matrix[flipped ? 3 - k : k];
        found->turns.push_back(turn);
        found->generators.insert(found->generators.end(), generators.begin(), generators.end());
    }

    void add_fixed(const Operation& op, const std::vector<Bit>& controls) {
        Pass pass{op.kind == Operation::MATRIX     ? Pass::MATRIX
                  : op.kind == Operation::DIAGONAL ? Pass::DIAGONAL
                                                   : Pass::PERMUTATION};
        for (int q : op.qubits) {
            pass.flips.push_back(flip[q]);
            pass.bits.push_back(value[q]);
            pass.generators.push_back({0, value[q].mask});
            if (op.kind != Operation::DIAGONAL) pass.generators.push_back({flip[q], 0});
        }
        pass.generators = with_controls(pass.generators, controls);
        pass.controls = controls;
        pass.data = op.data;
        pass.table = op.table;
        passes.push_back(pass);
    }
};

}  // namespace ketwise
