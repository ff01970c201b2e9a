# One word per task. Each sets up whatever it needs and is missing; repeated calls are quick.
#
#   make demo    a lesson with a synthetic teacher, links printed        make test   everything, browsers included
#   make setup   .venv (with `tandem`), the extension, the built pages   make check  what CI runs before the tests
#   make fmt lint analyze types room-histories job-kills bench soak soak-asan fuzz build lock clean native-tsan
#   make lesson-check log-damages kill-soak recorder-cost ladder-cost     recording: long lessons, damages, kills, costs

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
NPM := cd web_client && npm
FUZZ_SECONDS ?= 600
BENCH_RUNS ?= 5
PYTEST_ARGUMENTS ?=

# The wheel's test compiles what the extension compiled: once is enough, where ccache is installed.
export CMAKE_CXX_COMPILER_LAUNCHER = $(shell command -v ccache)
export CCACHE_DIR := $(CURDIR)/build/ccache
export PATH := $(CURDIR)/build/tools:$(CURDIR)/$(VENV)/bin:$(PATH)

PACKAGES := streaming signaling recording classroom_api
PYTHON_TREES := $(PACKAGES) load_tests scripts tests
CPP_SOURCES := $(shell find streaming/native load_tests/native -name CMakeFiles -prune -o -type f \( -name '*.cpp' -o -name '*.hpp' \) -print | sort)
# clang-tidy reads what the sanitizer build compiles: not the side that nanobind sees.
TIDY_SOURCES := $(filter streaming/native/src/%.cpp,$(filter-out %/module.cpp %/bindings_wire.cpp %/bindings_wire_control.cpp \
	%/bindings_wire_media.cpp,$(CPP_SOURCES)))
