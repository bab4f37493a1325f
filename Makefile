# Two commands are all that a fresh machine needs: `make build` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS = false

.DEFAULT_GOAL := help
.PHONY: help build refresh publish report review suggest test lint shape parse ci-build ci-sample ci-example pytest test-long test-spark spark-tables example new-project segment segment-diff freeze audiences benchmark docs forget-user clean mutants

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# compileall: dbt starts in half the time from compiled bytecode.
.venv/build.stamp: requirements.txt constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null \
		|| { echo "Python 3.11 or later is needed, and $(PYTHON) is $$($(PYTHON) --version 2> /dev/null || echo not there)."; \
			echo "Install it, or say where it is: make build PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing requirements.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements.txt
	@$(BIN)/python -m compileall -q .venv/lib > /dev/null || true
	@touch $@

.venv/test.stamp: requirements.txt requirements-dev.txt constraints.txt .venv/build.stamp
	@echo "Installing requirements-dev.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
	@$(BIN)/python -m compileall -q .venv/lib > /dev/null || true
	@touch $@

build: .venv/build.stamp ## Install what is needed and build build/warehouse.duckdb from the sample data
	@$(BIN)/python scripts/build.py

refresh: .venv/build.stamp ## Between two builds: add the running day to the warehouse and to published/segmentation_users.duckdb
	@$(BIN)/python scripts/refresh.py

publish: .venv/build.stamp ## Publish the last build again, without building: published/segmentation.duckdb and segmentation_users.duckdb
	@$(BIN)/python scripts/publish.py

report: .venv/build.stamp ## Write published/report.html, one page that opens anywhere, from the published marts
	@$(BIN)/python scripts/report.py

test: .venv/test.stamp ## Everything that CI checks
	@$(MAKE) --no-print-directory -j 3 pytest parse lint
	@echo "Everything passed."

lint: .venv/test.stamp ## The English of the documents and spelling; sizes and unused macros; ruff and mypy; sqlfluff on every model and SQL test
	@$(BIN)/python scripts/check_language.py README.md CONTRIBUTING.md CHANGELOG.md docs models macros seeds connectors
	@$(BIN)/codespell
	@echo "codespell: nothing misspelled."
	@$(BIN)/python scripts/shape.py --check
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check || { echo "ruff: run $(BIN)/ruff format"; exit 1; }
	@echo "ruff: nothing to complain about."
	@echo "mypy on scripts, benchmarks and tests …"
	@$(BIN)/mypy --no-error-summary
	@echo "mypy: nothing to complain about."
	@echo "sqlfluff on every model and SQL test …"
	@$(BIN)/python scripts/run_tool.py sqlfluff lint --disable-progress-bar models tests analyses > build/sqlfluff.log \
		|| { cat build/sqlfluff.log; echo "sqlfluff: see above. Much of it repairs itself: $(BIN)/sqlfluff fix <file>"; exit 1; }
	@echo "sqlfluff: nothing to complain about."

shape: .venv/test.stamp ## How large things are and what a feature, a metric, a mart and a segment cost in files
	@$(BIN)/python scripts/shape.py

parse: .venv/test.stamp ## dbt parse, warnings are errors; the sample, docs/marts.md and what is derived from the registries are what their generators write
	@echo "dbt parse …"
	@$(BIN)/python scripts/run_tool.py dbt --quiet --warn-error parse --target ci --target-path build/parse-target
	@$(BIN)/python scripts/generate_sample.py --check
	@$(BIN)/python scripts/generate_docs.py --check
	@$(BIN)/python scripts/generate_features.py --check
	@$(BIN)/python scripts/generate_semantic_models.py --check
	@$(BIN)/python scripts/generate_variables.py --check
	@echo "dbt parse: no warnings; the sample, docs/marts.md and what is derived from the registries are what their generators write."

ci-build: .venv/test.stamp ## One fresh build in memory with all dbt tests, of the sample and of the example; how often models read relations
	@$(MAKE) --no-print-directory ci-sample ci-example

# Not in `make test`: there pytest's sample_warehouse is the same build, in a file that its tests go on with, and other examples are
# built. `make test-long PART=commands` builds this one.
ci-sample: .venv/test.stamp
	@echo "dbt build in memory …"
	@$(BIN)/python scripts/run_tool.py dbt --quiet build --target ci --target-path build/ci-target
	@$(BIN)/python scripts/count_reads.py build/ci-target
	@echo "dbt build in memory: built, all dbt tests passed."

ci-example: .venv/test.stamp
	@echo "dbt build of examples/ravenstack in memory …"
	@cd examples/ravenstack && QUICK_DBT=1 ../../$(BIN)/python ../../scripts/run_tool.py dbt --quiet build --target ci --target-path ../../build/ci-example-target
	@echo "dbt build of examples/ravenstack in memory: built, all dbt tests passed."

pytest: .venv/test.stamp ## The tests that need whole builds: bad input, restarts, time zones, oracles
	@echo "pytest, several minutes of whole builds …"
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

.venv-spark/spark.stamp: requirements.txt requirements-dev.txt requirements-spark.txt constraints.txt
	@test -x .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@echo "Installing requirements-spark.txt …"
	@.venv-spark/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-spark.txt
	@.venv-spark/bin/python -m compileall -q .venv-spark/lib > /dev/null || true
	@touch $@

spark-tables: .venv/build.stamp ## What Spark built as build/spark.duckdb, for publishing and the report: make spark-tables [TARGET=target]
	@$(BIN)/python scripts/spark_tables.py --target $(or $(TARGET),target)

test-spark: .venv-spark/spark.stamp ## The macros on Apache Spark and DuckDB, one table of cases; needs Java 17 or later: make test-spark [PART=parity]
	@command -v java > /dev/null || { echo "Spark needs Java 17 or later, and there is no java here."; exit 2; }
	@for part in $(or $(PART),engines); do .venv-spark/bin/python -m pytest -s --durations=0 tests/spark/test_$$part.py || exit 1; done

# One part is one file tests/long/test_<part>.py, and one, builds, is what is marked as long under tests/python.
PARTS := builds $(patsubst tests/long/test_%.py,%,$(sort $(wildcard tests/long/test_*.py)))
test-long: .venv/test.stamp ## What is too slow for every commit, in parts of at most an hour: make test-long [PART=fortnight]
	@for part in $(or $(PART),$(PARTS)); do \
		case " $(PARTS) " in *" $$part "*) ;; *) echo "There is no part '$$part'. Parts: $(PARTS)"; exit 2 ;; esac; \
	done
	@failed=; for part in $(or $(PART),$(PARTS)); do \
		echo "Part $$part …"; \
		case $$part in builds) tests="-m long tests/python" ;; *) tests="-s tests/long/test_$$part.py" ;; esac; \
		$(BIN)/python -m pytest --durations=0 $$tests || failed="$$failed $$part"; \
	done; \
	test -z "$$failed" || { echo "Failed:$$failed. One alone: make test-long PART=<part>"; exit 1; }
	@echo "All parts passed: $(or $(PART),$(PARTS))."

