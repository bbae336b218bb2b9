// The binding: a compiled circuit with its outputs, and one call that runs it forward, backward or both.
// Values are checked by the Python caller; sizes and indices are checked here as well, so that nothing leaves its array.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdlib>
#include <memory>

#include "cost.hpp"
#include "engine.hpp"
#include "gram.hpp"
#include "peak.hpp"

namespace nb = nanobind;
using namespace ketwise;

namespace {

template <class S> using Array = nb::ndarray<S, nb::c_contig, nb::device::cpu>;
template <class S> using Maybe = std::optional<Array<S>>;

template <class S> S* data(const Maybe<S>& array, u64 size, const char* name) {
    if (!array) return nullptr;
    if (array->size() != size) throw std::invalid_argument(std::string(name) + " has the wrong size");
    return array->data();
}

struct Compiled {
    Plan plan;
    Outputs outputs;
    int n_angles;
};

void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

Operation operation(nb::handle item, int n_qubits, int n_angles) {
    const nb::tuple t = nb::cast<nb::tuple>(item);
    Operation op;
    op.kind = Operation::Kind(nb::cast<int>(t[0]));
    require(op.kind >= Operation::ROTATION && op.kind <= Operation::PERMUTATION, "an operation has no such kind");
    op.x = nb::cast<u64>(t[1]);
    op.z = nb::cast<u64>(t[2]);
    op.angle = nb::cast<int>(t[3]);
    op.qubits = nb::cast<std::vector<int>>(t[4]);
    op.controls = nb::cast<std::vector<std::pair<int, int>>>(t[5]);
    if (op.kind == Operation::PERMUTATION) {
        const auto table = nb::cast<Array<const std::int64_t>>(t[6]);
        op.table.assign(table.data(), table.data() + table.size());
        require(op.table.size() == u64(1) << op.qubits.size(), "a permutation has the wrong size");
        for (u64 to : op.table) require(to < op.table.size(), "a permutation leaves its range");
    } else if (op.kind != Operation::ROTATION) {
        const auto array = nb::cast<Array<const cdouble>>(t[6]);
        op.data.assign(array.data(), array.data() + array.size());
        const bool is_matrix = op.kind == Operation::MATRIX;
        require(!is_matrix || op.qubits.size() <= 5, "a matrix acts on more than 5 qubits");
        require(op.data.size() == u64(1) << op.qubits.size() * (is_matrix ? 2 : 1), "a gate has the wrong size");
    } else {
        require(op.angle >= 0 && op.angle < n_angles, "a rotation has no angle");
        require(((op.x | op.z) >> n_qubits) == 0, "a rotation leaves the circuit");
    }
    for (int q : op.qubits) require(q >= 0 && q < n_qubits, "a gate leaves the circuit");
    for (const auto& [q, v] : op.controls) require(q >= 0 && q < n_qubits && (v == 0 || v == 1), "a control is wrong");
    return op;
}

Compiled* compile(int n_qubits, nb::list operations, int n_angles, int kind, u64 count, nb::list terms,
                  std::vector<int> qubits, Maybe<const cdouble> targets) {
    if (n_qubits < 1 || n_qubits > 62) throw std::invalid_argument("n_qubits must be 1 to 62");
    std::vector<Operation> ops;
    for (nb::handle item : operations) ops.push_back(operation(item, n_qubits, n_angles));
    auto made = std::make_unique<Compiled>(Compiled{Plan(n_qubits, ops), Outputs{}, n_angles});
    Outputs& outputs = made->outputs;
    outputs.kind = Outputs::Kind(kind);
    outputs.count = count;
    for (nb::handle item : terms) {
        const nb::tuple t = nb::cast<nb::tuple>(item);
        const u64 x = nb::cast<u64>(t[0]), z = nb::cast<u64>(t[1]);
        require(((x | z) >> n_qubits) == 0 && nb::cast<u64>(t[3]) < count, "an observable leaves the circuit");
        Outputs::Term term{0, 0, __builtin_popcountll(x & z) % 4, 1.0, nb::cast<int>(t[3])};
        double sign;
        made->plan.word(x, z, term.x, term.z, sign);
        term.coefficient = sign * nb::cast<double>(t[2]);
        (term.x ? outputs.flipping : outputs.diagonal).push_back(term);
    }
    for (int q : qubits) outputs.bits.push_back(made->plan.value.at(q));
    if (targets) {
        require(targets->size() == count << n_qubits, "states have the wrong size");
        outputs.targets.assign(targets->data(), targets->data() + targets->size());
    }
    if (outputs.kind == Outputs::PROBABILITIES || (outputs.kind == Outputs::EXPECTATIONS && outputs.flipping.empty()))
        made->plan.drop_last_phases();
    require(outputs.kind != Outputs::PROBABILITIES || count == u64(1) << qubits.size(), "probabilities are wrong");
    return made.release();
}

template <class T>
void run(const Compiled& c, u64 batch, Array<const double> shared, Array<const double> rows, Array<const int> column,
         Maybe<const std::complex<T>> initial, Maybe<T> states, bool forward, Maybe<T> values, Maybe<const T> cotangent,
         Maybe<double> d_shared, Maybe<double> d_rows, Maybe<double> d_samples, Maybe<std::complex<T>> d_initial,
         Maybe<const unsigned char> wanted, int threads) {
    const u64 size = u64(1) << c.plan.n_qubits;
    const u64 numbers = batch * (c.outputs.kind == Outputs::STATE ? 2 * size : c.outputs.count);
    const u64 tiles = (batch + LANES<T> - 1) / LANES<T>;
    Call<T> call;
    call.batch = batch;
    call.n_angles = c.n_angles;
    call.n_rows = batch ? int(rows.size() / batch) : 0;
    if (shared.size() != u64(c.n_angles) || column.size() != u64(c.n_angles) || rows.size() != batch * call.n_rows)
        throw std::invalid_argument("angles have the wrong size");
    for (int a = 0; a < c.n_angles; ++a) require(column.data()[a] < call.n_rows || !batch, "an angle has no column");
    call.shared = shared.data();
    call.rows = rows.data();
    call.column = column.data();
    call.initial_batch = initial ? initial->size() / size : 0;
    if (initial && call.initial_batch != 1 && call.initial_batch != batch)
        throw std::invalid_argument("initial has the wrong size");
    call.initial = initial ? initial->data() : nullptr;
    call.states = data(states, tiles * size * 2 * LANES<T>, "states");
    call.forward = forward;
    call.values = data(values, numbers, "values");
    call.cotangent = data(cotangent, numbers, "cotangent");
    call.d_shared = data(d_shared, c.n_angles, "d_shared");
    call.d_rows = data(d_rows, batch * call.n_rows, "d_rows");
    call.d_samples = data(d_samples, batch * c.n_angles, "d_samples");
    call.d_initial = data(d_initial, batch * size, "d_initial");
    call.wanted = data(wanted, c.n_angles, "wanted");
    call.threads = threads;
    if (forward ? !call.values : !call.states) throw std::invalid_argument("values or states are missing");
    nb::gil_scoped_release release;
    if (batch) run_tiles(c.plan, c.outputs, call);
}

// Of every pass: kind, operations merged, and for a sample vector operations and bytes, forward and in reverse.
template <class T> nb::list costs(const Compiled& c, bool kept) {
    nb::list out;
    for (const Pass& pass : c.plan.passes) {
        const Cost cost = cost_of<T>(pass, c.plan.n_qubits, kept);
        out.append(nb::make_tuple(cost.kind, cost.merged, cost.forward, cost.backward, cost.bytes_forward,
                                  cost.bytes_backward));
    }
    return out;
}

// What the memory of a call depends on: the states that may be kept, the passes of shared phases, rows of tables of those
// that differ from sample to sample, whether some of these have none, and whether their derivatives differ.
nb::tuple profile(const Compiled& c, Array<const int> column, bool by_sample) {
    require(column.size() == u64(c.n_angles), "angles have the wrong size");
    const std::size_t kept = each_slot(c.plan, [](std::size_t, std::size_t, std::size_t) {});
    const TableRows rows(c.plan, column.data());
    std::size_t phases = 0;
    bool lane_phases = false, lane_overlaps = false;
    for (const Pass& pass : c.plan.passes) {
        const bool differs = phases_differ(pass, column.data());
        phases += pass.has_factors() && !differs;
        lane_phases |= differs && pass.tables.count == 0;
        lane_overlaps |= differs || (by_sample && !pass.phases.empty());
    }
    return nb::make_tuple(kept, phases, rows.held(), rows.most, lane_phases, lane_overlaps);
}

template <class T>
void fidelities(Array<const std::complex<T>> left, Maybe<const std::complex<T>> right, Array<double> out, int threads) {
    require(left.ndim() == 2 && (!right || right->ndim() == 2), "states must have two axes");
    const u64 n_left = left.shape(0), length = left.shape(1), n_right = right ? right->shape(0) : n_left;
    require(!right || right->shape(1) == length, "states must be of the same length");
    require(out.size() == n_left * n_right, "out has the wrong size");
    Gram<T> gram(left.data(), n_left, right ? right->data() : nullptr, n_right, length, out.data());
    nb::gil_scoped_release release;
    gram.run(threads);
}

bool supported(const std::string& isa) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    // What the build's flags for these modules let the compiler use, not only what gives them their names.
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (isa == "avx2") return avx2;
    if (isa == "avx512")
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
#endif
    return isa == "baseline";
}

