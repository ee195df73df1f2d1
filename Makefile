# The same commands for people and for CI. `make` alone lists them.
UV_VERSION := 0.13.9
PYTHON ?= python3
TOOLS := .tools
UV := $(TOOLS)/bin/uv
RUN := .venv/bin

# Python may keep what it has compiled: each job starts several processes.
unexport PYTHONDONTWRITEBYTECODE
export MELTANO_SEND_ANONYMOUS_USAGE_STATS = false
export MELTANO_CLI_DISABLE_VERSION_CHECK = 1

N ?= 1000
SEED ?= 1
LIFE ?= orders goods

.PHONY: help setup demo test check lint types campaign bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11, 3.12 or 3.13 is needed, this is " + sys.version.split()[0] + "; set PYTHON=python3.12, for example") if not (3, 11) <= sys.version_info[:2] <= (3, 13) else 0'
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

setup: $(UV) ## the environment .venv, exactly as locked
	@$(UV) sync --quiet --frozen --all-packages --compile-bytecode --python $(PYTHON)
	@$(RUN)/python -m compileall -q clients/*/src */src

demo: setup ## sandbox, every pipeline through Meltano, the books of both sides
	@$(RUN)/python -m demo

test: setup check ## lint, formatting, types and all tests
	@$(RUN)/pytest -n 3 --dist worksteal -q

check: setup lint types

lint: setup ## ruff
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .

types: setup ## mypy, strict
	@$(RUN)/mypy

campaign: setup ## a long fault campaign: make campaign N=10000 SEED=1 LIFE=orders (or goods; both when not said)
	@for life in $(LIFE); do $(RUN)/python -m tests.campaign --life $$life --runs $(N) --seed $(SEED) || exit 1; done

bench: setup ## the figures, as a table and in benchmarks/latest.json
	@$(RUN)/python -m benchmarks

clean: ## everything that was made here
	rm -rf $(TOOLS) .venv .demo .meltano
