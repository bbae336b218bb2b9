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
    static constexpr u64 DEPTH = 128;  // amplitudes at a time: both packed blocks stay in the second cache

public:
    Gram(const std::complex<T>* left, u64 n_left, const std::complex<T>* right, u64 n_right, u64 length, double* out)
        : left_(left), n_left_(n_left), right_(right ? right : left), n_right_(n_right), length_(length), out_(out),
          symmetric_(right == nullptr) {}

    void run(int threads) {
        const u64 down = (n_left_ + SIDE - 1) / SIDE, across = (n_right_ + SIDE - 1) / SIDE;
        std::vector<std::pair<u64, u64>> blocks;
        for (u64 i = 0; i < down; ++i)
            for (u64 j = symmetric_ ? i : 0; j < across; ++j) blocks.push_back({i * SIDE, j * SIDE});
        on_threads(u64(std::max(1, threads)), blocks.size(), [&] {
            return [&, room = std::make_unique<Room>()](u64 k) { block(blocks[k].first, blocks[k].second, *room); };
        });
    }

private:
    // Sums of a register tile: the real part, and the two sums whose difference is the imaginary one.
    static constexpr int SUMS = 3;

    struct Room {
        Rows<T> left{SIDE * DEPTH * 2}, right{SIDE * DEPTH * 2};
        Rows<double> sums{SIDE * SIDE * SUMS};
    };

    // Amplitudes `first` to `first + depth` of `count` states from `from`, transposed in strips of `strip` states:
    // real parts of a strip, then imaginary ones, amplitude by amplitude. Missing states are zero.
    static void pack(const std::complex<T>* states, u64 length, u64 from, u64 count, u64 first, u64 depth, u64 strip, T* to) {
        for (u64 s = 0; s < SIDE; s += strip)
            for (u64 r = 0; r < strip; ++r) {
                T* at = to + s * depth * 2 + r;
                if (s + r >= count) {
                    for (u64 k = 0; k < depth; ++k) at[k * strip * 2] = at[k * strip * 2 + strip] = T(0);
                    continue;
                }
                const std::complex<T>* row = states + (from + s + r) * length + first;
                for (u64 k = 0; k < depth; ++k) {
                    at[k * strip * 2] = row[k].real();
                    at[k * strip * 2 + strip] = row[k].imag();
                }
            }
    }

    // Adds `depth` amplitudes to the sums of one register tile; partial sums over them are made in T.
    static void tile(const T* left, const T* right, u64 depth, double* sums) {
        constexpr int V = VECTORS_OF_COLUMNS;
        Vec<T> real[ROWS][V] = {}, straight[ROWS][V] = {}, crossed[ROWS][V] = {};
        for (u64 k = 0; k < depth; ++k) {
            Vec<T> re[V], im[V];
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v) {
                re[v] = lane_row(right + k * COLUMNS * 2, v);
                im[v] = lane_row(right + k * COLUMNS * 2 + COLUMNS, v);
            }
#pragma GCC unroll 4
            for (int r = 0; r < ROWS; ++r) {
                const Vec<T> a = Vec<T>{} + left[k * ROWS * 2 + r], b = Vec<T>{} + left[k * ROWS * 2 + ROWS + r];
#pragma GCC unroll 2
                for (int v = 0; v < V; ++v) {
                    real[r][v] += a * re[v];
                    straight[r][v] += a * im[v];
                    crossed[r][v] += b * re[v];
                    real[r][v] += b * im[v];
                }
            }
        }
        for (int r = 0; r < ROWS; ++r)
            for (int v = 0; v < V; ++v)
                for (int l = 0; l < WIDTH; ++l) {
                    double* at = sums + (r * COLUMNS + v * WIDTH + l) * SUMS;
                    at[0] += double(real[r][v][l]);
                    at[1] += double(straight[r][v][l]);
                    at[2] += double(crossed[r][v][l]);
                }
    }

    void block(u64 row, u64 column, Room& room) {
        const u64 rows = std::min(SIDE, n_left_ - row), columns = std::min(SIDE, n_right_ - column);
        std::fill(room.sums.get(), room.sums.get() + SIDE * SIDE * SUMS, 0.0);
        for (u64 first = 0; first < length_; first += DEPTH) {
            const u64 depth = std::min(DEPTH, length_ - first);
            pack(left_, length_, row, rows, first, depth, ROWS, room.left.get());
            pack(right_, length_, column, columns, first, depth, COLUMNS, room.right.get());
            for (u64 j = 0; j < columns; j += COLUMNS)
                for (u64 i = 0; i < rows; i += ROWS)
                    tile(room.left.get() + i * depth * 2, room.right.get() + j * depth * 2, depth,
                         room.sums.get() + (i * SIDE + j * ROWS) * SUMS);
        }
        for (u64 i = 0; i < rows; ++i)
            for (u64 j = 0; j < columns; ++j) {
                const u64 inside = (i % ROWS) * COLUMNS + j % COLUMNS;
                const double* s =
                    room.sums.get() + ((i / ROWS * ROWS) * SIDE + (j / COLUMNS * COLUMNS) * ROWS + inside) * SUMS;
                const double imaginary = s[1] - s[2];
                const double value = s[0] * s[0] + imaginary * imaginary;
                out_[(row + i) * n_right_ + column + j] = value;
                if (symmetric_) out_[(column + j) * n_right_ + row + i] = value;
            }
    }

    const std::complex<T>* left_;
    u64 n_left_;
    const std::complex<T>* right_;
    u64 n_right_, length_;
    double* out_;
    bool symmetric_;
};

}  // namespace ketwise
