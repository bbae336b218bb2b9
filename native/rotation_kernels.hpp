// The kernels of the passes of rotations, chosen once for every group, and their way over the blocks of a state.
#pragma once

#include "bound.hpp"

namespace ketwise {

template <class T> class RotationKernels {
public:
    using Sums = LaneSums<T, MOST_TOGETHER>;

    RotationKernels(const Prepared<T>& prepared, const Bound<T>& bound)
        : prepared_(prepared), kernels_(prepared.plan.passes.size()) {
        for (std::size_t k = 0; k < prepared.plan.passes.size(); ++k)
            for (std::size_t g = 0; g < prepared.plan.passes[k].groups.size(); ++g) {
                Kernels& to = kernels_[k];
                to.turns.push_back(turns_of(k, g, bound));
                by_shape(k, g, [&](auto size, auto odd, auto plain) {
                    constexpr int K = decltype(size)::value;
                    constexpr bool ODD = decltype(odd)::value, PLAIN = decltype(plain)::value;
                    to.rotate.push_back(&rotate<T, K, ODD, PLAIN>);
                    to.overlap.push_back(&unrotate<T, K, ODD, PLAIN, false>);
                    to.unrotate.push_back(&unrotate<T, K, ODD, PLAIN, true>);
                });
                to.sums.emplace_back();
            }
    }

    // Pass k from one state to another or the same, forward or where `back` the other way.
    void turn(std::size_t k, const T* from, T* to, bool back) const {
        const Kernels& kernels = kernels_[k];
        each_place(k, [&](std::size_t g, u64 place) {
            kernels.rotate[g](g == 0 ? from : to, to, kernels.turns[g], place, back);
        });
    }

    // For every group of pass k the overlaps of its words, each after the groups before it are undone where `undo`.
    const std::vector<Sums>& overlaps(std::size_t k, T* state, T* costate, bool undo) {
        Kernels& kernels = kernels_[k];
        const std::vector<Unrotate>& kernel = undo ? kernels.unrotate : kernels.overlap;
        for (Sums& sums : kernels.sums) sums = {};
        each_place(k, [&](std::size_t g, u64 place) {
            kernel[g](state, costate, kernels.turns[g], place, kernels.sums[g]);
        });
        return kernels.sums;
    }

private:
    using Rotate = void (*)(const T*, T*, const Turns<T>&, u64, bool);
    using Unrotate = void (*)(T*, T*, const Turns<T>&, u64, Sums&);

    // The kernels of a pass of rotations, with what they read.
    struct Kernels {
        std::vector<Turns<T>> turns;
        std::vector<Rotate> rotate;
        std::vector<Unrotate> overlap, unrotate;  // without and with undoing the rotations
        std::vector<Sums> sums;
    };

    Turns<T> turns_of(std::size_t k, std::size_t g, const Bound<T>& bound) const {
        const Group& group = prepared_.plan.passes[k].groups[g];
        Turns<T> turns{group.offsets.data(), group.walk, {}, {}};
        for (std::size_t r = 0; r < group.members.size(); ++r) {
            turns.rows[r] = bound.rows_of(prepared_.passes[k].groups[g]) + r;
            turns.z[r] = prepared_.plan.passes[k].rotations[group.members[r]].z;
        }
        return turns;
    }

    // Calls `choose` with the number of rotations of a group, whether they are real, and whether the cosine is left out.
    template <class Choose> auto by_shape(std::size_t k, std::size_t g, Choose choose) const {
        const Group& group = prepared_.plan.passes[k].groups[g];
        const auto of_size = [&](auto size) {
            const bool plain = prepared_.passes[k].groups[g].plain;
            if (group.odd) return plain ? choose(size, std::true_type(), std::true_type())
                                        : choose(size, std::true_type(), std::false_type());
            return plain ? choose(size, std::false_type(), std::true_type())
                         : choose(size, std::false_type(), std::false_type());
        };
        if (group.members.size() == 1) return of_size(std::integral_constant<int, 1>());
        if (group.members.size() == 2) return of_size(std::integral_constant<int, 2>());
        return of_size(std::integral_constant<int, MOST_TOGETHER>());
    }

    // Calls `act(g, place)` for every group of a pass at every place of its block.
    template <class Act> void each_place(std::size_t k, Act act) const {
        const Pass& pass = prepared_.plan.passes[k];
        for (const Block& block : pass.blocks) {
            u64 place = 0;
            for (u64 i = 0;;) {
                for (std::size_t g = block.first; g < block.end; ++g) act(g, place);
                if (++i == block.walk.count) break;
                place = block.walk.next(place, i);
            }
        }
    }

    const Prepared<T>& prepared_;
    std::vector<Kernels> kernels_;
};

}  // namespace ketwise