mutants: .venv/test.stamp ## Break the criteria, the statistics and the rules of the builds one by one and see that a test notices
	@$(BIN)/python tests/mutants/mutate_criteria.py
	@$(BIN)/python tests/mutants/mutate_statistics.py
	@$(BIN)/python tests/mutants/mutate_builds.py

example: .venv/build.stamp ## Build examples/ravenstack, data that nobody here made, or another one: NAME=streaming
	@echo "Building examples/$(or $(NAME),ravenstack), about two minutes …"
	@cd examples/$(or $(NAME),ravenstack) && ../../$(BIN)/python ../../scripts/run_tool.py dbt build
	@echo "The warehouse is build/$(or $(NAME),ravenstack).duckdb. examples/$(or $(NAME),ravenstack)/README.md says what to look at."

new-project: .venv/build.stamp ## Begin a project of your own that uses this one as a package: make new-project DIR=../acme [INPUTS="accounts invoices"] [TOOLS="mixpanel salesforce"] [FILES=../data]
	@$(BIN)/python scripts/new_project.py "$(if $(findstring command,$(origin DIR)),$(DIR))" $(INPUTS) $(if $(TOOLS),--tools $(TOOLS)) $(if $(FILES),--files "$(FILES)") $(if $(GIT),--git "$(GIT)") $(if $(REVISION),--revision "$(REVISION)")

