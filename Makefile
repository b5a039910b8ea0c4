# Every command of the project. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export YIBAO_HOME ?= $(CURDIR)/.yibao
export DO_NOT_TRACK := 1

.PHONY: help setup run test test-full break-in recovery increments provinces benchmark check format sources lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.ready: requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" VENV="$(VENV)" ./scripts/setup
	@touch $@

setup: $(VENV)/.ready ## create .venv from requirements.lock (uv if there, else pip)

run: setup ## load the published data, build, release and serve it (8501 pages, 3000 Dagster)
	@$(BIN)/yibao run
	@exec $(BIN)/yibao serve

test: setup ## the tests; needs no system package
	@$(BIN)/pytest -m "not system" $(ARGS)

test-full: setup ## the tests with PostgreSQL, Chromium and Chinese fonts (installs Debian packages)
	@./scripts/system-packages
	@$(BIN)/pytest $(ARGS)

break-in: setup ## every attack of tests/security: statements, resources, files, accounts, pages
	@YIBAO_BREAK_IN=every $(BIN)/pytest tests/security $(ARGS)

recovery: setup ## kill steps at 100 random moments and 50 of loads, 20 readers beside 10 builds; prints a report (an hour)
	@mkdir -p $(YIBAO_HOME) && rm -f $(YIBAO_HOME)/recovery.jsonl
	@YIBAO_KILLS=50 $(BIN)/pytest --dist load tests/ingest/test_kill.py $(ARGS)
	@YIBAO_REPORT=$(YIBAO_HOME)/recovery.jsonl YIBAO_KILLS=100 \
		YIBAO_READERS=20 YIBAO_QUERIES=1000 YIBAO_PAUSE=0.3 YIBAO_RELEASES=10 YIBAO_BUILDS=10 \
		$(BIN)/pytest --dist load tests/recovery $(ARGS)
	@$(BIN)/python tests/recovery/report.py $(YIBAO_HOME)/recovery.jsonl

increments: setup ## late changes of every column that a model reads: increments against builds from nothing (half an hour)
	@YIBAO_INCREMENTS=every $(BIN)/pytest tests/golden/test_increments.py tests/golden/test_second_rows.py $(ARGS)

provinces: setup ## 13 synthetic provinces, each loaded, built, released and read by both DuckDB minors; a table (hours)
	@./scripts/older-duckdb $(YIBAO_HOME)/older-duckdb
	@$(BIN)/python tests/acceptance/provinces.py $(YIBAO_HOME)/provinces --older $(YIBAO_HOME)/older-duckdb $(ARGS)

benchmark: setup ## speed of loading and building, against a baseline in the same run
	@cd benchmarks && ../$(BIN)/python load_settlements.py --rows 1000000 $(ARGS)
	@cd benchmarks && ../$(BIN)/python build_marts.py --settlements 1000000 $(ARGS)

check: setup ## lint, types, SQL lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint -q dbt_project/models
	@$(BIN)/sqlfluff lint -q --config dashboards/queries/placeholder.cfg dashboards/queries

format: setup ## put Python files into shape
	@$(BIN)/ruff check --fix -q .
	@$(BIN)/ruff format -q .

sources: setup ## write the dbt source YAML and docs/lacking-indicators.md anew
	@$(BIN)/python -m warehouse.source_yaml
	@$(BIN)/python -m warehouse.lacking_page

lock: ## write requirements.lock anew (hashes, no addresses); needs uv
	@uv lock -q
	@uv export -q --format requirements-txt --all-groups --no-emit-project --no-header > requirements.lock
	@rm -f uv.lock

clean: ## remove the environment and all state
	@[ ! -d .yibao ] || chmod -R u+w .yibao
	@rm -rf $(VENV) .yibao
