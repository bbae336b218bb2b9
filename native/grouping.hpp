// How the rotations of a pass go together: in registers, and over a part of the state while it is in the first cache;
// and which tables give the factors of a pass of phases.
#pragma once

#include "passes.hpp"

namespace ketwise {

constexpr int BLOCKED_FROM = 12;         // qubits
constexpr int ONE_TABLE = 6;             // qubits up to which a table of all places is small
constexpr std::size_t BLOCK_QUBITS = 6;  // 2**6 places of a state and a co-state are 16 KiB

inline std::vector<u64> flips_of_others(const Pass& pass, std::size_t first, std::size_t end, std::size_t group) {
    std::vector<u64> flips;
    for (std::size_t g = first; g < end; ++g)
        if (g != group)
            for (int r : pass.groups[g].members) flips.push_back(pass.rotations[r].x);
    return flips;
}

// Where a state is larger than the first cache, two groups at a time; else each goes over all of it.
inline void make_blocks(Pass& pass, int n_qubits) {
    const std::size_t most = n_qubits >= BLOCKED_FROM ? BLOCK_QUBITS : 0;
    for (std::size_t first = 0; first < pass.groups.size();) {
        std::size_t end = first, qubits = 0;
        std::vector<PlaceWord> words;
        do {
            for (int r : pass.groups[end].members)
                words.push_back({pass.rotations[r].x, pass.rotations[r].z, pass.rotations[r].odd});
            qubits += pass.groups[end].members.size();
            ++end;
        } while (end < pass.groups.size() && qubits + pass.groups[end].members.size() <= most);
        const bool alone = end == first + 1;
        for (std::size_t g = first; g < end; ++g)
            pass.groups[g].walk = alone ? walk_across(n_qubits, words) : Walk::along(flips_of_others(pass, first, end, g));
        pass.blocks.push_back({first, end, alone ? Walk() : walk_across(n_qubits, words)});
        first = end;
    }
}

// Rotations of one kind, real or imaginary, go together, as many as registers hold.
inline void make_groups(Pass& pass, int n_qubits) {
    for (const bool odd : {true, false}) {
        std::vector<int> members;
        for (std::size_t r = 0; r < pass.rotations.size(); ++r)
            if (pass.rotations[r].odd == odd) members.push_back(int(r));
        for (std::size_t first = 0; first < members.size();) {
            const std::size_t left = members.size() - first;
            // Four are two pairs rather than three and one.
            const std::size_t count = left == 4 && MOST_TOGETHER == 3 ? 2 : std::min<std::size_t>(left, MOST_TOGETHER);
            Group group{{members.begin() + first, members.begin() + first + count}, odd, {}, {}};
            group.offsets.assign(std::size_t(1) << count, 0);
            for (std::size_t m = 0; m < group.offsets.size(); ++m)
                for (std::size_t k = 0; k < count; ++k)
                    if ((m >> k) & 1) group.offsets[m] ^= pass.rotations[group.members[k]].x;
            pass.groups.push_back(std::move(group));
            first += count;
        }
    }
    make_blocks(pass, n_qubits);
}

// One table of all places, of few qubits; or two to four, if that takes less than a sine for every place.
inline void make_tables(Pass& pass, int n_qubits) {
    constexpr int SINE = 8;  // sine and cosine of a sum of angles, in products of two factors
    std::vector<u64> masks;
    pass.each_word([&](u64 mask, double, const SignedAngle*) { masks.push_back(mask); });
    const int n_words = int(masks.size());
    const u64 places = u64(1) << n_qubits;
    Tables& tables = pass.tables;
    u64 least = SINE * places;
    if (n_qubits <= ONE_TABLE) tables.count = 1, tables.bits = n_qubits;
    for (int count = 2; count <= 4; ++count) {
        const int bits = (n_words + count - 1) / count;
        if (bits >= std::min(n_qubits, Tables::INDEX_BITS)) continue;
        const u64 cost = (u64(SINE * count) << bits) + u64(count - 1) * places;
        if (cost < least) tables.count = count, tables.bits = bits, least = cost;
    }
    if (tables.count == 0) return;
    tables.of_byte.assign((n_qubits + 7) / 8, {});
    const auto add_bit = [&](u64 mask, u64 bit) {
        for (std::size_t byte = 0; byte < tables.of_byte.size(); ++byte)
            for (u64 value = 0; value < 256; ++value)
                if (parity((value << 8 * byte) & mask)) tables.of_byte[byte][value] |= bit;
    };
    if (tables.count == 1) {
        for (int q = 0; q < n_qubits; ++q) add_bit(u64(1) << q, u64(1) << q);
        tables.row_of_word = std::move(masks);
        return;
    }
    for (int word = 0; word < n_words; ++word) {
        const int table = word / tables.bits, bit = word % tables.bits;
        add_bit(masks[word], u64(1) << (table * Tables::INDEX_BITS + bit));
        tables.row_of_word.push_back((u64(table) << tables.bits) + (u64(1) << bit));
    }
}

}  // namespace ketwise