segment: .venv/build.stamp ## Begin a new segment: make segment NAME=ticket_writers TYPE=behavioral [DESCRIPTION="Users who …"]
	@$(BIN)/python scripts/new_segment.py "$(if $(findstring command,$(origin NAME)),$(NAME))" "$(TYPE)" --description "$$DESCRIPTION"

segment-diff: .venv/build.stamp ## Who enters and leaves which segment: make segment-diff OLD=production.duckdb NEW=build/warehouse.duckdb
	@test -n "$(OLD)" || { echo "Usage: make segment-diff OLD=production.duckdb [NEW=build/warehouse.duckdb]"; exit 2; }
	@# Its status is 1 if something differs, which does not make this target fail.
	@$(BIN)/python scripts/segment_diff.py "$(OLD)" "$(or $(NEW),build/warehouse.duckdb)" || test $$? -eq 1

review: .venv/build.stamp ## Write build/review.md: which segments are due, and which to merge, split or retire; sign off: make review SIGN=power_users (or all)
	@$(BIN)/python scripts/review.py $(if $(findstring command,$(origin SIGN)),--sign "$(SIGN)")

suggest: .venv/build.stamp ## Look for small groups that differ, and write the best as segments to review: make suggest [MOST=5] [DRY=1]
	@$(BIN)/python scripts/suggest.py $(if $(MOST),--most $(MOST)) $(if $(DRY),--dry-run)

freeze: .venv/build.stamp ## Keep who is in a segment on a day as a list that does not change: make freeze SEGMENT=at_risk_users [ON=2026-09-01] [NAME=…]
	@$(BIN)/python scripts/freeze.py "$(if $(findstring command,$(origin SEGMENT)),$(SEGMENT))" $(if $(ON),--on "$(ON)") $(if $(findstring command,$(origin NAME)),--name "$(NAME)")

audiences: .venv/build.stamp ## What each destination of an audience has to be told since last time: make audiences [DRY=1] [FORCE=name] [CLEAN=1]
	@$(BIN)/python scripts/audiences.py $(if $(DRY),--dry-run) $(if $(CLEAN),--clean) $(addprefix --force ,$(FORCE))

benchmark: .venv/test.stamp ## What a first build costs, and the next ones: make benchmark [USERS=30000 EVENTS=300000 MEMORY=1GB]
	@echo "Building several times over, at 30,000 users about half an hour …"
	@$(BIN)/python benchmarks/builds.py --users $(or $(USERS),30000) --events $(or $(EVENTS),300000) --memory $(or $(MEMORY),1GB) \
		--output benchmarks/results
	@$(BIN)/python benchmarks/comparison.py

.PHONY: superset
superset: .venv/build.stamp ## Pack docs/superset for import into Superset: published/superset.zip
	@$(BIN)/python scripts/superset.py

docs: .venv/build.stamp ## Write dbt's documentation as one page: published/docs.html
	@$(BIN)/python scripts/docs.py

# What stands behind USER= is text and may be anything: make must not expand it ($$(shell …)) and no shell may read it, so it goes through the
# environment. Only from the command line: USER and EMAIL of the environment are whoever types.
ifeq ($(origin USER),command line)
override USER := $(value USER)
forget-user: export FORGET_USER := $(USER)
else
forget-user: export FORGET_USER :=
endif
ifeq ($(origin EMAIL),command line)
override EMAIL := $(value EMAIL)
forget-user: export FORGET_EMAIL := $(EMAIL)
else
forget-user: export FORGET_EMAIL :=
endif
ifeq ($(origin DATABASE),command line)
override DATABASE := $(value DATABASE)
forget-user: export FORGET_DATABASE := $(DATABASE)
else
forget-user: export FORGET_DATABASE :=
endif
forget-user: .venv/build.stamp ## Remove a person from everything, for good, and prove it: make forget-user USER=u0001 [EMAIL=…] [DATABASE=…]
	@test -n "$$FORGET_USER" || { echo "Usage: make forget-user USER=u0001 [EMAIL=…]"; exit 2; }
	@$(BIN)/python scripts/forget_user.py

clean: ## Remove everything that was built, but not .venv; with it the list of who was forgotten (docs/privacy.md)
	@rm -rf build/* target logs examples/*/target examples/*/logs
	@echo "Removed what was built in build/, target/ and logs/. make build makes it again."
