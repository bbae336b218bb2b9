"""Faults in `polynomial.hpp`: values of angles and the chain rule back."""

from tests.native.faults.fault import Fault

FAULTS = (
    Fault(
        "polynomials: symbols that all samples share are not loaded",
        "polynomial.hpp",
        "if ((one && from) ||",
        "if ((one && !from && size > 3) ||",
    ),
    Fault(
        "polynomials: a sample has the symbols of the one before it",
        "polynomial.hpp",
        "row->lane[l] = one ? at[s] : l < count ? at[l * size + s] : 0.0;",
        "row->lane[l] = one ? at[s] : l < count ? at[(l ? l - 1 : 0) * size + s] : 0.0;",
    ),
    Fault(
        "polynomials: all monomials of an angle have the coefficient of its first",
        "polynomial.hpp",
        "for (double& value : product.lane) value = coefficient_[m];",
        "for (double& value : product.lane) value = coefficient_[first_[angle]];",
    ),
    Fault(
        "polynomials: only the last angle is asked whether it is finite",
        "polynomial.hpp",
        "zero.lane[l] += value.lane[l] * 0.0;",
        "zero.lane[l] = value.lane[l] * 0.0;",
    ),
    Fault(
        "polynomials: derivatives of shared angles go to every sample too",
        "polynomial.hpp",
        "return kind.n_rows == 1 ? kind : Into{nullptr, 0};",
        "return kind;",
    ),
    Fault(
        "polynomials: a symbol that occurs twice loses its power",
        "polynomial.hpp",
        "if (other != f) multiply(part, table[factor_[other]]);",
        "if (factor_[other] != factor_[f]) multiply(part, table[factor_[other]]);",
    ),
    Fault(
        "polynomials: derivatives of a block are counted in the next one too",
        "polynomial.hpp",
        "*row = Lanes{};",
        "",
    ),
    Fault(
        "polynomials: only the first sample of a block adds to a sum",
        "polynomial.hpp",
        "for (double value : row->lane) into[kind].values[s] += value;",
        "into[kind].values[s] += row->lane[0];",
    ),
    Fault(
        "polynomials: derivatives by features go where those by params are asked for",
        "polynomial.hpp",
        "if (!into[std::size_t(factor_[f]) >= sizes_[0]].values) continue;",
        "if (!into[0].values) continue;",
    ),
    Fault(
        "polynomials: a sum is written once a block, of the last block only",
        "polynomial.hpp",
        "if (!into[kind].values || (summed && !last)) continue;",
        """if (!into[kind].values) continue;
                if (summed && !last) { *row = Lanes{}; continue; }""",
    ),
)