EXTENSION_SOURCES := pyproject.toml streaming/native/CMakeLists.txt $(filter streaming/native/src/%,$(CPP_SOURCES))
WEB_SOURCES := $(shell find web_client -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: setup demo test check fmt lint analyze types architecture native-tests native-tsan instructions fuzz fuzz-short web-tests \
	layer-switches catch-up-check room-histories lesson-check log-damages kill-soak recorder-cost ladder-cost job-kills bench soak soak-asan build lock clean \
	setup-tests

setup: $(VENV)/.extension web_client/dist/index.html

demo: setup
	$(BIN)/tandem demo $(DEMO_ARGUMENTS)

# --- set-up ---------------------------------------------------------------------------------------------------------

$(STAMPS)/system-%: scripts/setup-system
	@mkdir -p $(STAMPS)
	$(if $(SYSTEM_READY),true,scripts/setup-system $*)
	@touch $@

$(VENV)/.packages: requirements.lock | $(STAMPS)/system-build
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes --no-deps -r requirements.lock
	@touch $@

$(VENV)/.extension: $(EXTENSION_SOURCES) $(VENV)/.packages
	CMAKE_BUILD_PARALLEL_LEVEL=2 $(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

$(STAMPS)/node: scripts/setup-node | $(VENV)/.packages
	scripts/setup-node
	@mkdir -p $(STAMPS)
	@touch $@

web_client/node_modules/.package-lock.json: web_client/package-lock.json | $(STAMPS)/node
	$(NPM) ci --no-progress
	@touch $@

web_client/dist/index.html: $(WEB_SOURCES) web_client/node_modules/.package-lock.json
	$(NPM) run --silent build
	@touch $@

setup-tests: $(STAMPS)/system-tests setup

# --- checks ---------------------------------------------------------------------------------------------------------

check: lint types architecture

lint: setup-tests build/sanitize/build.ninja build/load_tests/build.ninja
	$(BIN)/ruff check $(PYTHON_TREES)
	$(BIN)/ruff format --check $(PYTHON_TREES)
	$(BIN)/lint-imports
	clang-format --dry-run -Werror $(CPP_SOURCES)
	scripts/tidy build/sanitize $(TIDY_SOURCES)
	scripts/tidy build/load_tests $(filter load_tests/%.cpp,$(CPP_SOURCES))

# What `lint` leaves out because it takes minutes.
analyze: setup-tests build/sanitize/build.ninja build/load_tests/build.ninja
	scripts/tidy --analyze build/sanitize $(TIDY_SOURCES)
	scripts/tidy --analyze build/load_tests $(filter load_tests/%.cpp,$(CPP_SOURCES))

types: setup
	$(BIN)/mypy
	$(NPM) run --silent check

architecture: setup
	$(BIN)/pytest tests/architecture -q

fmt: setup-tests
	$(BIN)/ruff check --fix-only --quiet $(PYTHON_TREES)
	$(BIN)/ruff format $(PYTHON_TREES)
	clang-format -i $(CPP_SOURCES)

# --- tests ----------------------------------------------------------------------------------------------------------

# Two at a time where nothing is measured; then, one by one, what needs the machine to itself.
test: setup-tests native-tests native-tsan instructions fuzz-short web-tests
	scripts/run-tests tests -m "not alone" --numprocesses 2 $(PYTEST_ARGUMENTS)
	scripts/run-tests tests -m alone $(PYTEST_ARGUMENTS)

build/sanitize/build.ninja: streaming/native/CMakeLists.txt | $(STAMPS)/system-tests
	cmake -S streaming/native -B build/sanitize -G Ninja -DCMAKE_BUILD_TYPE=Debug -DTANDEM_SANITIZE=ON -DTANDEM_TESTS=ON

build/load_tests/build.ninja: load_tests/native/CMakeLists.txt | $(STAMPS)/system-build
	cmake -S load_tests/native -B build/load_tests -G Ninja -DCMAKE_BUILD_TYPE=Release

native-tests: build/sanitize/build.ninja
	cmake --build build/sanitize --parallel 2
	ctest --test-dir build/sanitize --output-on-failure

instructions: setup-tests
	scripts/instructions

build/tsan/build.ninja: streaming/native/CMakeLists.txt | $(STAMPS)/system-tests
	cmake -S streaming/native -B build/tsan -G Ninja -DCMAKE_BUILD_TYPE=Debug -DTANDEM_TSAN=ON -DTANDEM_TESTS=ON

# What runs on several threads: the workers, their rings and queues.
native-tsan: build/tsan/build.ninja
	cmake --build build/tsan --parallel 2 --target native_thread_tests
	build/tsan/native_thread_tests

fuzz: setup-tests
	scripts/fuzz $(FUZZ_SECONDS)

fuzz-short: setup-tests
	scripts/fuzz 20

web-tests: setup
	$(NPM) run --silent test

# A hundred forced switches for each codec and kind of layer, where the tests make six for some.
layer-switches: setup-tests
	TANDEM_LAYER_SWITCHES=100 $(BIN)/pytest tests/e2e/test_layers_in_chromium.py -o log_cli=true -o log_cli_level=INFO

# A classroom is cut off for half a minute, where the tests cut for eight seconds; a viewer is followed for a minute.
catch-up-check: setup-tests
	TANDEM_CUT_S=30 $(BIN)/pytest tests/e2e/test_live_in_chromium.py -o log_cli=true -o log_cli_level=INFO

# The room lives through ten thousand random histories, where the tests live through a hundred.
HISTORIES ?= 10000
room-histories: setup
	TANDEM_HISTORIES=$(HISTORIES) $(BIN)/pytest tests/signaling/test_room_machine.py --timeout 0 -q

# A lesson of 45 minutes with everything that happens to lessons, produced in a fraction of that, and looked at.
lesson-check: setup
	$(BIN)/python -m tests.recording.lesson_check $(LESSON_ARGUMENTS)

# A thousand random damages of a log, where the tests make a hundred.
log-damages: setup
	TANDEM_DAMAGES=1000 $(BIN)/pytest tests/recording/test_damages.py --timeout 0 -q

# The server killed two hundred times while it records, where the tests kill it five times.
KILLS ?= 200
kill-soak: setup
	$(BIN)/python -m tests.e2e.kill_soak --kills $(KILLS)

# What recording costs the server, a lesson.
recorder-cost: setup
	$(BIN)/python -m tests.recording.recorder_cost

# What making a version costs, of a drawn camera or a film (LADDER_ARGUMENTS="--camera film.mp4").
ladder-cost: setup
	$(BIN)/python -m tests.recording.ladder_cost $(LADDER_ARGUMENTS)

# Job workers and their children are killed two hundred times, where the tests do it six times.
job-kills: setup
	TANDEM_JOB_KILLS=$(KILLS) $(BIN)/pytest tests/classroom_api/jobs/test_kills.py --timeout 0 -q

bench: setup
	$(BIN)/python -m load_tests.bench --runs $(BENCH_RUNS) $(BENCH_ARGUMENTS)

# Half a load for half an hour; a tenth of it for five minutes with the packet worker under sanitizers.
soak: setup
	$(BIN)/python -m load_tests.soak $(SOAK_ARGUMENTS)

soak-asan: setup
	scripts/sanitized-tandem --build
	$(BIN)/python -m load_tests.soak --subscribers 20 --minutes 5 --command scripts/sanitized-tandem $(SOAK_ARGUMENTS)

# --- distribution ---------------------------------------------------------------------------------------------------

build: setup
	CMAKE_BUILD_PARALLEL_LEVEL=2 $(BIN)/python -m build --wheel --no-isolation --outdir dist .

lock: $(VENV)/.packages
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --extra dev --extra speech --python-version 3.11 \
		pyproject.toml --output-file requirements.lock

clean:
	rm -rf build dist web_client/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(PYTHON_TREES) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
