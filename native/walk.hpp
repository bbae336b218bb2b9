// Where a pass goes: the subspaces that a few independent flips span, one after the other.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "lanes.hpp"

namespace ketwise {

// Rotations that are done together: as many as leave room for their amplitudes in the registers.
constexpr int MOST_TOGETHER = KETWISE_VECTOR_BYTES == 64 ? 3 : 2;

inline u64 highest_bit(u64 x) { return u64(1) << (63 - __builtin_clzll(x)); }

// Reduces the flips so that each has a highest bit that no other has; false where they are not independent.
inline bool reduce(std::vector<u64>& flips) {
    for (std::size_t k = 0; k < flips.size(); ++k) {
        if (!flips[k]) return false;
        const u64 pivot = highest_bit(flips[k]);
        for (std::size_t j = 0; j < flips.size(); ++j)
            if (j != k && (flips[j] & pivot)) flips[j] ^= flips[k];
    }
    return true;
}

inline bool independent(std::vector<u64> flips) { return reduce(flips); }

// Bits that tell the places of a subspace {place ^ (any of the flips)} apart; the others tell the subspaces apart.
inline u64 pivots_of(std::vector<u64> flips) {
    reduce(flips);
    u64 pivots = 0;
    for (u64 x : flips) pivots |= highest_bit(x);
    return pivots;
}

// Places one after the other, each next one by a single exclusive or: all sums of some directions.
struct Walk {
    std::vector<u64> steps;  // steps[j]: from place i to i + 1, where j bits of i end in ones
    u64 count = 1;

    u64 next(u64 place, u64 i) const { return place ^ steps[__builtin_ctzll(i)]; }

    static Walk along(const std::vector<u64>& directions) {
        Walk walk;
        u64 total = 0;
        for (u64 direction : directions) walk.steps.push_back(total ^= direction);
        walk.count = u64(1) << directions.size();
        return walk;
    }
};

// A Pauli word on places. An odd one sees its own flip.
struct PlaceWord {
    u64 x, z;
    bool odd;
};

// One place of every subspace {place ^ (any of the flips)}: of an odd word the place where its sign is +1.
inline Walk walk_across(int n_qubits, const std::vector<PlaceWord>& words) {
    std::vector<u64> flips, directions;
    for (const PlaceWord& word : words) flips.push_back(word.x);
    const u64 pivots = pivots_of(std::move(flips));
    for (int b = 0; b < n_qubits; ++b) {
        const u64 bit = u64(1) << b;
        if (bit & pivots) continue;
        u64 direction = bit;
        for (const PlaceWord& word : words)
            if (word.odd && parity(bit & word.z)) direction ^= word.x;
        directions.push_back(direction);
    }
    return Walk::along(directions);
}

// The place that `i` counts when one bit is left out: zero there.
inline u64 insert_zero(u64 i, u64 bit) { return ((i & ~(bit - 1)) << 1) | (i & (bit - 1)); }

// One place of every pair (p, p ^ x), for i < 2**(n-1).
struct Pairs {
    explicit Pairs(u64 x) : bit(highest_bit(x)) {}
    u64 at(u64 i) const { return insert_zero(i, bit); }
    u64 bit;
};

}  // namespace ketwise
