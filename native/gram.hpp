// Fidelities |<a|b>|^2 of two sets of states: a matrix product that never stores its complex result.
//
// The order of additions of an entry is that of the amplitudes, whatever stands around it and whatever the number of
// threads; exchanging the two states exchanges the two sums of the imaginary part, so that the result is symmetric to
// the last bit.
#pragma once

#include <algorithm>
#include <complex>
#include <memory>

#include "threads.hpp"

namespace ketwise {

template <class T> class Gram {
    static constexpr int WIDTH = KETWISE_VECTOR_BYTES / int(sizeof(T));  // columns of a vector
    static constexpr int ROWS = KETWISE_VECTOR_BYTES == 64 ? 4 : 2;      // of a register tile
    static constexpr int VECTORS_OF_COLUMNS = KETWISE_VECTOR_BYTES == 64 ? 2 : 1;
    static constexpr int COLUMNS = WIDTH * VECTORS_OF_COLUMNS;
    static constexpr u64 SIDE = 128;   // of a block of the result
    static constexpr u64 DEPTH = 256;  // amplitudes at a time: a packed block of them stays in the second cache
    static constexpr std::size_t PACKED_BYTES = std::size_t(4) << 20;
    // Sums of a register tile: the real part, and the two sums whose difference is the imaginary one.
    static constexpr int SUMS = 3;
    static constexpr u64 TILE_SUMS = SUMS * ROWS * COLUMNS;
    static constexpr u64 NOTHING = ~u64(0);

public:
    // That a thread takes at most.
    static constexpr std::size_t ROOM_BYTES = PACKED_BYTES + SIDE * SIDE * SUMS * sizeof(double);

    Gram(const std::complex<T>* left, u64 n_left, const std::complex<T>* right, u64 n_right, u64 length, double* out)
        : left_(left), n_left_(n_left), right_(right ? right : left), n_right_(n_right), length_(length), out_(out),
          symmetric_(right == nullptr) {}

    void run(int threads) {
        const u64 down = (n_left_ + SIDE - 1) / SIDE, across = (n_right_ + SIDE - 1) / SIDE;
        std::vector<std::pair<u64, u64>> blocks;
        for (u64 j = 0; j < across; ++j)
            for (u64 i = 0; i < (symmetric_ ? j + 1 : down); ++i) blocks.push_back({i * SIDE, j * SIDE});
        on_threads(u64(std::max(1, threads)), blocks.size(), [&] {
            return [&, room = std::make_unique<Room>(packed_depth())](u64 k) {
                block(blocks[k].first, blocks[k].second, *room);
            };
        });
    }

private:
    struct Room {
        explicit Room(u64 depth) : right(SIDE * depth * 2), sums(SIDE * SIDE * SUMS) {}
        Rows<T> right;         // packed columns of a block
        u64 column = NOTHING;  // the first of them, where all their amplitudes are there
        Rows<double> sums;     // of a block, tile by tile
    };

    // All amplitudes of the columns of a block are packed once, and serve the blocks of those columns; or as many at a
    // time as are multiplied, where they are too many.
    u64 packed_depth() const { return SIDE * length_ * 2 * sizeof(T) <= PACKED_BYTES ? std::max(length_, u64(1)) : DEPTH; }

    // Amplitudes `first` to `first + depth` of the columns from `column`, transposed in strips of COLUMNS states: real
    // parts of a strip, then imaginary ones, amplitude by amplitude. Missing states are zero.
    void pack(u64 column, u64 count, u64 first, u64 depth, T* to) const {
        for (u64 s = 0; s < SIDE; s += COLUMNS)
            for (u64 c = 0; c < COLUMNS; ++c) {
                T* at = to + s * depth * 2 + c;
                if (s + c >= count) {
                    for (u64 k = 0; k < depth; ++k) at[k * COLUMNS * 2] = at[k * COLUMNS * 2 + COLUMNS] = T(0);
                    continue;
                }
                const std::complex<T>* row = right_ + (column + s + c) * length_ + first;
                for (u64 k = 0; k < depth; ++k) {
                    at[k * COLUMNS * 2] = row[k].real();
                    at[k * COLUMNS * 2 + COLUMNS] = row[k].imag();
                }
            }
    }

    // Adds `depth` amplitudes to the sums of one register tile; partial sums over them are made in T.
    static void tile(const std::complex<T>* const (&left)[ROWS], const T* right, u64 depth, double* sums) {
        constexpr int V = VECTORS_OF_COLUMNS;
        Vec<T> run[SUMS][ROWS][V] = {};
        for (u64 k = 0; k < depth; ++k) {
            Vec<T> re[V], im[V];
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v) {
                re[v] = lane_row(right + k * COLUMNS * 2, v);
                im[v] = lane_row(right + k * COLUMNS * 2 + COLUMNS, v);
            }
#pragma GCC unroll 4
            for (int r = 0; r < ROWS; ++r) {
                const Vec<T> a = everywhere(left[r][k].real()), b = everywhere(left[r][k].imag());
#pragma GCC unroll 2
                for (int v = 0; v < V; ++v) {
                    run[0][r][v] += a * re[v];
                    run[1][r][v] += a * im[v];
                    run[2][r][v] += b * re[v];
                    run[0][r][v] += b * im[v];
                }
            }
        }
        for (int s = 0; s < SUMS; ++s)
            for (int r = 0; r < ROWS; ++r)
                for (int v = 0; v < V; ++v, sums += WIDTH)
                    for (int l = 0; l < WIDTH; ++l) sums[l] += double(run[s][r][v][l]);
    }

