// Angles as polynomials in one vector of symbols [features | params]: their values, and the chain rule back.
//
// Samples go through in blocks: a symbol is then a row with one sample a lane, and a factor of a monomial one multiplication
// of rows. A lane's arithmetic does not depend on the others, and sums over samples are made block by block in one order.
// Every product and every sum is rounded by itself (the source is compiled without contraction), so that an angle has the
// same bits shared or in a row, and whatever the instruction set.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace ketwise {

// Values of one kind of symbol, (n_rows, size): one row for all samples, or one a sample.
struct Given {
    const double* values;
    std::size_t n_rows;
};

// Where derivatives by one kind of symbol are added, (n_rows, size): a row a sample, or one for their sum; or nowhere.
struct Into {
    double* values;
    std::size_t n_rows;
};

class Polynomials {
public:
    static constexpr std::int64_t ALL_FINITE = -1;

    // Angle a is the sum of the monomials first[a] .. first[a + 1]; monomial m is coefficient[m] times the symbols
    // factor[start[m]] .. factor[start[m + 1]]. The features are the symbols below n_features.
    Polynomials(std::size_t n_features, std::size_t n_params, std::vector<int> first, std::vector<double> coefficient,
                std::vector<int> start, std::vector<int> factor)
        : sizes_{n_features, n_params},
          first_(std::move(first)),
          start_(std::move(start)),
          factor_(std::move(factor)),
          coefficient_(std::move(coefficient)) {
        const auto steps = [](const std::vector<int>& ends, std::size_t size) {
            bool fine = !ends.empty() && ends.front() == 0 && std::size_t(ends.back()) == size;
            for (std::size_t k = 1; k < ends.size(); ++k) fine = fine && ends[k - 1] <= ends[k];
            return fine;
        };
        bool fine = steps(first_, coefficient_.size()) && steps(start_, factor_.size()) &&
                    start_.size() == coefficient_.size() + 1;
        for (int symbol : factor_) fine = fine && symbol >= 0 && std::size_t(symbol) < n_symbols();
        if (!fine) throw std::invalid_argument("the polynomials' arrays do not fit together");
    }

    std::size_t n_angles() const { return first_.size() - 1; }
    std::size_t n_monomials() const { return coefficient_.size(); }
    std::size_t size(int kind) const { return sizes_[kind]; }

    // Angles with a column go to rows (batch, n_rows), the others, evaluated on the first sample, to shared (n_angles).
    // Returns sample * n_angles + angle of the first value that is not finite, shared ones before others.
    std::int64_t values(std::size_t batch, const Given (&given)[2], const int* column, std::size_t n_rows,
                        double* shared, double* rows) const {
        Table table(n_symbols());
        load(table, given, 0, 1);
        for (std::size_t a = 0; a < n_angles(); ++a) {
            if (column[a] >= 0) continue;
            shared[a] = evaluate(a, table).lane[0];
            if (!std::isfinite(shared[a])) return std::int64_t(a);
        }
        for (std::size_t from = 0; n_rows && from < batch; from += BLOCK) {
            const std::size_t count = batch - from < BLOCK ? batch - from : BLOCK;
            load(table, given, from, count);
            Lanes zero{};  // stays zero while all is finite: infinity and NaN times 0 are NaN
            for (std::size_t a = 0; a < n_angles(); ++a) {
                if (column[a] < 0) continue;
                const Lanes value = evaluate(a, table);
                double* at = rows + from * n_rows + column[a];
                for (std::size_t l = 0; l < count; ++l) at[l * n_rows] = value.lane[l];
                for (std::size_t l = 0; l < BLOCK; ++l) zero.lane[l] += value.lane[l] * 0.0;
            }
            for (std::size_t l = 0; l < count; ++l)
                if (zero.lane[l] != 0.0) return first_bad(from + l, column, rows + (from + l) * n_rows);
        }
        return ALL_FINITE;
    }

    // Adds what derivatives by the angles mean for the symbols. Those in d_rows (batch, n_rows) belong to a sample; those
    // of shared angles, d_shared (n_angles), count once, where a kind has one row for the sum. Either may be null.
    void pull_back(std::size_t batch, const Given (&given)[2], const int* column, std::size_t n_rows,
                   const double* d_shared, const double* d_rows, const Into (&into)[2]) const {
        if (d_rows && n_rows) sweep(batch, given, into, [&](std::size_t a, std::size_t from, std::size_t count, Lanes& d) {
            if (column[a] < 0) return false;
            const double* at = d_rows + from * n_rows + column[a];
            for (std::size_t l = 0; l < count; ++l) d.lane[l] = at[l * n_rows];
            return true;
        });
        const auto once = [](const Into& kind) { return kind.n_rows == 1 ? kind : Into{nullptr, 0}; };
        if (d_shared) sweep(1, given, {once(into[0]), once(into[1])}, [&](std::size_t a, std::size_t, std::size_t, Lanes& d) {
            d.lane[0] = d_shared[a];
            return column[a] < 0;
        });
    }

private:
    static constexpr std::size_t BLOCK = 8;  // samples: 64 bytes of doubles

