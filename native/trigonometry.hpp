// Sine and cosine of a vector of doubles, the same for every lane whatever stands in the others.
#pragma once

#include <cmath>

#include "lanes.hpp"

namespace ketwise {

// Beyond this an angle is brought back by the C library, lane by lane: a sum of large ones would lose their last digits.
constexpr double FAR = 32.0;

// An angle of at most pi with the same sine and cosine.
inline double near(double angle) {
    return angle > -FAR && angle < FAR ? angle : std::atan2(std::sin(angle), std::cos(angle));
}

// |angle| must be below 2**19 quarter turns. Reduction by pi/2 in three parts and minimax polynomials on
// [-pi/4, pi/4], as in fdlibm (Sun Microsystems): within 1.5e-16 of the true values.
inline void sine_cosine(Vec<double> angle, Vec<double>& sine, Vec<double>& cosine) {
    typedef std::int64_t Bits __attribute__((vector_size(KETWISE_VECTOR_BYTES), may_alias));
    constexpr double ROUND = 6755399441055744.0;  // 1.5 * 2**52: the last bits of x + ROUND are the nearest integer
    const Vec<double> rounded = angle * 0.63661977236758134308 + ROUND;
    const Bits quarter = reinterpret_cast<Bits>(rounded);
    const Vec<double> turns = rounded - ROUND;
    Vec<double> r = angle - turns * 1.57079632673412561417;
    r = r - turns * 6.07710050630396597660e-11;
    r = r - turns * 2.02226624879595063154e-21;
    const Vec<double> r2 = r * r;
    Vec<double> s = r2 * 1.58969099521155010221e-10 - 2.50507602534068634195e-08;
    s = s * r2 + 2.75573137070700676789e-06;
    s = s * r2 - 1.98412698298579493134e-04;
    s = s * r2 + 8.33333333332248946124e-03;
    s = s * r2 - 1.66666666666666324348e-01;
    s = r + r * r2 * s;
    Vec<double> c = r2 * -1.13596475577881948265e-11 + 2.08757232129817482790e-09;
    c = c * r2 - 2.75573143513906633035e-07;
    c = c * r2 + 2.48015872894767294178e-05;
    c = c * r2 - 1.38888888888741095749e-03;
    c = c * r2 + 4.16666666666666019037e-02;
    c = 1.0 - (0.5 * r2 - r2 * r2 * c);
    const Bits odd = -(quarter & 1);  // all ones where sine and cosine change places
    const Bits sine_bits = reinterpret_cast<Bits>(s), cosine_bits = reinterpret_cast<Bits>(c);
    const Bits sign_of_sine = (quarter & 2) << 62, sign_of_cosine = ((quarter + 1) & 2) << 62;
    sine = reinterpret_cast<Vec<double>>(((cosine_bits & odd) | (sine_bits & ~odd)) ^ sign_of_sine);
    cosine = reinterpret_cast<Vec<double>>(((sine_bits & odd) | (cosine_bits & ~odd)) ^ sign_of_cosine);
}

// The same for `count` numbers, a multiple of the lanes of a vector, aligned to a vector.
inline void sines_cosines(const double* angles, std::size_t count, double* sines, double* cosines) {
    constexpr std::size_t width = KETWISE_VECTOR_BYTES / sizeof(double);
    for (std::size_t k = 0; k < count; k += width)
        sine_cosine(*reinterpret_cast<const Vec<double>*>(angles + k), *reinterpret_cast<Vec<double>*>(sines + k),
                    *reinterpret_cast<Vec<double>*>(cosines + k));
}

}  // namespace ketwise
