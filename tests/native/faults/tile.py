"""Faults in `tile.hpp`: one tile forward, from its first state to its values."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "tile: the last one is taken for a full one",
        "tile.hpp",
        "lanes_ = std::min<u64>(L, call_.batch - tile * L);",
        "lanes_ = L;",
    ),
    Fault(
        "tile: the weight of a shared phase is lost beside one that differs",
        "bound.hpp",
        "const double half = angle ? weight * near(factor * call_.shared[angle->index]) : weight;",
        "const double half = angle ? near(factor * call_.shared[angle->index]) : weight;",
    ),
    Fault(
        "tile: all have the angles of the first",
        "bound.hpp",
        "call_.rows[(tile_ * L + l) * call_.n_rows + column]",
        "call_.rows[l * call_.n_rows + column]",
    ),
    Fault(
        "tile: the rotations of a group have the rows of its first",
        "bound.hpp",
        "turn_rows_.get()[group.first_lane_rows + r]",
        "turn_rows_.get()[group.first_lane_rows]",
    ),
    Fault(
        "tile: the fixed part of a rotation by sample is lost",
        "bound.hpp",
        "std::fill(halves, halves + L, rotation.half);",
        "std::fill(halves, halves + L, 0.0);",
    ),
    Fault(
        "tile: places that a product leaves out keep what the last tile left",
        "tile.hpp",
        "if (!product || int(plan_.passes[0].rotations.size()) < n_)",
        "if (!product)",
    ),
    Fault(
        "tile: initial states are those of the first",
        "tile.hpp",
        "call_.initial_batch == 1 ? 0 : tile_ * L + l;",
        "call_.initial_batch == 1 ? 0 : l;",
    ),
    Fault(
        "tile: a product starts with X turned the other way",
        "tile.hpp",
        "Complex<T>{other * a.im, -other * a.re}",
        "Complex<T>{-other * a.im, other * a.re}",
    ),
    Fault(
        "tile: a product starts with one angle for all of a group",
        "tile.hpp",
        "*rows++, Walk",
        "*rows, Walk",
    ),
    Fault(
        "tile: a fixed gate works on an older state of its slot",
        "tile.hpp",
        "if (!in_registers && from != to) std::memcpy(to, from, size_ * 2 * L * sizeof(T));",
        "",
    ),
    Fault(
        "tile: every group starts from the state before the pass",
        "rotation_kernels.hpp",
        "kernels.rotate[g](g == 0 ? from : to, to,",
        "kernels.rotate[g](from, to,",
    ),
    Fault(
        "tile: the words of a group have the signs of its first",
        "rotation_kernels.hpp",
        "rotations[group.members[r]].z;",
        "rotations[group.members[0]].z;",
    ),
    Fault(
        "tile: blocks go on from a count in place of a place",
        "rotation_kernels.hpp",
        "place = block.walk.next(place, i);",
        "place = i;",
    ),
    Fault(
        "tile: the square of the scale is the scale",
        "tile.hpp",
        "const double norm = prepared_.scale * prepared_.scale;",
        "const double norm = prepared_.scale;",
    ),
    Fault(
        "tile: a state is read without its scale",
        "tile.hpp",
        "const T scale = T(prepared_.scale);",
        "const T scale = T(1);",
    ),
    Fault(
        "tile: the table of a wide state leaves out the scale",
        "bound.hpp",
        "call_.shared, prepared.scale, room_.get()",
        "call_.shared, 1.0, room_.get()",
    ),
)
