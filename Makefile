# Verbs of the project. `make help` lists them. Everything is built and run inside .venv.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
RUST_SOURCES := $(shell find src rules -type f) build.rs .cargo/config.toml Cargo.toml Cargo.lock pyproject.toml
export SHAREDSAVINGS_DATA ?= $(abspath ../shared/data)
# The interpreter that cargo builds for is the one of the environment.
export PYO3_PYTHON ?= $(abspath $(BIN)/python)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-python lint bench wheel notebooks docs clean

help: ## list these verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMPS)/venv: requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -r requirements/dev.txt
	@mkdir -p $(STAMPS) && touch $@

# The release build with debug checks off; editable, so that Python changes need no build.
$(STAMPS)/build: $(STAMPS)/venv $(RUST_SOURCES)
	$(BIN)/maturin develop --release --locked
	@mkdir -p $(STAMPS) && touch $@

demo: $(STAMPS)/build ## build, and run the main job on a sample (PUF=file reconciles a CMS file too)
	$(BIN)/sharedsavings demo $(if $(PUF),--puf "$(PUF)")

test: test-rust test-python ## build and run every test

test-rust: $(STAMPS)/venv
	cargo test --locked --no-default-features
	cargo test --locked

test-python: $(STAMPS)/build
	$(BIN)/python -m pytest -n 2 --nbmake tests notebooks

lint: $(STAMPS)/build ## formatters, linters, types, stubs against the built module
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --no-default-features -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest sharedsavings._core --ignore-missing-stub

bench: $(STAMPS)/build $(STAMPS)/bench ## speed against peers; writes docs/performance.md with WRITE=1
	$(BIN)/python -m benches $(if $(WRITE),--write docs/performance.md)

$(STAMPS)/bench: $(STAMPS)/venv requirements/bench.txt
	$(BIN)/python -m pip install -q -r requirements/bench.txt
	@touch $@

wheel: $(STAMPS)/venv ## one abi3 wheel in dist/
	$(BIN)/maturin build --release --locked --out dist

notebooks: $(STAMPS)/build ## run every notebook and keep its outputs
	$(BIN)/jupyter execute --inplace notebooks/*.ipynb

docs: $(STAMPS)/build ## check the examples in README and docstrings
	$(BIN)/python -m pytest -q tests/test_docs.py
	cargo doc --locked --no-deps --no-default-features

clean: ## remove what was built
	rm -rf $(VENV) target dist .pytest_cache .mypy_cache .ruff_cache
