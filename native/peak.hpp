// How many vector operations a second one thread of this machine does, for the prediction that `explain` makes.
#pragma once

#include <algorithm>
#include <chrono>

#include "lanes.hpp"

namespace ketwise {

// Independent chains of fused products and sums in registers; the best of a few short runs. Rows of samples a second.
template <class T> double peak() {
    constexpr int CHAINS = 12, STEPS = 20000;
    double best = 0.0;
    volatile double kept = 0.0;  // what nobody reads would not be computed
    for (int run = 0; run < 8; ++run) {
        Vec<T> chain[CHAINS];
        for (int k = 0; k < CHAINS; ++k) chain[k] = everywhere(T(1 + k));
        const auto start = std::chrono::steady_clock::now();
        const Vec<T> factor = everywhere(T(0.5)), sum = everywhere(T(0.25));
        for (int step = 0; step < STEPS; ++step) {
#pragma GCC unroll 12
            for (int k = 0; k < CHAINS; ++k) chain[k] = chain[k] * factor + sum;
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        for (int k = 0; k < CHAINS; ++k) kept = kept + double(chain[k][0]);
        best = std::max(best, CHAINS * double(STEPS) / VECTORS / took.count());
    }
    return best;
}

}  // namespace ketwise
