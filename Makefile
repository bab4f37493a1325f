# Two commands are all that a fresh machine needs: `make build` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS = false

.DEFAULT_GOAL := help
.PHONY: help build publish test lint parse ci-build pytest example segment-diff benchmark docs clean mutants

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# compileall: dbt starts in half the time from compiled bytecode.
.venv/build.stamp: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing requirements.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m compileall -q .venv/lib > /dev/null || true
	@touch $@

.venv/test.stamp: requirements.txt requirements-dev.txt .venv/build.stamp
	@echo "Installing requirements-dev.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m compileall -q .venv/lib > /dev/null || true
	@touch $@

build: .venv/build.stamp ## Install what is needed and build build/warehouse.duckdb from the sample data
	@$(BIN)/python scripts/build.py

publish: .venv/build.stamp ## Publish the last build again, without building: published/segmentation.duckdb and segmentation_users.duckdb
	@$(BIN)/python scripts/publish.py

test: .venv/test.stamp ## Everything that CI checks
	@$(MAKE) --no-print-directory -j 2 lint parse ci-build
	@$(MAKE) --no-print-directory pytest

lint: .venv/test.stamp ## sqlfluff on every model and SQL test
	@echo "sqlfluff …"
	@$(BIN)/sqlfluff lint --disable-progress-bar models tests analyses

parse: .venv/test.stamp ## dbt parse, warnings are errors; the sample is what its generator writes
	@$(BIN)/dbt --quiet --warn-error parse --target ci --target-path build/parse-target
	@$(BIN)/python scripts/generate_sample.py --check

ci-build: .venv/test.stamp ## One fresh build in memory with all dbt tests, of the sample and of the example
	@echo "dbt build in memory …"
	@$(BIN)/dbt --quiet build --target ci --target-path build/ci-target
	@echo "dbt build of examples/ravenstack in memory …"
	@cd examples/ravenstack && ../../$(BIN)/dbt --quiet build --target ci --target-path ../../build/ci-example-target

pytest: .venv/test.stamp ## The tests that need whole builds: bad input, restarts, time zones, oracles
	@$(BIN)/python -m pytest -n 2 --dist loadfile

mutants: .venv/test.stamp ## Break every boundary of the criteria and every term of the statistics and see that a test notices
	@$(BIN)/python scripts/mutate_criteria.py
	@$(BIN)/python scripts/mutate_statistics.py

example: .venv/build.stamp ## Build examples/ravenstack: the same models on data that nobody here made
	@cd examples/ravenstack && ../../$(BIN)/dbt build
	@echo "The warehouse is build/ravenstack.duckdb."

segment-diff: .venv/build.stamp ## Who enters and leaves which segment: make segment-diff OLD=production.duckdb NEW=build/warehouse.duckdb
	@test -n "$(OLD)" || { echo "Say what to compare with: make segment-diff OLD=production.duckdb [NEW=build/warehouse.duckdb]"; exit 2; }
	@$(BIN)/python scripts/segment_diff.py "$(OLD)" "$(or $(NEW),build/warehouse.duckdb)"

benchmark: .venv/test.stamp ## What a build costs, as ratios to plain SQL on the same files
	@$(BIN)/python benchmarks/build.py
	@$(BIN)/python benchmarks/comparison.py

docs: .venv/build.stamp ## Write dbt's documentation into target/
	@$(BIN)/dbt --quiet docs generate
	@echo "Open it with: $(BIN)/dbt docs serve"

clean: ## Remove everything that was built, but not .venv
	rm -rf build/* target logs examples/*/target examples/*/logs
