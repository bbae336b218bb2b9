// The algebra of runs of rotations on one pair of subspaces, for W lanes at once (1 where all angles are shared).
//
// Forward: the product of 2x2 matrices. Reverse: Im<co-state|(X, Y, Z)|state> is a real vector that a rotation about an
// axis of the pair turns like any vector in space, so a whole run costs one overlap pass and a few products a lane.
#pragma once

#include "plan.hpp"

namespace ketwise {

// Cosine and sine of half the angle, W lanes each.
template <int W> struct HalfAngle {
    double c[W], s[W];
};

// The 2x2 product as u[8][W]: u00.re, u00.im, u01.re, u01.im, u10.re, u10.im, u11.re, u11.im.
template <int W, class Angles> void compose(const std::vector<Turn>& turns, const Angles& angles, double (&u)[8][W]) {
    for (int k = 0; k < 8; ++k)
        for (int l = 0; l < W; ++l) u[k][l] = k == 0 || k == 6 ? 1.0 : 0.0;
    for (const Turn& turn : turns) {
        if (turn.axis == 3) {
            const cdouble* m = turn.matrix;
            for (int column = 0; column < 4; column += 2)
                for (int l = 0; l < W; ++l) {
                    const double ar = u[column][l], ai = u[column + 1][l];
                    const double br = u[column + 4][l], bi = u[column + 5][l];
                    u[column][l] = m[0].real() * ar - m[0].imag() * ai + m[1].real() * br - m[1].imag() * bi;
                    u[column + 1][l] = m[0].real() * ai + m[0].imag() * ar + m[1].real() * bi + m[1].imag() * br;
                    u[column + 4][l] = m[2].real() * ar - m[2].imag() * ai + m[3].real() * br - m[3].imag() * bi;
                    u[column + 5][l] = m[2].real() * ai + m[2].imag() * ar + m[3].real() * bi + m[3].imag() * br;
                }
            continue;
        }
        HalfAngle<W> h;
        angles(turn.angle, h);
        for (int column = 0; column < 4; column += 2)
            for (int l = 0; l < W; ++l) {
                const double c = h.c[l], s = turn.sign * h.s[l];
                const double ar = u[column][l], ai = u[column + 1][l];
                const double br = u[column + 4][l], bi = u[column + 5][l];
                if (turn.axis == 0) {
                    u[column][l] = c * ar + s * bi;
                    u[column + 1][l] = c * ai - s * br;
                    u[column + 4][l] = c * br + s * ai;
                    u[column + 5][l] = c * bi - s * ar;
                } else if (turn.axis == 1) {
                    u[column][l] = c * ar - s * br;
                    u[column + 1][l] = c * ai - s * bi;
                    u[column + 4][l] = c * br + s * ar;
                    u[column + 5][l] = c * bi + s * ai;
                } else {
                    u[column][l] = c * ar + s * ai;
                    u[column + 1][l] = c * ai - s * ar;
                    u[column + 4][l] = c * br - s * bi;
                    u[column + 5][l] = c * bi + s * br;
                }
            }
    }
}

// v'_P = sum_Q tr(M P M^H Q)/2 v_Q: how undoing a fixed matrix turns the vector.
template <int W> void turn_back(const cdouble* m, double (&v)[3][W]) {
    const cdouble i(0.0, 1.0);
    const cdouble pauli[3][4] = {{0.0, 1.0, 1.0, 0.0}, {0.0, -i, i, 0.0}, {1.0, 0.0, 0.0, -1.0}};
    double r[3][3];
    for (int a = 0; a < 3; ++a) {
        const cdouble* p = pauli[a];
        const cdouble left[4] = {m[0] * p[0] + m[1] * p[2], m[0] * p[1] + m[1] * p[3], m[2] * p[0] + m[3] * p[2],
                                 m[2] * p[1] + m[3] * p[3]};
        const cdouble h[4] = {left[0] * std::conj(m[0]) + left[1] * std::conj(m[1]),
                              left[0] * std::conj(m[2]) + left[1] * std::conj(m[3]),
                              left[2] * std::conj(m[0]) + left[3] * std::conj(m[1]),
                              left[2] * std::conj(m[2]) + left[3] * std::conj(m[3])};
        for (int b = 0; b < 3; ++b) {
            const cdouble* q = pauli[b];
            r[a][b] = 0.5 * (h[0] * q[0] + h[1] * q[2] + h[2] * q[1] + h[3] * q[3]).real();
        }
    }
    for (int l = 0; l < W; ++l) {
        const double before[3] = {v[0][l], v[1][l], v[2][l]};
        for (int a = 0; a < 3; ++a) v[a][l] = r[a][0] * before[0] + r[a][1] * before[1] + r[a][2] * before[2];
    }
}

// Derivatives of a run from the overlaps after it; `derivative(angle, d)` takes W lanes for each rotation.
template <int W, class Angles, class Derivative>
void derivatives(const std::vector<Turn>& turns, const Angles& angles, double (&v)[3][W], Derivative derivative) {
    for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
        if (turn->axis == 3) {
            turn_back(turn->matrix, v);
            continue;
        }
        const int z = turn->axis, x = (z + 1) % 3, y = (z + 2) % 3;
        double d[W];
        for (int l = 0; l < W; ++l) d[l] = 0.5 * turn->sign * v[z][l];
        derivative(turn->angle, d);
        HalfAngle<W> h;
        angles(turn->angle, h);
        for (int l = 0; l < W; ++l) {
            const double cosine = h.c[l] * h.c[l] - h.s[l] * h.s[l], sine = 2.0 * turn->sign * h.c[l] * h.s[l];
            const double vx = v[x][l], vy = v[y][l];
            v[x][l] = cosine * vx + sine * vy;
            v[y][l] = cosine * vy - sine * vx;
        }
    }
}

}  // namespace ketwise
