// Tiles of samples: a lane is a sample. A state is `row[2**n]`, each row 64 bytes of real and 64 of imaginary parts.
// Vector types have the width of the instruction set, so that no operation is split or emulated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#ifndef KETWISE_VECTOR_BYTES
#error "KETWISE_VECTOR_BYTES must be 16, 32 or 64"
#endif

namespace ketwise {

using u64 = std::uint64_t;

// A loop over the vectors of a row. It must stay one piece of code for all of them: in an unrolled loop the compiler may
// fuse a product and a sum for one vector and not for the next, and a result would depend on the lane it is in.
#if defined(__clang__)
#define KETWISE_ROLLED _Pragma("clang loop unroll(disable) vectorize(disable)")
#else
#define KETWISE_ROLLED _Pragma("GCC unroll 1")
#endif
#define EACH_VECTOR(v) KETWISE_ROLLED for (int v = 0; v < VECTORS; ++v)

constexpr int ROW_BYTES = 64;
constexpr int VECTORS = ROW_BYTES / KETWISE_VECTOR_BYTES;  // vectors in a row

template <class T> struct Native;
template <> struct Native<float> {
    typedef float Vec __attribute__((vector_size(KETWISE_VECTOR_BYTES), may_alias));
};
template <> struct Native<double> {
    typedef double Vec __attribute__((vector_size(KETWISE_VECTOR_BYTES), may_alias));
};
template <class T> using Vec = typename Native<T>::Vec;

template <class T> constexpr int LANES = ROW_BYTES / int(sizeof(T));  // samples in a tile

// One real and one imaginary part for every lane of one vector.
template <class T> struct Complex {
    Vec<T> re, im;
};

template <class T> inline Complex<T> load(const T* state, u64 row, int v) {
    const Vec<T>* at = reinterpret_cast<const Vec<T>*>(state + row * 2 * LANES<T>);
    return {at[v], at[VECTORS + v]};
}

template <class T> inline void store(T* state, u64 row, int v, Complex<T> value) {
    Vec<T>* at = reinterpret_cast<Vec<T>*>(state + row * 2 * LANES<T>);
    at[v] = value.re;
    at[VECTORS + v] = value.im;
}

template <class T> inline Vec<T> lane_row(const T* values, int v) {
    return reinterpret_cast<const Vec<T>*>(values)[v];
}

// A number in every lane. Nothing is subtracted: to add zero would take an instruction, for the sake of minus zero.
template <class T> inline Vec<T> everywhere(T number) { return number - Vec<T>{}; }

inline u64 parity(u64 bits) { return u64(__builtin_parityll(bits)); }

// Sums over rows: short runs in T, added into one double a lane, so that float32 keeps its digits on 2**n terms.
constexpr u64 RUN = 64;

template <class T, int N> struct LaneSums {
    alignas(64) double total[N][LANES<T>] = {};

    template <int K> void add(const Vec<T> (&run)[K][VECTORS]) {
        constexpr int width = KETWISE_VECTOR_BYTES / int(sizeof(T));
        for (int k = 0; k < K; ++k)
            for (int v = 0; v < VECTORS; ++v)
                for (int l = 0; l < width; ++l) total[k][v * width + l] += double(run[k][v][l]);
    }
};

// Memory aligned to a row, given back at the end of its scope.
template <class T> class Rows {
public:
    explicit Rows(std::size_t count)
        : data_(static_cast<T*>(::operator new(count * sizeof(T) + ROW_BYTES, std::align_val_t(ROW_BYTES)))) {}
    ~Rows() { ::operator delete(data_, std::align_val_t(ROW_BYTES)); }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    T* get() const { return data_; }

private:
    T* data_;
};

}  // namespace ketwise
