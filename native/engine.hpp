// One call: tiles of samples on plain threads.
//
// Determinism: a tile's arithmetic does not depend on its neighbours, sums over samples are made lane by lane, tile by
// tile and block by block in one fixed order, and the number of threads decides only who computes which block.
#pragma once

#include "threads.hpp"
#include "tile.hpp"

namespace ketwise {

// What a thread must have to do before it is worth starting, in rows read and written: it starts in microseconds, but
// on a busy machine it is waited for until it has had its turn.
constexpr u64 WORK_OF_A_THREAD = 150000;

template <class T> u64 rows_of_work(const Plan& plan, const Call<T>& call) {
    u64 passes = 2;
    for (const Pass& pass : plan.passes) passes += std::max<std::size_t>(1, pass.groups.size());
    return (call.batch + LANES<T> - 1) / LANES<T> * passes *
           ((u64(1) << plan.n_qubits) * (call.cotangent ? 4 : 1) + 32);
}

template <class T> void run_tiles(const Plan& plan, const Outputs& outputs, const Call<T>& call) {
    const Prepared<T> prepared(plan, call);
    const u64 tiles = (call.batch + LANES<T> - 1) / LANES<T>;
    const u64 per_block = std::max<u64>(1, tiles / 256);
    const u64 blocks = (tiles + per_block - 1) / per_block;
    const bool sums = call.cotangent && call.d_shared;
    std::vector<double> partial(sums ? blocks * call.n_angles : 0, 0.0);
    const u64 threads =
        std::min<u64>(u64(std::max(1, call.threads)), 1 + rows_of_work(plan, call) / WORK_OF_A_THREAD);
    on_threads(threads, blocks, [&] {
        return [&, worker = std::make_unique<Tile<T>>(prepared, outputs)](u64 block) {
            for (u64 tile = block * per_block; tile < std::min(tiles, (block + 1) * per_block); ++tile)
                worker->run(tile, sums ? partial.data() + block * call.n_angles : nullptr);
        };
    });
    if (sums)
        for (u64 block = 0; block < blocks; ++block)
            for (int a = 0; a < call.n_angles; ++a) call.d_shared[a] += partial[block * call.n_angles + a];
}

}  // namespace ketwise
