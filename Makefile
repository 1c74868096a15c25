# Needs only Python 3.11 or later and make; everything else goes into .venv.
#   make run     the batch over fixtures/articles, and a table of what was found
#   make test    lint, type check, tests
#   make bench   the pipeline's time as a ratio to bare spaCy

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --no-input
# A mirror with folders that do not exist makes pip warn once for each package; its other messages are shown.
PIP_MESSAGES := 2>$(VENV)/pip.log; status=$$?; grep -v 'is ignored: it is neither' $(VENV)/pip.log >&2; exit $$status
OUT ?= out
JOBS ?= 1
COMPILED := $(wildcard extractor/checks/*.py extractor/records/*.py extractor/rules/*.py) extractor/compiled.py
INSTALLING := installing into $(VENV) and compiling the rules (a few minutes)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help run test bench schemas format clean

help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/installed
	@rm -rf "$(OUT)"
	@$(BIN)/extractor batch fixtures/articles --out "$(OUT)" --jobs $(JOBS)
	@$(BIN)/extractor summary "$(OUT)" --record seed_retold_car_t

test: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: $(VENV)/installed
	$(BIN)/python benchmarks/throughput.py

schemas: $(VENV)/installed
	$(BIN)/extractor schema --out schemas

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf "$(VENV)" "$(OUT)"

# The stamps are renewed when pyproject.toml changes, so that new dependencies and entry points are installed, and when
# a rule changes, since the rules are compiled where there is a C compiler (EXTRACTOR_PURE=1 leaves that out).
$(VENV)/installed: pyproject.toml setup.py $(COMPILED) | $(VENV)/created
	@echo "$(INSTALLING)" >&2
	@$(PIP) --editable . $(PIP_MESSAGES)
	@touch $@

$(VENV)/installed-dev: pyproject.toml setup.py $(COMPILED) | $(VENV)/created
	@echo "$(INSTALLING)" >&2
	@$(PIP) --editable '.[dev]' $(PIP_MESSAGES)
	@touch $@ $(VENV)/installed

$(VENV)/created:
	@command -v $(PYTHON) >/dev/null || { \
		echo "make: $(PYTHON) not found; install Python 3.11 or later, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: $$($(PYTHON) --version 2>&1) is too old, 3.11 or later is needed; name one: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "make: no virtual environment; on Debian and Ubuntu install the package python3-venv" >&2; exit 1; }
	@touch $@
