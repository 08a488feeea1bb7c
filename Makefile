# Simpul. `make` prints this help.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := >=0.13,<0.14
RUNS := $(VENV)/.runs
DEVELOPS := $(VENV)/.develops

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types contracts translations soak bench bench-full clean

help: ## this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNS) ## load the demonstration regency and serve it on http://127.0.0.1:8000
	$(BIN)/simpul demo

test: $(DEVELOPS) ## the whole test suite; says what it skipped and why
	$(BIN)/pytest -n 2 --dist loadfile -m "not soak"

check: $(DEVELOPS) ## all that CI runs: lock, format, lint, types, contracts, translations, tests
	$(UV) lock --check
	$(MAKE) --no-print-directory lint types contracts translations test

lint: $(DEVELOPS) ## format and lint, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(DEVELOPS) ## mypy, strict
	$(BIN)/mypy

contracts: $(DEVELOPS) ## the rooms and storeys, by import-linter
	$(BIN)/lint-imports

translations: $(DEVELOPS) ## Indonesian and English are complete
	$(BIN)/pytest -q tests/hub/web/test_translations.py

soak: $(DEVELOPS) ## kills, power cuts, long runs, a million generated rows
	$(BIN)/pytest -m soak

bench: $(DEVELOPS) ## every figure of docs/reference/figures.md, in under ten minutes
	$(BIN)/python -m bench

bench-full: $(DEVELOPS) ## the same at full size
	$(BIN)/python -m bench --full

clean: ## remove what make made
	rm -rf $(VENV) .simpul .simpul-instansi .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Simpul needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv$(UV_VERSION)"

# What the hub needs to run; leaves alone what is installed for developing.
$(RUNS): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --quiet --no-dev --inexact --compile-bytecode
	@touch $@

$(DEVELOPS): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --quiet --compile-bytecode
	@touch $@ $(RUNS)
