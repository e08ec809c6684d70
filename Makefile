# What a developer types. `make` alone says what there is; make PYTHON=python3.12 chooses the Python.
PYTHON ?= python3
TYPED := conf source_api streaming training lake.py airflow/dags tests
SETUP := .venv/.synced
UV = $(firstword $(wildcard .lake/tools/uv/bin/uv) uv)
# Spark starts its Python workers with the first python3 on PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# A user lands a page a minute (conf/settings/landing.env); the demo is in a hurry.
DEMO_SCHEDULE ?= every 10 seconds
DEMO_PAGES ?= 20
# What `make faults` does: how many kills, from which seed, and where its report goes.
KILLS ?= 60
SEED ?= 1
FAULTS_JSON ?= .lake/faults-$(SEED).json
# What `make bench` measures.
P ?= --help

.DEFAULT_GOAL := help
.PHONY: help setup demo down secrets up test faults bench compose-test compose-config vulnerabilities lint check format clean

help: ## Show this help
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: $(SETUP) ## Put Python packages, jars, Java and MinIO into the folder (once; nothing is written elsewhere)
	@.venv/bin/lake setup

$(SETUP): uv.lock pyproject.toml
	@$(PYTHON) conf/tools/bootstrap.py
	@touch $@

demo: $(SETUP) ## Start everything, land the whole dataset, train and register a model
	@LANDING_SCHEDULE="$(DEMO_SCHEDULE)" LANDING_PAGES_PER_RUN=$(DEMO_PAGES) .venv/bin/lake demo

down: ## Stop all that the demo started
	@if [ -x .venv/bin/lake ]; then .venv/bin/lake down; fi

secrets: ## For compose: put random secrets into .secrets, once
	@$(PYTHON) -m conf.first_start.secrets .secrets

up: secrets ## The same stack in containers: docker compose up -d --wait
	@CODE_COMMIT="$$(git describe --always --dirty --abbrev=40 '--exclude=*' 2>/dev/null)" docker compose up -d --wait

test: setup ## Run all tests, also those with Spark and with a stack of real services (up to 30 minutes)
	@.venv/bin/pytest -n 2 --dist loadfile tests/unit tests/spark
	@.venv/bin/pytest tests/stack
	@.venv/bin/pytest tests/faults

faults: setup ## Attack the query: kills, stops, lost answers, bad input (KILLS=60 SEED=1: more than an hour)
	@.venv/bin/python -m tests.faults --kills $(KILLS) --seed $(SEED) --json $(FAULTS_JSON)

bench: setup ## Measure one goal of docs/performance.md: make bench P=P1 (P1 to P6, P9, P10, P13, P14; slopes, endurance; P=plot for a table and pictures)
	@PYTHONPATH=airflow/dags .venv/bin/python -m tests.bench $(P)

compose-test: $(SETUP) ## Prove the compose stack on a Docker engine: build, start, load, kill, train (about 30 minutes)
	@.venv/bin/pytest -s -x tests/compose

compose-config: $(SETUP) ## Only let docker compose read its files
	@.venv/bin/pytest -q tests/compose/test_config.py

vulnerabilities: $(SETUP) ## Look the locked packages up in the advisory database; SECURITY.md judges what it finds
	@$(UV) export --quiet --frozen --all-groups --no-hashes --no-emit-project --output-file .lake/locked.txt
	@.venv/bin/pip-audit --disable-pip --no-deps --requirement .lake/locked.txt

lint: setup ## Lint, types and import contracts
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy $(TYPED)
	@.venv/bin/lint-imports

check: lint ## The same and the quick tests (a few minutes)
	@.venv/bin/pytest -q -n 2 --dist loadfile tests/unit

format: setup ## Format the code and repair what the linter can
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

clean: down ## Stop every stack in .lake and remove all that was made: environment, tools, state, secrets
	@if [ -x .venv/bin/lake ] && [ -d .lake ]; then \
	  find .lake \( -path .lake/tools -o -name state \) -prune -o -path '*/run/supervisord.conf' -print | while read -r file; do \
	    LAKE_HOME="$${file%/run/supervisord.conf}" .venv/bin/lake down || exit 1; done; fi
	rm -rf .venv .lake *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
