// What this machine's processor can do at most: fused multiply-adds a second, and bytes a second to and from each level
// of the memory. VECTOR_BYTES is the width of the instruction set that it is compiled for.
//
//   limits fma THREADS SECONDS          GFLOP/s in float and in double, all threads together
//   limits bytes THREADS KIB SECONDS    GB/s of reading and writing back in place, KIB kibibytes a thread

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#ifndef VECTOR_BYTES
#error "VECTOR_BYTES must be 16, 32 or 64"
#endif

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Twelve independent chains hide the latency of the multiply-add on every processor with up to three units of latency
// four, or two of latency six, and fit beside their two constants into 16 registers.
constexpr int CHAINS = 12;

template <class T> double fma_chains(long rounds) {
    typedef T Vec __attribute__((vector_size(VECTOR_BYTES)));
    Vec sum[CHAINS], factor, term;
    for (int k = 0; k < CHAINS; ++k) sum[k] = Vec{} + T(k);
    factor = Vec{} + T(0.5);
    term = Vec{} + T(1.0);
    for (long r = 0; r < rounds; ++r) {
        // Opaque to the compiler: nothing is computed beforehand, and everything stays in registers.
        asm volatile("" : "+g"(r));
#pragma GCC unroll 8
        for (int again = 0; again < 8; ++again)
#pragma GCC unroll 12
            for (int k = 0; k < CHAINS; ++k) sum[k] = sum[k] * factor + term;
    }
    double total = 0.0;
    for (int k = 0; k < CHAINS; ++k) total += double(sum[k][0]);
    return total;
}

// Runs `piece(thread)` again and again on every thread for about the given time; returns pieces a second of them all.
template <class Piece> double rate(int threads, double seconds, Piece piece) {
    std::atomic<int> ready{0};
    std::vector<double> found(threads);
    std::vector<std::thread> crew;
    for (int t = 0; t < threads; ++t)
        crew.emplace_back([&, t] {
            piece(t);
            ++ready;
            while (ready < threads) std::this_thread::yield();
            long pieces = 0;
            const auto start = Clock::now();
            do {
                piece(t);
                ++pieces;
            } while (since(start) < seconds);
            found[t] = double(pieces) / since(start);
        });
    double total = 0.0;
    for (int t = 0; t < threads; ++t) {
        crew[t].join();
        total += found[t];
    }
    return total;
}

volatile double sink;

template <class T> double gflops(int threads, double seconds) {
    constexpr long ROUNDS = 2000;
    constexpr double LANES = VECTOR_BYTES / sizeof(T);
    const double flops = 2.0 * LANES * CHAINS * 8 * ROUNDS;
    return 1e-9 * flops * rate(threads, seconds, [](int) { sink = fma_chains<T>(ROUNDS); });
}

double gigabytes(int threads, long kib, double seconds) {
    typedef float Vec __attribute__((vector_size(VECTOR_BYTES), may_alias));
    const long bytes = kib * 1024, vectors = bytes / VECTOR_BYTES;
    std::vector<float*> memory(threads);
    for (float*& m : memory) {
        m = static_cast<float*>(std::aligned_alloc(64, bytes));
        std::memset(m, 0, bytes);
    }
    const long sweeps = kib < 4096 ? 4096 / kib : 1;
    const double swept = rate(threads, seconds, [&](int t) {
        Vec* v = reinterpret_cast<Vec*>(memory[t]);
        const Vec factor = Vec{} + 0.5f, term = Vec{} + 1.0f;
        for (long sweep = 0; sweep < sweeps; ++sweep) {
            for (long i = 0; i < vectors; ++i) v[i] = v[i] * factor + term;
            asm volatile("" ::: "memory");
        }
    });
    for (float* m : memory) std::free(m);
    return 1e-9 * 2.0 * double(bytes) * double(sweeps) * swept;
}

}  // namespace

int main(int count, char** words) {
    if (count == 4 && !std::strcmp(words[1], "fma")) {
        const int threads = std::atoi(words[2]);
        const double seconds = std::atof(words[3]);
        const double single = gflops<float>(threads, seconds);
        std::printf("%.3f %.3f\n", single, gflops<double>(threads, seconds));
        return 0;
    }
    if (count == 5 && !std::strcmp(words[1], "bytes")) {
        std::printf("%.3f\n", gigabytes(std::atoi(words[2]), std::atol(words[3]), std::atof(words[4])));
        return 0;
    }
    std::fprintf(stderr, "usage: limits fma THREADS SECONDS | limits bytes THREADS KIB SECONDS\n");
    return 2;
}