    void block(u64 row, u64 column, Room& room) {
        const u64 rows = std::min(SIDE, n_left_ - row), columns = std::min(SIDE, n_right_ - column);
        const bool whole = packed_depth() >= length_;
        for (u64 first = 0; first < length_; first += DEPTH) {
            const u64 depth = std::min(DEPTH, length_ - first);
            T* packed = room.right.get() + (whole ? first * SIDE * 2 : 0);
            if (!whole || room.column != column) pack(column, columns, first, depth, packed);
            each_tile(row, rows, column, columns, room.sums.get(), [&](u64 i, u64 j, double* sums) {
                const std::complex<T>* left[ROWS];  // beyond the last state it is the last again, and read by nobody
                for (u64 r = 0; r < ROWS; ++r) left[r] = left_ + std::min(row + i + r, n_left_ - 1) * length_ + first;
                if (first == 0) std::fill(sums, sums + TILE_SUMS, 0.0);
                tile(left, packed + j * depth * 2, depth, sums);
            });
        }
        if (whole) room.column = column;
        each_tile(row, rows, column, columns, room.sums.get(), [&](u64 i, u64 j, const double* sums) {
            write(row + i, std::min<u64>(ROWS, rows - i), column + j, std::min<u64>(COLUMNS, columns - j), sums);
        });
    }

    // Calls `act` with the first row and column in a block of every register tile, and its sums. Those that lie below the
    // diagonal of a symmetric result are left out: each entry is written in both places.
    template <class Act> void each_tile(u64 row, u64 rows, u64 column, u64 columns, double* sums, Act act) const {
        for (u64 j = 0; j < columns; j += COLUMNS)
            for (u64 i = 0; i < rows; i += ROWS, sums += TILE_SUMS)
                if (!symmetric_ || row + i < column + j + COLUMNS) act(i, j, sums);
    }

    // The entries of one register tile.
    void write(u64 row, u64 rows, u64 column, u64 columns, const double* sums) {
        double values[ROWS][COLUMNS];
        for (int r = 0; r < ROWS; ++r)
            for (int c = 0; c < COLUMNS; ++c) {
                const double* s = sums + r * COLUMNS + c;
                const double imaginary = s[ROWS * COLUMNS] - s[2 * ROWS * COLUMNS];
                values[r][c] = s[0] * s[0] + imaginary * imaginary;
            }
        for (u64 r = 0; r < rows; ++r) std::copy(values[r], values[r] + columns, out_ + (row + r) * n_right_ + column);
        if (!symmetric_) return;
        for (u64 c = 0; c < columns; ++c)
            for (u64 r = 0; r < rows; ++r) out_[(column + c) * n_right_ + row + r] = values[r][c];
    }

    const std::complex<T>* left_;
    u64 n_left_;
    const std::complex<T>* right_;
    u64 n_right_, length_;
    double* out_;
    bool symmetric_;
};

}  // namespace ketwise
