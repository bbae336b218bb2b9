"""Faults in `plan.hpp`: fixed gates, which are multiplied, split and moved, and words with controls."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "planner: fixed phases of a product replace each other",
        "plan.hpp",
        "pass.factors[place] *= phase.value;",
        "pass.factors[place] = phase.value;",
    ),
    Fault(
        "planner: the phase of a controlled diagonal goes to the other value of its target",
        "plan.hpp",
        "all.push_back({target.mask, target.flip ^ v ^ 1});",
        "all.push_back({target.mask, target.flip ^ v});",
    ),
    Fault(
        "planner: a fixed gate commutes with what its flips do not",
        "plan.hpp",
        "if (op.kind != Operation::DIAGONAL) generators.push_back({flip[q], 0});",
        "",
    ),
    Fault(
        "planner: a permutation that moves nothing is taken for X",
        "plan.hpp",
        "op.qubits.size() == 1 && op.table[0] == 1",
        "op.qubits.size() == 1",
    ),
    Fault(
        "planner: a fixed rotation that joins another is lost",
        "plan.hpp",
        "same->half += rotation.half;",
        "",
    ),
    Fault(
        "planner: Y in a fixed matrix does not see that its qubit is flipped",
        "plan.hpp",
        "rotation.half = sign * half;",
        "rotation.half = half;",
    ),
    Fault(
        "planner: the phases after the rotation of a fixed matrix are conjugated",
        "plan.hpp",
        "add_fixed_phases(qubit, left0, left1, {});",
        "add_fixed_phases(qubit, left0, std::conj(left1), {});",
    ),
    Fault(
        "planner: no fixed matrix is split into phases and a rotation",
        "plan.hpp",
        "phase(-m[1], std::abs(m[1])) * std::conj(left0);",
        "phase(-m[1], std::abs(m[1])) * left0;",
    ),
    Fault(
        "planner: the words of a controlled angle are not halved",
        "plan.hpp",
        "words[k].second /= 2;",
        "",
    ),
    Fault(
        "planner: an angle controlled on 0 is controlled on 1",
        "plan.hpp",
        "bit.flip ? words[k].second : -words[k].second});",
        "-words[k].second});",
    ),
    Fault(
        "planner: fixed gates on a qubit are multiplied in the other order",
        "plan.hpp",
        "m[2 * row] * before[column] + m[2 * row + 1] * before[2 + column];",
        "before[2 * row] * m[column] + before[2 * row + 1] * m[2 + column];",
    ),
    Fault(
        "planner: a fixed gate waits though its qubit controls what comes next",
        "plan.hpp",
        "for (const auto& control : op.controls) add_waiting(control.first);",
        "",
    ),
    Fault(
        "planner: fixed gates that nothing follows are lost",
        "plan.hpp",
        "for (int q = 0; q < n_qubits; ++q) add_waiting(q);",
        "",
    ),
    Fault(
        "planner: X among fixed gates on a qubit is the identity",
        "plan.hpp",
        "m[op.table[0] * 2] = m[op.table[1] * 2 + 1] = 1.0;",
        "m[0] = m[3] = 1.0;",
    ),
    Fault(
        "planner: a fixed gate that was taken is taken again",
        "plan.hpp",
        "on.gates.clear();",
        "if (on.gates.size() > 1) on.gates.clear();",
    ),
)
