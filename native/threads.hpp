// The same work on several plain threads, the caller's among them. They take pieces until there are none.
#pragma once

#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "lanes.hpp"

namespace ketwise {

// Calls `start()` once in each thread for a worker, and `worker(piece)` for every piece below `count`. Who computes which
// piece is open: what a piece does must not depend on it. The first exception ends the work and is thrown here.
template <class Start> void on_threads(u64 threads, u64 count, Start start) {
    std::atomic<u64> next{0};
    std::exception_ptr failure;
    std::atomic<bool> failed{false};
    auto work = [&] {
        try {
            auto worker = start();
            for (u64 piece = next++; piece < count && !failed; piece = next++) worker(piece);
        } catch (...) {
            if (!failed.exchange(true)) failure = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    others.reserve(threads);
    for (u64 k = 1; k < threads && k < count; ++k) {
        try {
            others.emplace_back(work);
        } catch (const std::system_error&) {
            break;  // no thread to be had: this one does the work
        }
    }
    work();
    for (auto& thread : others) thread.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace ketwise
