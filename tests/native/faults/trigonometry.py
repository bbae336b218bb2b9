"""Faults in `trigonometry.hpp`: reduction of angles, quarters of a turn, polynomials."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "trigonometry: a large angle is reduced by a rounded 2 pi",
        "trigonometry.hpp",
        "std::atan2(std::sin(angle), std::cos(angle))",
        "std::fmod(angle, 6.283185307179586)",
    ),
    Fault(
        "trigonometry: large positive angles are not reduced",
        "trigonometry.hpp",
        "angle > -FAR && angle < FAR ? angle",
        "angle > -FAR ? angle",
    ),
    Fault(
        "trigonometry: the cosine has the sign of the sine",
        "trigonometry.hpp",
        "((quarter + 1) & 2) << 62;",
        "(quarter & 2) << 62;",
    ),
    Fault(
        "trigonometry: in the second half turn sine and cosine keep their places",
        "trigonometry.hpp",
        "const Bits odd = -(quarter & 1);",
        "const Bits odd = -(quarter & 1) & ~-((quarter >> 1) & 1);",
    ),
    Fault(
        "trigonometry: the quarter turn has lost its second part",
        "trigonometry.hpp",
        "r = r - turns * 6.07710050630396597660e-11;",
        "",
    ),
    Fault(
        "trigonometry: a coefficient of the sine has nine digits",
        "trigonometry.hpp",
        "s = s * r2 - 1.98412698298579493134e-04;",
        "s = s * r2 - 1.98412698e-04;",
    ),
    Fault(
        "trigonometry: negative angles are rounded to a wrong quarter",
        "trigonometry.hpp",
        "constexpr double ROUND = 6755399441055744.0;",
        "constexpr double ROUND = 4503599627370496.0;",
    ),
)
