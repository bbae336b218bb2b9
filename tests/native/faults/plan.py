"""Faults in `plan.hpp`: what words are after X, CX and SWAP, what they commute with, and which passes take them."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "planner: a controlled X does not change what flips its control",
        "plan.hpp",
        "flip[control] ^= flip[target];",
        "",
    ),
    Fault(
        "planner: a controlled X does not take the control's value",
        "plan.hpp",
        "value[target].mask ^= value[control].mask;",
        "",
    ),
    Fault(
        "planner: X controlled on 0 acts as if controlled on 1",
        "plan.hpp",
        "value[target].flip ^= value[control].flip ^ u64(on) ^ 1;",
        "value[target].flip ^= value[control].flip;",
    ),
    Fault(
        "planner: the flip of a control that was itself flipped is lost",
        "plan.hpp",
        "value[target].flip ^= value[control].flip ^ u64(on) ^ 1;",
        "value[target].flip ^= u64(on) ^ 1;",
    ),
    Fault(
        "planner: X is forgotten",
        "plan.hpp",
        "value[target].flip ^= 1;",
        "value[target].flip ^= 0;",
    ),
    Fault(
        "planner: SWAP exchanges values but not flips",
        "plan.hpp",
        "std::swap(flip[op.qubits[0]], flip[op.qubits[1]]);",
        "",
    ),
    Fault(
        "planner: every permutation of two qubits that fixes 0 and 3 is taken for a SWAP, controlled or not",
        "plan.hpp",
        "op.qubits.size() == 2 && op.controls.empty() && op.table[0] == 0",
        "op.qubits.size() == 2 && op.table[0] == 0",
    ),
    Fault(
        "planner: X with two controls is relabelled as if it had one",
        "plan.hpp",
        "if (!is_x || op.controls.size() > 1) return false;",
        "if (!is_x) return false;",
    ),
    Fault(
        "planner: a Pauli word keeps its sign through X",
        "plan.hpp",
        "if (value[q].flip) sign = -sign;",
        "",
    ),
    Fault(
        "planner: the flips of a word replace each other",
        "plan.hpp",
        "if ((x >> q) & 1) px ^= flip[q];",
        "if ((x >> q) & 1) px = flip[q];",
    ),
    Fault(
        "planner: two words commute whatever their overlap",
        "plan.hpp",
        "if (parity(ax & bz) ^ parity(az & bx)) return false;",
        "",
    ),
    Fault(
        "planner: commutation looks at one half of the overlap",
        "plan.hpp",
        "if (parity(ax & bz) ^ parity(az & bx)) return false;",
        "if (parity(ax & bz)) return false;",
    ),
    Fault(
        "planner: controls do not count among the generators",
        "plan.hpp",
        "for (const Bit& bit : controls) generators.push_back({0, bit.mask});",
        "",
    ),
    Fault(
        "planner: a control on 0 becomes one on 1",
        "plan.hpp",
        "controls.push_back({value[q].mask, value[q].flip ^ u64(v) ^ 1});",
        "controls.push_back({value[q].mask, value[q].flip});",
    ),
    Fault(
        "planner: the basis state of place 0 is taken for 0",
        "passes.hpp",
        "origin |= value[q].flip << q;",
        "origin |= 0;",
    ),
    Fault(
        "planner: the map from places to basis states is transposed",
        "passes.hpp",
        "columns[b] |= ((value[q].mask >> b) & 1) << q;",
        "columns[q] |= ((value[q].mask >> b) & 1) << b;",
    ),
    Fault(
        "planner: qubits past a page are flipped in two places, and read in one",
        "plan.hpp",
        "value[q % PAGE_BITS].mask |= u64(1) << q;",
        "",
    ),
    Fault(
        "planner: the angles of phases are not looked at",
        "passes.hpp",
        "for (const Phase& phase : phases) visit(phase.angle.index);",
        "",
    ),
    Fault(
        "planner: a permutation at the end is dropped with the phases",
        "plan.hpp",
        "(passes.back().kind == Pass::PHASES || passes.back().kind == Pass::DIAGONAL)",
        "(passes.back().kind != Pass::ROTATIONS && passes.back().kind != Pass::MATRIX)",
    ),
    Fault(
        "planner: what a rotation is not allowed to pass is forgotten",
        "plan.hpp",
        "found->generators.push_back(generators[0]);",
        "if (found->generators.empty()) found->generators.push_back(generators[0]);",
    ),
    Fault(
        "planner: a word with two Y keeps its sign",
        "plan.hpp",
        "if (power >= 2) sign = -sign;",
        "",
    ),
    Fault(
        "planner: a run of phases before flipping outputs is dropped",
        "module.cpp",
        "(outputs.kind == Outputs::EXPECTATIONS && outputs.flipping.empty())",
        "outputs.kind == Outputs::EXPECTATIONS",
    ),
    Fault(
        "planner: what phases are not allowed to pass is forgotten",
        "plan.hpp",
        "if (!found) found = &add_pass(Pass(Pass::PHASES), {});",
        """if (!found) found = &add_pass(Pass(Pass::PHASES), {});
        if (!found->generators.empty()) return *found;""",
    ),
    Fault(
        "planner: rotations that flip the same qubits are one, whatever their signs",
        "plan.hpp",
        "if (other.z == rotation.z) same = &other;",
        "same = &other;",
    ),
)
