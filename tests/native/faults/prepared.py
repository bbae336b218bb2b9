"""Faults in `prepared.hpp`: shared numbers, scales left out, slots of kept states."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "prepared: derivatives of shared phases are not kept by sample where asked",
        "prepared.hpp",
        "made.by_lane |= call.d_samples || call.differs(angle);",
        "made.by_lane |= call.differs(angle);",
    ),
    Fault(
        "prepared: a pass is wanted if its last angle is",
        "prepared.hpp",
        "made.wanted |= call.wants(angle);",
        "made.wanted = call.wants(angle);",
    ),
    Fault(
        "prepared: the scale that phases took up goes on",
        "prepared.hpp",
        "if (pass.kind == Pass::PHASES) std::swap(made.scale, pending);",
        "if (pass.kind == Pass::PHASES) made.scale = pending;",
    ),
    Fault(
        "prepared: the scale after a pass is that before it",
        "prepared.hpp",
        "made.scale_after = pending;",
        "made.scale_after = made.scale_before;",
    ),
    Fault(
        "prepared: the scale becomes as small as it likes",
        "prepared.hpp",
        "made.plain &= std::abs(pending * scale) > SMALL_SCALE;",
        "",
    ),
    Fault(
        "prepared: a state that is still needed is overwritten by the second pass",
        "prepared.hpp",
        "slot += is_read_after || (phases && angles);",
        "slot += (k > 1 && is_read_after) || (phases && angles);",
    ),
    Fault(
        "prepared: phases overwrite the state that they need",
        "prepared.hpp",
        "is_read_after || (phases && angles);",
        "is_read_after;",
    ),
    Fault(
        "prepared: slots stay where there is room for one",
        "prepared.hpp",
        "for (PreparedPass<T>& pass : passes) pass.slot_before = pass.slot_after = 0;",
        "for (PreparedPass<T>& pass : passes) pass.slot_before = 0;",
    ),
    Fault(
        "prepared: the sign of a shared angle is lost",
        "prepared.hpp",
        "near(0.5 * angle.sign * call.shared[angle.index]);",
        "near(0.5 * call.shared[angle.index]);",
    ),
    Fault(
        "prepared: the fixed part of a shared rotation is lost",
        "prepared.hpp",
        "halves.push_back(pass.rotations[r].half);",
        "halves.push_back(0.0);",
    ),
    Fault(
        "prepared: a sine stands where a tangent should",
        "prepared.hpp",
        "made.plain ? s / c : s);",
        "s);",
    ),
    Fault(
        "prepared: a group is shared if its last angle is",
        "prepared.hpp",
        "for (const SignedAngle& angle : pass.rotations[r].angles) made.shared &= !call.differs(angle.index);",
        "for (const SignedAngle& angle : pass.rotations[r].angles) made.shared = !call.differs(angle.index);",
    ),
    Fault(
        "prepared: groups share the rows of their lanes",
        "prepared.hpp",
        "n_lane_rows += members.size();",
        "n_lane_rows += 1;",
    ),
    Fault(
        "prepared: the pass before the first that is wanted is not the last to be undone",
        "prepared.hpp",
        "while (first_wanted < passes.size() && !passes[first_wanted].wanted) ++first_wanted;",
        """while (first_wanted + 1 < passes.size() && !passes[first_wanted + 1].wanted) ++first_wanted;
        first_wanted += first_wanted + 1 < passes.size();""",
    ),
)