    struct alignas(64) Lanes {
        double lane[BLOCK];
    };
    using Table = std::vector<Lanes>;  // a row a symbol

    std::size_t sizes_[2];
    std::vector<int> first_, start_, factor_;
    std::vector<double> coefficient_;

    std::size_t n_symbols() const { return sizes_[0] + sizes_[1]; }

    // Samples from .. from + count of both kinds of symbols; the lanes beyond are zero.
    void load(Table& table, const Given (&given)[2], std::size_t from, std::size_t count) const {
        Lanes* row = table.data();
        for (int kind = 0; kind < 2; ++kind) {
            const std::size_t size = sizes_[kind];
            const bool one = given[kind].n_rows == 1;
            const double* at = given[kind].values + (one ? 0 : from * size);
            if ((one && from) || !given[kind].n_rows) {  // loaded with the first block, or no sample at all
                row += size;
                continue;
            }
            for (std::size_t s = 0; s < size; ++s, ++row)
                for (std::size_t l = 0; l < BLOCK; ++l)
                    row->lane[l] = one ? at[s] : l < count ? at[l * size + s] : 0.0;
        }
    }

    Lanes evaluate(std::size_t angle, const Table& table) const {
        Lanes total{};
        for (int m = first_[angle]; m < first_[angle + 1]; ++m) {
            Lanes product;
            for (double& value : product.lane) value = coefficient_[m];
            for (int f = start_[m]; f < start_[m + 1]; ++f) multiply(product, table[factor_[f]]);
            add(total, product);
        }
        return total;
    }

    std::int64_t first_bad(std::size_t sample, const int* column, const double* row) const {
        std::size_t a = 0;
        while (column[a] < 0 || std::isfinite(row[column[a]])) ++a;
        return std::int64_t(sample * n_angles() + a);
    }

    static void multiply(Lanes& into, const Lanes& by) {
        for (std::size_t l = 0; l < BLOCK; ++l) into.lane[l] *= by.lane[l];
    }

    static void add(Lanes& into, const Lanes& what) {
        for (std::size_t l = 0; l < BLOCK; ++l) into.lane[l] += what.lane[l];
    }

    // `derivative(angle, from, count, lanes)` says whether the angle takes part, and fills the lanes that are in use.
    template <class Derivative>
    void sweep(std::size_t batch, const Given (&given)[2], const Into (&into)[2], Derivative derivative) const {
        Table table(n_symbols()), sums(n_symbols());
        for (std::size_t from = 0; from < batch; from += BLOCK) {
            const std::size_t count = batch - from < BLOCK ? batch - from : BLOCK;
            load(table, given, from, count);
            for (std::size_t a = 0; a < n_angles(); ++a) {
                Lanes d{};
                if (derivative(a, from, count, d)) add_derivatives(a, d, table, into, sums);
            }
            store(sums, into, from, count, from + count == batch);
        }
    }

    void add_derivatives(std::size_t angle, const Lanes& d, const Table& table, const Into (&into)[2], Table& sums) const {
        for (int m = first_[angle]; m < first_[angle + 1]; ++m) {
            Lanes weight = d;
            for (double& value : weight.lane) value *= coefficient_[m];
            for (int f = start_[m]; f < start_[m + 1]; ++f) {
                if (!into[std::size_t(factor_[f]) >= sizes_[0]].values) continue;
                Lanes part = weight;
                for (int other = start_[m]; other < start_[m + 1]; ++other)
                    if (other != f) multiply(part, table[factor_[other]]);
                add(sums[factor_[f]], part);
            }
        }
    }

    // Rows of samples are written block by block; a sum over samples stays in its lanes until the last block.
    void store(Table& sums, const Into (&into)[2], std::size_t from, std::size_t count, bool last) const {
        Lanes* row = sums.data();
        for (int kind = 0; kind < 2; ++kind) {
            const std::size_t size = sizes_[kind];
            const bool summed = into[kind].n_rows == 1;
            for (std::size_t s = 0; s < size; ++s, ++row) {
                if (!into[kind].values || (summed && !last)) continue;
                if (summed)
                    for (double value : row->lane) into[kind].values[s] += value;
                else
                    for (std::size_t l = 0; l < count; ++l) into[kind].values[(from + l) * size + s] += row->lane[l];
                *row = Lanes{};
            }
        }
    }
};

}  // namespace ketwise
