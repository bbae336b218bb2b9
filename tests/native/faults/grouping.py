"""Faults in `plan.hpp`: which rotations share a pass, a group, a block."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "groups: rotations that see each other's flips share a pass",
        "plan.hpp",
        "if (parity(other.x & rotation.z) || parity(other.z & rotation.x)) return false;",
        "",
    ),
    Fault(
        "groups: rotations of which one flips what two others do share a pass",
        "plan.hpp",
        "return independent(std::move(flips));",
        "return true;",
    ),
    Fault(
        "groups: of four rotations the third is lost",
        "grouping.hpp",
        "first += count;",
        "first += left == 4 ? 3 : count;",
    ),
    Fault(
        "groups: flips that overlap are united where rotations go together",
        "grouping.hpp",
        "if ((m >> k) & 1) group.offsets[m] ^= pass.rotations[group.members[k]].x;",
        "if ((m >> k) & 1) group.offsets[m] |= pass.rotations[group.members[k]].x;",
    ),
    Fault(
        "groups: a group of a block walks along its own flips too",
        "grouping.hpp",
        "if (g != group)",
        "if (g + 1 != 0)",
    ),
    Fault(
        "groups: a block is where it starts and nowhere else",
        "grouping.hpp",
        "alone ? Walk() : walk_across(n_qubits, words)});",
        "Walk()});",
    ),
    Fault(
        "groups: a group goes on where the block of its pass ends",
        "grouping.hpp",
        "alone ? walk_across(n_qubits, words) : Walk::along(",
        "end - first < 3 ? walk_across(n_qubits, words) : Walk::along(",
    ),
    Fault(
        "groups: rotations beyond those of a block are left out",
        "grouping.hpp",
        """first = end;
    }
}""",
        """first = end + (end - first > 2);
    }
}""",
        isa="avx2",
    ),
)
