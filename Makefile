# Everything lives in .venv, inside this folder. `make help` lists the targets.
# What a machine must have is checked where it is first needed; the message names the apt package.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := pyproject.toml CMakeLists.txt $(wildcard native/*)
PEERS := qulacs pennylane deepquantum torchquantum jax tensorcircuit qiskit aer

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv install install-test demo test test-long test-foreign lint sanitize mutants wheel calibrate bench bench-full bench-peers clean

help:
	@echo "make demo         install, then write a verdict on a real data set to build/verdict.html"
	@echo "make test         ruff, mypy and the tests"
	@echo "make test-long    the tests that take minutes (a wheel in an empty environment, ...)"
	@echo "make test-foreign the tests of qiskit-machine-learning, from the registry, on our primitives and on Qiskit's; minutes"
	@echo "make sanitize     the engine's tests under the address and undefined-behaviour sanitizers; ten minutes"
	@echo "make mutants      deliberate faults in native/, and whether the tests find them; goes on where it was cut off"
	@echo "make install      .venv with ketwise, editable; again after a change in native/"
	@echo "make install-test the same with what the tests need"
	@echo "make wheel        dist/ketwise-*.whl"
	@echo "make calibrate    does the verdict keep its promises? 500 null problems, known wins; about ten minutes"
	@echo "make bench        speed against the peers that are installed, in some minutes"
	@echo "make bench-full   the same with every size, and with peers that compile for minutes: hours"
	@echo "make bench-peers  install the peers, each in .venv-peers/NAME"
	@echo "make clean        remove what was built, and .venv"

venv: $(VENV)/.made
install: $(VENV)/.installed
install-test: $(VENV)/.installed-test

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: sudo apt install python3 python3-venv python3-dev"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ketwise needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -V): sudo apt install python3.11 python3.11-venv python3.11-dev, then make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# With a compiler at hand a failed build is an error. Without one the NumPy engine is used, that is said
# each time, and the stamp is not set, so that the next make after installing a compiler builds the native one.
$(VENV)/.installed: $(VENV)/.made $(SOURCES)
	$(PIP) install --quiet "pip>=24"
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > $(VENV)/build-requires.txt
	@command -v cmake >/dev/null || echo "cmake>=3.18" >> $(VENV)/build-requires.txt
	@command -v ninja >/dev/null || command -v make >/dev/null || echo "ninja" >> $(VENV)/build-requires.txt
	$(PIP) install --quiet -r $(VENV)/build-requires.txt
	@missing=; \
	command -v "$${CXX:-c++}" >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || missing="a C++ compiler (sudo apt install g++)"; \
	$(BIN)/python -c 'import os, sysconfig; raise SystemExit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' || missing="$${missing:+$$missing and }Python's headers (sudo apt install python3-dev)"; \
	if [ -z "$$missing" ]; then export KETWISE_REQUIRE_NATIVE=1; fi; \
	echo "Installing ketwise and what it needs into $(VENV)"; \
	$(PIP) install --quiet --no-build-isolation --editable . || { echo "$${missing:+This machine lacks $$missing.}"; exit 1; }; \
	if [ -z "$$missing" ]; then touch $@; else \
	  echo "############################################################################################"; \
	  echo "# NO NATIVE ENGINE: this machine lacks $$missing."; \
	  echo "# ketwise was installed with its NumPy engine: the same results, but far slower."; \
	  echo "# Install what is missing, then: make install"; \
	  echo "############################################################################################"; \
	fi

$(VENV)/.installed-test: $(VENV)/.installed
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["test"], sep="\n")' > $(VENV)/test-requires.txt
	$(PIP) install --quiet -r $(VENV)/test-requires.txt
	@touch $@

demo: $(VENV)/.installed
	@mkdir -p build
	@$(BIN)/ketwise verdict breast_cancer --repeats 1 --out build/verdict.html
	@echo "Open it in a browser: $(CURDIR)/build/verdict.html"

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal

test-long: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m long

test-foreign: $(VENV)/.installed-test
	$(BIN)/python -m tests.interop.qiskit.foreign

# Both build copies of native/ under build/ with settings of their own; what is installed stays as it is.
sanitize: $(VENV)/.installed-test
	$(BIN)/python -m tests.native.sanitize

mutants: $(VENV)/.installed-test
	$(BIN)/python -m tests.native.mutants

wheel: $(VENV)/.made
	$(PIP) wheel --no-deps --wheel-dir dist .

calibrate: $(VENV)/.installed
	$(BIN)/python benchmarks/calibration.py --check

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/bench.py

bench-full: $(VENV)/.installed
	$(BIN)/python benchmarks/bench.py --full

bench-peers: $(PEERS:%=.venv-peers/%/.installed)

# A peer that cannot be installed is named here and listed as such by the benchmark. What stands in a bare-NAME.txt is
# installed without its dependencies: some that it declares are gigabytes, or of another decade, and are not used here.
.venv-peers/%/.installed: benchmarks/peers/requirements-%.txt
	@mkdir -p .venv-peers/$* && rm -f .venv-peers/$*/.failed
	@{ $(PYTHON) -m venv .venv-peers/$* \
	  && .venv-peers/$*/bin/python -m pip install --quiet --disable-pip-version-check -r $< \
	  && if [ -f benchmarks/peers/bare-$*.txt ]; then \
	    .venv-peers/$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/peers/bare-$*.txt; fi \
	  && touch $@ && echo "$*: installed"; } \
	  || { touch .venv-peers/$*/.failed; echo "$* could not be installed; the benchmark will list it as missing"; }

clean:
	rm -rf build dist .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis
