// The planner: a list of operations becomes a list of passes over the state.
//
// X, CX and SWAP move no amplitude: they change the affine map (over bits) from the place of an amplitude to its basis
// state. Seen through that map a Pauli word stays a Pauli word, so every pass is described by masks: flipping a qubit is
// `place ^ x`, the value of a qubit is `parity(place & z) ^ flip`. Words with x = 0 are phases: those that commute share
// one pass, whatever their number. The others are rotations: those on different qubits share one pass, three at a time,
// and those with the same flip x, such as the words of an excitation or controlled ones, share another.
#pragma once

#include <cmath>

#include "grouping.hpp"

namespace ketwise {

class Plan {
public:
    Plan(int n_qubits, const std::vector<Operation>& operations) : n_qubits(n_qubits) {
        for (int q = 0; q < n_qubits; ++q) {
            flip.push_back(u64(1) << q);
            value.push_back({u64(1) << q, 0});
        }
        // Places that differ in bits from PAGE_BITS on alone would all fall on the same lines of the first cache.
        for (int q = PAGE_BITS; q < n_qubits; ++q) {
            flip[q] |= u64(1) << (q % PAGE_BITS);
            value[q % PAGE_BITS].mask |= u64(1) << q;
        }
        first_basis_state = BasisMap(value);
        waiting.resize(n_qubits);
        for (const Operation& op : operations) take(op);
        for (int q = 0; q < n_qubits; ++q) add_waiting(q);
        basis_state = BasisMap(value);
        for (Pass& pass : passes) {
            multiply_fixed(pass);
            if (pass.kind == Pass::ROTATIONS) make_groups(pass, n_qubits);
            if (pass.has_factors()) make_tables(pass, n_qubits);
        }
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

    // Phases after the last pass change no probability: nothing that is read in the basis of the places sees them.
    void drop_last_phases() {
        while (!passes.empty() && (passes.back().kind == Pass::PHASES || passes.back().kind == Pass::DIAGONAL))
            passes.pop_back();
    }

    int n_qubits;
    std::vector<Pass> passes;
    BasisMap first_basis_state, basis_state;  // what stands at a place before the first pass and after the last
    std::vector<u64> flip;   // place ^ flip[q] flips qubit q
    std::vector<Bit> value;  // value of qubit q

private:
    static constexpr int PAGE_BITS = 5;  // 2**5 places of 128 bytes: after that many bytes cache lines repeat
    static constexpr int WINDOW = 96;    // how many passes back an operation may move

    // Fixed gates on one qubit that nothing has followed yet, multiplied.
    struct Waiting {
        std::vector<Operation> gates;
        cdouble product[4];
    };
    std::vector<Waiting> waiting;

    void take(const Operation& op) {
        const bool fixed = op.kind != Operation::ROTATION && op.qubits.size() == 1 && op.controls.empty();
        if (fixed) return wait(op, waiting[op.qubits[0]]);
        for (int q : op.qubits) add_waiting(q);
        for (const auto& control : op.controls) add_waiting(control.first);
        add(op);
    }

    static void wait(const Operation& op, Waiting& on) {
        cdouble m[4] = {0.0, 0.0, 0.0, 0.0};
        if (op.kind == Operation::MATRIX) std::copy(op.data.begin(), op.data.end(), m);
        if (op.kind == Operation::DIAGONAL) m[0] = op.data[0], m[3] = op.data[1];
        if (op.kind == Operation::PERMUTATION) m[op.table[0] * 2] = m[op.table[1] * 2 + 1] = 1.0;
        if (on.gates.empty()) {
            std::copy(m, m + 4, on.product);
        } else {
            const cdouble before[4] = {on.product[0], on.product[1], on.product[2], on.product[3]};
            for (int row = 0; row < 2; ++row)
                for (int column = 0; column < 2; ++column)
                    on.product[2 * row + column] = m[2 * row] * before[column] + m[2 * row + 1] * before[2 + column];
        }
        on.gates.push_back(op);
    }

    void add_waiting(int qubit) {
        Waiting& on = waiting[qubit];
        // One gate is taken as it is; of several the product, unless rounding has left it a little off a unitary.
        if (on.gates.size() == 1 || (!on.gates.empty() && !add_matrix(qubit, on.product)))
            for (const Operation& op : on.gates) add(op);
        on.gates.clear();
    }

    static bool commute(const Words& a, const Words& b) {
        for (const auto& [ax, az] : a)
            for (const auto& [bx, bz] : b)
                if (parity(ax & bz) ^ parity(az & bx)) return false;
        return true;
    }

    // The earliest pass that takes the operation and that it can reach: all passes after it commute with the operation.
    template <class Fits> Pass* earliest(const Words& generators, Fits fits) {
        Pass* found = nullptr;
        int seen = 0;
        for (auto pass = passes.rbegin(); pass != passes.rend() && seen < WINDOW; ++pass, ++seen) {
            if (!commute(pass->generators, generators)) break;
            if (fits(*pass)) found = &*pass;
        }
        return found;
    }

    Pass& add_pass(Pass pass, const Words& generators) {
        pass.generators = generators;
        passes.push_back(std::move(pass));
        return passes.back();
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
                if (op.qubits.size() == 1 && controls.empty() && add_matrix(op.qubits[0], op.data.data())) return;
                break;
            case Operation::DIAGONAL:
                if (op.qubits.size() == 1) return add_fixed_phases(op.qubits[0], op.data[0], op.data[1], controls);
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

    static Words with_controls(Words generators, const std::vector<Bit>& controls) {
        for (const Bit& bit : controls) generators.push_back({0, bit.mask});
        return generators;
    }

    void add_rotation(const Operation& op, const std::vector<Bit>& controls) {
        u64 x, z;
        double sign;
        word(op.x, op.z, x, z, sign);
        const int power = __builtin_popcountll(op.x & op.z) % 4;
        if (power >= 2) sign = -sign;
        const SignedAngle angle{op.angle, sign};
        if (x == 0) return add_phase(angle, z, controls);
        const bool odd = power % 2 == 1;
        if (!controls.empty()) {
            flips_pass(x, odd, with_controls({{x, z}}, controls)).phases.push_back({angle, signs(z, controls)});
            return;
        }
        add_rotation(Rotation{x, z, odd, {angle}});
    }

    void add_rotation(const Rotation& rotation) {
        const Words generators{{rotation.x, rotation.z}};
        Rotation* same = nullptr;
        bool shares_flip = false;
        Pass* found = earliest(generators, [&](Pass& pass) {
            if (same || shares_flip) return false;
            if (pass.kind == Pass::FLIPS) return shares_flip = pass.flip == rotation.x;
            if (pass.kind != Pass::ROTATIONS) return false;
            for (Rotation& other : pass.rotations) {
                if (other.x != rotation.x) continue;
                if (other.z == rotation.z) same = &other;
                shares_flip = !same;
                return true;
            }
            return fits(pass, rotation);
        });
        if (same) {
            same->angles.insert(same->angles.end(), rotation.angles.begin(), rotation.angles.end());
            same->half += rotation.half;
            return;
        }
        if (shares_flip) return add_to_flips(*found, rotation);
        if (!found) found = &add_pass(Pass(Pass::ROTATIONS), {});
        found->rotations.push_back(rotation);
        found->generators.push_back(generators[0]);
    }

    // A rotation joins those that flip the same; one of them may still stand in a pass of rotations.
    void add_to_flips(Pass& found, const Rotation& rotation) {
        if (found.kind == Pass::FLIPS) return put(found, rotation);
        Pass flips(Pass::FLIPS);
        flips.flip = rotation.x;
        flips.odd = rotation.odd;
        for (std::size_t r = 0; r < found.rotations.size(); ++r)
            if (found.rotations[r].x == rotation.x) {
                put(flips, found.rotations[r]);
                found.rotations.erase(found.rotations.begin() + std::ptrdiff_t(r));
                found.generators.erase(found.generators.begin() + std::ptrdiff_t(r));
                break;
            }
        put(flips, rotation);
        if (found.rotations.empty())
            found = std::move(flips);
        else
            passes.insert(passes.begin() + (&found - passes.data()) + 1, std::move(flips));
    }

    static void put(Pass& flips, const Rotation& rotation) {
        for (const SignedAngle& angle : rotation.angles) flips.phases.push_back({angle, {{rotation.z, 1.0}}});
        if (rotation.half != 0.0) flips.halves.push_back({rotation.z, rotation.half});
        flips.generators.push_back({rotation.x, rotation.z});
    }

    // The earliest pass of words that flip the same, or a new one.
    Pass& flips_pass(u64 x, bool odd, const Words& generators) {
        Pass* found = earliest(generators, [&](const Pass& pass) { return pass.kind == Pass::FLIPS && pass.flip == x; });
        if (!found) {
            found = &add_pass(Pass(Pass::FLIPS), {});
            found->flip = x;
            found->odd = odd;
        }
        found->generators.insert(found->generators.end(), generators.begin(), generators.end());
        return *found;
    }

    // Whether no word of the pass sees what the other flips, and the flips are independent.
    bool fits(const Pass& pass, const Rotation& rotation) const {
        std::vector<u64> flips;
        for (const Rotation& other : pass.rotations) {
            if (parity(other.x & rotation.z) || parity(other.z & rotation.x)) return false;
            flips.push_back(other.x);
        }
        flips.push_back(rotation.x);
        return independent(std::move(flips));
    }

    // An earliest pass of phases, or a new one.
    Pass& phases_pass(const Words& generators) {
        Pass* found = earliest(generators, [](const Pass& pass) { return pass.kind == Pass::PHASES; });
        if (!found) found = &add_pass(Pass(Pass::PHASES), {});
        found->generators.insert(found->generators.end(), generators.begin(), generators.end());
        return *found;
    }

    static Signs signs(u64 z, const std::vector<Bit>& controls) {
        Signs words{{z, 1.0}};
        for (const Bit& bit : controls) {
            const std::size_t count = words.size();
            for (std::size_t k = 0; k < count; ++k) {
                words[k].second /= 2;
                words.push_back({words[k].first ^ bit.mask, bit.flip ? words[k].second : -words[k].second});
            }
        }
        return words;
    }

    void add_phase(const SignedAngle& angle, u64 z, const std::vector<Bit>& controls) {
        phases_pass(with_controls({{0, z}}, controls)).phases.push_back({angle, signs(z, controls)});
    }

    void add_fixed_phases(int qubit, cdouble at_zero, cdouble at_one, const std::vector<Bit>& controls) {
        const Bit target = value[qubit];
        for (u64 v = 0; v < 2; ++v) {
            const cdouble factor = v ? at_one : at_zero;
            if (factor == cdouble(1.0)) continue;
            std::vector<Bit> all = controls;
            all.push_back({target.mask, target.flip ^ v ^ 1});
            phases_pass(with_controls({}, all)).fixed.push_back({factor, all});
        }
    }

    void multiply_fixed(Pass& pass) const {
        if (pass.fixed.empty() || n_qubits > MOST_TABLED) return;
        pass.factors.assign(std::size_t(1) << n_qubits, 1.0);
        for (const FixedPhase& phase : pass.fixed)
            for (u64 place = 0; place < u64(1) << n_qubits; ++place)
                if (all_hold(phase.controls, place)) pass.factors[place] *= phase.value;
    }

    // A unitary is phases, a rotation about Y, and phases; or phases and X. Numbers that are neither are left to the caller.
    bool add_matrix(int qubit, const cdouble* m) {
        const double c = std::abs(m[0]), s = std::abs(m[2]);
        const auto phase = [](cdouble number, double size) { return size > 0 ? number / size : cdouble(1.0); };
        constexpr double TINY = 1e-15;
        if (s < TINY) {
            if (std::abs(m[1]) >= TINY) return false;
            add_fixed_phases(qubit, phase(m[0], c), phase(m[3], std::abs(m[3])), {});
            return true;
        }
        if (c < TINY) {
            if (std::abs(m[3]) >= TINY) return false;
            add_fixed_phases(qubit, phase(m[2], s), phase(m[1], std::abs(m[1])), {});
            value[qubit].flip ^= 1;
            return true;
        }
        // diag(left0, left1) RY diag(1, right)
        const cdouble left0 = phase(m[0], c), left1 = phase(m[2], s);
        const cdouble right = phase(-m[1], std::abs(m[1])) * std::conj(left0);
        const double half = std::atan2(s, c);
        const cdouble made[4] = {left0 * std::cos(half), -left0 * right * std::sin(half), left1 * std::sin(half),
                                 left1 * right * std::cos(half)};
        for (int k = 0; k < 4; ++k)
            if (std::abs(made[k] - m[k]) > 2e-15) return false;
        add_fixed_phases(qubit, 1.0, right, {});
        u64 x, z;
        double sign;
        word(u64(1) << qubit, u64(1) << qubit, x, z, sign);
        Rotation rotation{x, z, true, {}};
        rotation.half = sign * half;
        add_rotation(rotation);
        add_fixed_phases(qubit, left0, left1, {});
        return true;
    }

    void add_fixed(const Operation& op, const std::vector<Bit>& controls) {
        Pass pass(op.kind == Operation::MATRIX     ? Pass::MATRIX
                  : op.kind == Operation::DIAGONAL ? Pass::DIAGONAL
                                                   : Pass::PERMUTATION);
        Words generators;
        for (int q : op.qubits) {
            pass.flips.push_back(flip[q]);
            pass.bits.push_back(value[q]);
            generators.push_back({0, value[q].mask});
            if (op.kind != Operation::DIAGONAL) generators.push_back({flip[q], 0});
        }
        pass.controls = controls;
        pass.data = op.data;
        pass.table = op.table;
        add_pass(std::move(pass), with_controls(std::move(generators), controls));
    }
};

}  // namespace ketwise
