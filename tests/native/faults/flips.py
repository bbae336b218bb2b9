"""Faults in `plan.hpp`, `phases.hpp` and `tile.hpp`: words that flip the same, controlled ones among them."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "flips: a fixed word that joins others is lost",
        "plan.hpp",
        "if (rotation.half != 0.0) flips.halves.push_back({rotation.z, rotation.half});",
        "",
    ),
    Fault(
        "flips: what a word is not allowed to pass is forgotten",
        "plan.hpp",
        "flips.generators.push_back({rotation.x, rotation.z});",
        "",
    ),
    Fault(
        "flips: a word that moves to them stays among the rotations too",
        "plan.hpp",
        """found.rotations.erase(found.rotations.begin() + std::ptrdiff_t(r));
                found.generators.erase(found.generators.begin() + std::ptrdiff_t(r));""",
        "",
    ),
    Fault(
        "flips: words with controls join those that flip something else",
        "plan.hpp",
        "return pass.kind == Pass::FLIPS && pass.flip == x; });",
        "return pass.kind == Pass::FLIPS; });",
    ),
    Fault(
        "flips: the kind of a word that begins a pass is lost",
        "plan.hpp",
        "flips.odd = rotation.odd;",
        "",
    ),
    Fault(
        "flips: the kind of a controlled word that begins a pass is lost",
        "plan.hpp",
        "found->odd = odd;",
        "",
    ),
    Fault(
        "flips: they come before the rotations that they were among",
        "plan.hpp",
        "passes.insert(passes.begin() + (&found - passes.data()) + 1, std::move(flips));",
        "passes.insert(passes.begin(), std::move(flips));",
    ),
    Fault(
        "flips: pairs are turned back where they should be turned",
        "phases.hpp",
        "const Vec<T> other = back ? f.im : -f.im;",
        "const Vec<T> other = back ? -f.im : f.im;",
    ),
    Fault(
        "flips: pairs are never turned back",
        "phases.hpp",
        "const Vec<T> other = back ? f.im : -f.im;",
        "const Vec<T> other = -f.im;",
    ),
    Fault(
        "flips: the factor of the other of a pair is taken",
        "phases.hpp",
        """const auto f = factors.at(p, v);
            auto a = load(from, p, v)""",
        """const auto f = factors.at(q, v);
            auto a = load(from, p, v)""",
    ),
    Fault(
        "flips: the flipped place is read from the state that is written",
        "phases.hpp",
        "auto a = load(from, p, v), b = load(from, q, v);",
        "auto a = load(from, p, v), b = load(to, q, v);",
    ),
    Fault(
        "flips: the overlap of odd words has a wrong sign in one half",
        "phases.hpp",
        "take(p, v, pass.odd ? d.re * a.re + d.im * a.im - c.re * b.re - c.im * b.im",
        "take(p, v, pass.odd ? d.re * a.re + d.im * a.im + c.re * b.re + c.im * b.im",
    ),
    Fault(
        "flips: the overlap of even words has lost a half",
        "phases.hpp",
        ": c.re * b.im - c.im * b.re + d.re * a.im - d.im * a.re);",
        ": c.re * b.im - c.im * b.re);",
    ),
    Fault(
        "flips: a fixed word is left out of tables",
        "phases.hpp",
        "for (const auto& [mask, half] : pass.halves) phases[mask] += half;",
        "",
    ),
    Fault(
        "flips: a fixed word is left out where angles differ by sample",
        "passes.hpp",
        "for (const auto& [mask, half] : halves) visit(mask, half, static_cast<const SignedAngle*>(nullptr));",
        "",
    ),
    Fault(
        "flips: overlaps by sample keep those of an earlier pass",
        "tile.hpp",
        "if (prepared.by_lane) std::fill(overlaps_.get(), overlaps_.get() + size_ * L, T(0));",
        "",
    ),
    Fault(
        "flips: summed overlaps keep those of an earlier pass",
        "tile.hpp",
        "if (!prepared.by_lane) std::fill(sums_.get(), sums_.get() + size_, 0.0);",
        "",
    ),
    Fault(
        "flips: the last lane of a vector is not summed",
        "tile.hpp",
        "for (int l = 0; l < LaneFold<T>::W; ++l) sum += double(overlap[l]);",
        "for (int l = 0; l + 1 < LaneFold<T>::W; ++l) sum += double(overlap[l]);",
    ),
    Fault(
        "flips: the vectors of a place replace each other",
        "tile.hpp",
        "sums_.get()[place] += sum;",
        "sums_.get()[place] = sum;",
        isa="baseline",
    ),
    Fault(
        "flips: the state is not turned back",
        "tile.hpp",
        "if (!keeps()) apply_flips(state, state, pass, n_, factors, true);",
        "",
    ),
    Fault(
        "flips: the co-state is not turned back",
        "tile.hpp",
        "apply_flips(lambda(), lambda(), pass, n_, factors, true);",
        "",
    ),
    Fault(
        "flips: fixed ones alone have no factors",
        "passes.hpp",
        "return kind == FLIPS || !phases.empty();",
        "return !phases.empty();",
    ),
)
