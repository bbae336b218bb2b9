// What a circuit is made of when it comes, and what the planner makes of it: passes over the state, described by masks.
#pragma once

#include <array>
#include <complex>
#include <utility>
#include <vector>

#include "walk.hpp"

namespace ketwise {

using cdouble = std::complex<double>;
using Words = std::vector<std::pair<u64, u64>>;

// Qubits up to which the factors of a pass of phases are computed once for all tiles.
constexpr int MOST_TABLED = 14;

// One operation as it comes from Python.
struct Operation {
    enum Kind { ROTATION, MATRIX, DIAGONAL, PERMUTATION };
    Kind kind;
    u64 x = 0, z = 0;           // Pauli word of a rotation, on logical qubits
    int angle = -1;             // index of its angle
    std::vector<int> qubits;    // of a fixed gate; qubits[k] is bit k of its index
    std::vector<cdouble> data;  // matrix (row by row) or diagonal
    std::vector<u64> table;     // permutation
    std::vector<std::pair<int, int>> controls;
};

// A condition or a bit of an index: parity(place & mask) ^ flip.
struct Bit {
    u64 mask;
    u64 flip;
    u64 at(u64 place) const { return parity(place & mask) ^ flip; }
};

inline bool all_hold(const std::vector<Bit>& controls, u64 place) {
    for (const Bit& bit : controls)
        if (!bit.at(place)) return false;
    return true;
}

// The angle of a rotation enters as sign * angle.
struct SignedAngle {
    int index;
    double sign;
};

// exp(-i angle/2 P) with P|p> = i^odd (-1)^parity(p & z) |p ^ x>, angle the sum over `angles` and twice `half`.
struct Rotation {
    u64 x, z;
    bool odd;
    std::vector<SignedAngle> angles;
    double half = 0.0;
};

// A sum of sign masks with weights. With k controls a word is 2^k: "bit is 1" is (1 - (-1)^bit) / 2.
using Signs = std::vector<std::pair<u64, double>>;

// exp(-i angle/2 sum(weight (-1)^parity(p & z))): of the place alone, or of a pass whose words share a flip.
struct Phase {
    SignedAngle angle;
    Signs words;
};

// A number where `controls` hold: CZ, controlled S and their like.
struct FixedPhase {
    cdouble value;
    std::vector<Bit> controls;
};

// Up to three rotations of one pass, done together in registers.
struct Group {
    std::vector<int> members;  // indices into Pass::rotations
    bool odd;
    std::vector<u64> offsets;  // of the 2**k places of a subspace
    Walk walk;                 // over the subspaces of a block
};

// Groups that go over a part of the state one after the other while it is in the first cache, then over the next part.
struct Block {
    std::size_t first, end;  // groups
    Walk walk;
};

// The factors of a pass by way of small tables: the factor of a place is a product of one from each. The words are dealt
// out to the tables; where all are in one, it has the factor of every place. For angles that differ by sample.
struct Tables {
    static constexpr int INDEX_BITS = 16;

    int count = 0;  // none: there is no gain in them
    int bits = 0;   // of the index into a table
    std::vector<u64> row_of_word;  // the row, of those of all tables, to which half the angle of a word goes
    std::vector<std::array<u64, 256>> of_byte;  // what a byte of a place adds to the indices, which stand side by side

    std::size_t n_rows() const { return std::size_t(count) << bits; }

    u64 indices(u64 place) const {
        u64 all = 0;
        for (const auto& table : of_byte) {
            all ^= table[place & 255];
            place >>= 8;
        }
        return all;
    }
};

struct Pass {
    enum Kind { ROTATIONS, FLIPS, PHASES, MATRIX, DIAGONAL, PERMUTATION };
    Kind kind;
    std::vector<Rotation> rotations;  // on different qubits
    std::vector<Group> groups;
    std::vector<Block> blocks;
    u64 flip = 0;  // FLIPS: what all words flip, and whether they see it
    bool odd = false;
    std::vector<Phase> phases;  // PHASES and FLIPS
    Signs halves;               // FLIPS: half angles that are fixed
    Tables tables;              // of these words
    std::vector<FixedPhase> fixed;
    std::vector<cdouble> factors;  // product of `fixed` at every place; empty without any, or on many qubits
    std::vector<Bit> controls;
    // Fixed gates on k qubits: the flips and the values of the qubits, and the array.
    std::vector<u64> flips;
    std::vector<Bit> bits;
    std::vector<cdouble> data;
    std::vector<u64> table;
    // Pauli words that generate everything this pass can do, for the test of what commutes.
    Words generators;

    explicit Pass(Kind kind) : kind(kind) {}

    // Whether each place has a factor made of angles: fixed phases alone need none.
    bool has_factors() const { return kind == FLIPS || !phases.empty(); }

    bool has_angles() const {
        bool found = false;
        each_angle([&](int) { found = true; });
        return found;
    }

    // Every word of `phases` with the angle that it turns by, and of `halves` with none.
    template <class Visit> void each_word(Visit visit) const {
        for (const Phase& phase : phases)
            for (const auto& [mask, weight] : phase.words) visit(mask, weight, &phase.angle);
        for (const auto& [mask, half] : halves) visit(mask, half, static_cast<const SignedAngle*>(nullptr));
    }

    template <class Visit> void each_angle(Visit visit) const {
        for (const Rotation& rotation : rotations)
            for (const SignedAngle& angle : rotation.angles) visit(angle.index);
        for (const Phase& phase : phases) visit(phase.angle.index);
    }
};

// Basis states of places: an affine map over bits.
struct BasisMap {
    u64 origin = 0;
    std::vector<u64> columns;

    BasisMap() = default;
    explicit BasisMap(const std::vector<Bit>& value) : columns(value.size(), 0) {
        for (std::size_t q = 0; q < value.size(); ++q) {
            origin |= value[q].flip << q;
            for (std::size_t b = 0; b < value.size(); ++b) columns[b] |= ((value[q].mask >> b) & 1) << q;
        }
    }

    u64 operator()(u64 place) const {
        u64 index = origin;
        for (; place; place &= place - 1) index ^= columns[__builtin_ctzll(place)];
        return index;
    }
};

}  // namespace ketwise