// glibc gives the top of the heap back when it is freed, and the next call faults it in again, page by page: a quarter of
// the time of a call with some hundred kilobytes of arrays. Once it has seen a larger block freed it keeps as much. The
// block is never touched, and takes no memory.
void keep_the_heap() {
    void* volatile block = std::malloc(2 * KEPT_BYTES);
    std::free(block);
}

}  // namespace

void bind_polynomials(nb::module_&);  // polynomial.cpp

NB_MODULE(KETWISE_MODULE, m) {
    bind_polynomials(m);
    keep_the_heap();
    // What host libraries still hold when the interpreter ends is no leak.
    nb::set_leak_warnings(false);
    m.attr("isa") = KETWISE_ISA_NAME;
    m.attr("most_tabled") = MOST_TABLED;
    m.attr("fidelity_bytes") = Gram<double>::ROOM_BYTES;
    m.attr("kept_bytes") = KEPT_BYTES;
    m.def("fidelities32", &fidelities<float>, nb::arg("left"), nb::arg("right").none(), nb::arg("out").noconvert(),
          nb::arg("threads"));
    m.def("fidelities64", &fidelities<double>, nb::arg("left"), nb::arg("right").none(), nb::arg("out").noconvert(),
          nb::arg("threads"));
    m.def("peak32", &peak<float>, nb::call_guard<nb::gil_scoped_release>(), "Vector operations a second of one thread.");
    m.def("peak64", &peak<double>, nb::call_guard<nb::gil_scoped_release>(), "Vector operations a second of one thread.");
    m.def("supported", &supported, nb::arg("isa"), "Whether this processor runs the module of that name.");
    nb::class_<Compiled>(m, "Compiled")
        .def("costs32", &costs<float>, nb::arg("kept"))
        .def("costs64", &costs<double>, nb::arg("kept"))
        .def("profile", &profile, nb::arg("column"), nb::arg("by_sample"))
        .def("run32", &run<float>, nb::arg("batch"), nb::arg("shared"), nb::arg("rows"), nb::arg("column"),
             nb::arg("initial").none(), nb::arg("states").none().noconvert(), nb::arg("forward"), nb::arg("values").none().noconvert(),
             nb::arg("cotangent").none(), nb::arg("d_shared").none().noconvert(), nb::arg("d_rows").none().noconvert(),
             nb::arg("d_samples").none().noconvert(), nb::arg("d_initial").none().noconvert(),
             nb::arg("wanted").none(), nb::arg("threads"))
        .def("run64", &run<double>, nb::arg("batch"), nb::arg("shared"), nb::arg("rows"), nb::arg("column"),
             nb::arg("initial").none(), nb::arg("states").none().noconvert(), nb::arg("forward"), nb::arg("values").none().noconvert(),
             nb::arg("cotangent").none(), nb::arg("d_shared").none().noconvert(), nb::arg("d_rows").none().noconvert(),
             nb::arg("d_samples").none().noconvert(), nb::arg("d_initial").none().noconvert(),
             nb::arg("wanted").none(), nb::arg("threads"));
    m.def("compile", &compile, nb::arg("n_qubits"), nb::arg("operations"), nb::arg("n_angles"), nb::arg("kind"),
          nb::arg("count"), nb::arg("terms"), nb::arg("qubits"), nb::arg("targets").none(),
          nb::rv_policy::take_ownership);
}
