"""Faults in `tile.hpp`: one tile in reverse, its scales, and where derivatives go."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "reverse: cotangents of the lanes past the batch are those of its first sample",
        "tile.hpp",
        "l < lanes_ ? T(scale_ * scale_ * double(call_.cotangent[(tile_ * L + l) * count + m])) : T(0);",
        "T(scale_ * scale_ * double(call_.cotangent[(l < lanes_ ? tile_ * L + l : 0) * count + m]));",
    ),
    Fault(
        "reverse: the co-state has one scale of the state, not two",
        "tile.hpp",
        "T(scale_ * scale_ *",
        "T(scale_ *",
    ),
    Fault(
        "reverse: the co-state's own scale is lost",
        "tile.hpp",
        "co_scale_ = 1.0 / scale_;",
        "",
    ),
    Fault(
        "reverse: overlaps with targets are added to those of the values",
        "tile.hpp",
        """std::fill(values_.begin(), values_.end(), 0.0);
            amplitudes""",
        "amplitudes",
    ),
    Fault(
        "reverse: the co-state of a state takes places for basis states",
        "tile.hpp",
        """const u64 index = plan_.basis_state(p);
                for (u64 l = 0; l < lanes_; ++l) {
                    const T* from""",
        """const u64 index = p;
                for (u64 l = 0; l < lanes_; ++l) {
                    const T* from""",
    ),
    Fault(
        "reverse: the sweep ends at the first wanted angle though the first state is wanted",
        "tile.hpp",
        "call_.d_initial ? 0 : prepared_.first_wanted;",
        "prepared_.first_wanted;",
    ),
    Fault(
        "reverse: the last pass but one is not undone",
        "tile.hpp",
        "reverse(k, call_.d_initial || k > end);",
        "reverse(k, call_.d_initial || k > end + 1);",
    ),
    Fault(
        "reverse: the derivative by the first state has no scale",
        "tile.hpp",
        "const T scale = T(co_scale_);",
        "const T scale = T(1);",
    ),
    Fault(
        "reverse: the derivative by the first state takes places for basis states",
        "tile.hpp",
        """const u64 index = plan_.first_basis_state(p);
            const T* at""",
        """const u64 index = p;
            const T* at""",
    ),
    Fault(
        "reverse: a kept state has the scale of the one after it",
        "tile.hpp",
        "if (keeps()) scale_ = prepared_.passes[k].scale_after;",
        "",
    ),
    Fault(
        "reverse: the state before a pass is taken for the one after it",
        "tile.hpp",
        "T* state = psi(prepared_.passes[k].slot_after);",
        "T* state = psi(prepared_.passes[k].slot_before);",
    ),
    Fault(
        "reverse: overlaps of an earlier tile are counted again",
        "rotation_kernels.hpp",
        "for (Sums& sums : kernels.sums) sums = {};",
        "",
    ),
    Fault(
        "reverse: the scale of a group goes into the overlaps taken before",
        "tile.hpp",
        """                for (std::size_t r = 0; r < pass.groups[g].members.size(); ++r)
                    derive(pass.rotations[pass.groups[g].members[r]], sums[g].total[r]);
                if (at_once) scale_ *= prepared.groups[g].scale, co_scale_ *= prepared.groups[g].scale;""",
        """                if (at_once) scale_ *= prepared.groups[g].scale, co_scale_ *= prepared.groups[g].scale;
                for (std::size_t r = 0; r < pass.groups[g].members.size(); ++r)
                    derive(pass.rotations[pass.groups[g].members[r]], sums[g].total[r]);""",
    ),
    Fault(
        "reverse: a fused sweep forgets the co-state's scale",
        "tile.hpp",
        "scale_ *= prepared.groups[g].scale, co_scale_ *= prepared.groups[g].scale;",
        "scale_ *= prepared.groups[g].scale;",
    ),
    Fault(
        "reverse: a sweep over kept states forgets the co-state's scale",
        "tile.hpp",
        "scale_ *= group.scale, co_scale_ *= group.scale;",
        "scale_ *= group.scale;",
    ),
    Fault(
        "reverse: rotations that nobody wants stay in the state",
        "tile.hpp",
        "if (!keeps()) rotations_.turn(k, state, state, true);",
        "",
    ),
    Fault(
        "reverse: the sign of an angle is lost",
        "tile.hpp",
        "const double factor = 0.5 * sign * scale_ * co_scale_;",
        "const double factor = 0.5 * scale_ * co_scale_;",
    ),
    Fault(
        "reverse: a derivative that is not wanted is given",
        "tile.hpp",
        "if (!call_.wants(angle)) return;",
        "",
    ),
    Fault(
        "reverse: a derivative of phases that is not wanted is given",
        "tile.hpp",
        "if (!call_.wants(phase.angle.index)) continue;",
        "",
    ),
    Fault(
        "reverse: derivatives by sample have the stride of rows",
        "tile.hpp",
        "const u64 stride = call_.d_samples ? call_.n_angles : call_.n_rows;",
        "const u64 stride = call_.n_rows;",
    ),
    Fault(
        "reverse: a tile's derivative replaces that of the tiles before it",
        "tile.hpp",
        "partial_[angle] += factor * sum;",
        "partial_[angle] = factor * sum;",
    ),
    Fault(
        "reverse: the words of a controlled phase all count once, by sample",
        "tile.hpp",
        "sums[l] += weight * double(overlaps_.get()[mask * L + l]);",
        "sums[l] += double(overlaps_.get()[mask * L + l]);",
    ),
    Fault(
        "reverse: the words of a controlled phase all count once, summed",
        "tile.hpp",
        "sum += weight * sums_.get()[mask];",
        "sum += sums_.get()[mask];",
    ),
    Fault(
        "reverse: kept phases leave their scale in the co-state",
        "tile.hpp",
        """scale_ = prepared.scale_before;
            co_scale_ /= prepared.scale;""",
        "scale_ = prepared.scale_before;",
    ),
    Fault(
        "reverse: kept phases have the scale of the state after them",
        "tile.hpp",
        """scale_ = prepared.scale_before;
            co_scale_ /= prepared.scale;""",
        "co_scale_ /= prepared.scale;",
    ),
    Fault(
        "reverse: phases that are undone leave their scale in the state",
        "tile.hpp",
        """if (keeps()) return;
        scale_ /= prepared.scale;""",
        "if (keeps()) return;",
    ),
    Fault(
        "reverse: kept phases read the state after them for the one before",
        "tile.hpp",
        "unapply_wanted<true>(psi(prepared.slot_before), prepared, factors);",
        "unapply_wanted<true>(psi(prepared.slot_after), prepared, factors);",
    ),
)
