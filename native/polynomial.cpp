// The binding of the angles' polynomials. The sizes of all arrays are checked here, what is in them by the Python caller.
#include "polynomial.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>

#include <optional>

namespace nb = nanobind;
using namespace ketwise;

namespace {

template <class S> using Vector = nb::ndarray<S, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class S> using Matrix = nb::ndarray<S, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class S> std::vector<S> copied(const Vector<const S>& array) {
    return {array.data(), array.data() + array.size()};
}

// Work, in monomials times samples, from which on other Python threads may run meanwhile.
constexpr std::size_t LONG = 1 << 14;

void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

void make(Polynomials* self, std::size_t n_features, std::size_t n_params, Vector<const int> first,
          Vector<const double> coefficient, Vector<const int> start, Vector<const int> factor) {
    new (self) Polynomials(n_features, n_params, copied(first), copied(coefficient), copied(start), copied(factor));
}

Given given(const Polynomials& p, int kind, const Matrix<const double>& array, std::size_t batch, const char* what) {
    const std::size_t rows = array.shape(0);
    require(array.shape(1) == p.size(kind) && (rows == 1 || rows == batch || !p.size(kind)), what);
    return {array.data(), rows};
}

void check_columns(const Polynomials& p, const Vector<const int>& column, std::size_t n_rows) {
    require(column.size() == p.n_angles(), "column has the wrong size");
    for (std::size_t a = 0; a < p.n_angles(); ++a)
        require(column.data()[a] < 0 || std::size_t(column.data()[a]) < n_rows, "an angle has no column");
}

std::int64_t values(const Polynomials& p, Matrix<const double> features, Matrix<const double> params,
                    Vector<const int> column, Vector<double> shared, Matrix<double> rows) {
    const std::size_t batch = rows.shape(0), n_rows = rows.shape(1);
    const Given inputs[2] = {given(p, 0, features, batch, "features have the wrong shape"),
                             given(p, 1, params, batch, "params have the wrong shape")};
    check_columns(p, column, n_rows);
    require(shared.size() == p.n_angles(), "shared has the wrong size");
    std::optional<nb::gil_scoped_release> release;
    if (p.n_monomials() * batch > LONG) release.emplace();
    return p.values(batch, inputs, column.data(), n_rows, shared.data(), rows.data());
}

Into into(const Polynomials& p, int kind, const std::optional<Matrix<double>>& array, std::size_t batch, const char* what) {
    if (!array) return {nullptr, 0};
    const std::size_t rows = array->shape(0);
    require(array->shape(1) == p.size(kind) && (rows == 1 || rows == batch || !p.size(kind)), what);
    return {array->data(), rows};
}

void pull_back(const Polynomials& p, std::optional<Vector<const double>> d_shared, Matrix<const double> d_rows,
               Vector<const int> column, Matrix<const double> features, Matrix<const double> params,
               std::optional<Matrix<double>> d_features, std::optional<Matrix<double>> d_params) {
    const std::size_t batch = d_rows.shape(0), n_rows = d_rows.shape(1);
    const Given inputs[2] = {given(p, 0, features, batch, "features have the wrong shape"),
                             given(p, 1, params, batch, "params have the wrong shape")};
    const Into targets[2] = {into(p, 0, d_features, batch, "d_features has the wrong shape"),
                             into(p, 1, d_params, batch, "d_params has the wrong shape")};
    check_columns(p, column, n_rows);
    require(!d_shared || d_shared->size() == p.n_angles(), "d_shared has the wrong size");
    std::optional<nb::gil_scoped_release> release;
    if (p.n_monomials() * batch > LONG) release.emplace();
    p.pull_back(batch, inputs, column.data(), n_rows, d_shared ? d_shared->data() : nullptr, d_rows.data(), targets);
}

}  // namespace

void bind_polynomials(nb::module_& m) {
    nb::class_<Polynomials>(m, "Polynomials")
        .def("__init__", &make, nb::arg("n_features"), nb::arg("n_params"), nb::arg("first"), nb::arg("coefficient"),
             nb::arg("start"), nb::arg("factor"))
        .def("values", &values, nb::arg("features"), nb::arg("params"), nb::arg("column"), nb::arg("shared").noconvert(),
             nb::arg("rows").noconvert(),
             "Fill `shared` and `rows`; return sample * n_angles + angle of the first that is not finite, or -1.")
        .def("pull_back", &pull_back, nb::arg("d_shared").none(), nb::arg("d_rows"), nb::arg("column"),
             nb::arg("features"), nb::arg("params"), nb::arg("d_features").none().noconvert(),
             nb::arg("d_params").none().noconvert(), "Add derivatives by the symbols to `d_features` and `d_params`.");
}
