# Two commands: `make report` and `make test`. Each sets up its own .venv on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin

# For settings other than the pinned one: each wing by the way from a blank sheet to a report, and what
# leans most on what the package depends on
CORE := -n 2 --dist worksteal -m "not slow" $(addprefix tests/test_,$(addsuffix .py,any_study building \
  codings coding comparison dates diagnosis frames migration networks projects report reliability workbench))

.PHONY: report test test-main test-lowest test-newest test-wheel build notebooks bench bench-nuts clean

report: .venv/installed
	$(BIN)/stancepack report

test: test-main test-lowest test-newest test-wheel

# Lint, types, the order of wings, rebuilt data, validation, and every test, with pinned versions
test-main: .venv/installed-dev
	.ci/servers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/stancepack build --check
	$(BIN)/stancepack validate
	$(BIN)/frictionless validate datapackage.json --json > /dev/null
	$(BIN)/python -m pytest -n 2 --dist worksteal -W error::stancepack.errors.StancepackDeprecation
	@$(BIN)/python .ci/ran.py "test-main: every test, pinned versions"

# The lowest versions warn of the newest ones below them, which is nobody's fault
test-lowest: .venv/installed-dev
	.ci/environment build/lowest "11 12 13 14" --resolution lowest-direct --editable '.[test]'
	build/lowest/bin/python -m pytest $(CORE) -W default::DeprecationWarning
	@build/lowest/bin/python .ci/ran.py "test-lowest: tests of every wing, lowest declared versions"

test-newest: .venv/installed-dev
	.ci/environment build/newest "16 15 14 13 12 11" --upgrade --editable '.[test]'
	build/newest/bin/python -m pytest $(CORE)
	@build/newest/bin/python .ci/ran.py "test-newest: tests of every wing, newest Python here and newest versions"

test-wheel: .venv/installed-dev
	.ci/wheel "test-wheel: tests of every wing, the wheel without a checkout, pinned versions" $(CORE)

# After a change in seeds/ or coding/: the released tables, and the notebooks that read them
build: .venv/installed-dev
	$(BIN)/stancepack build

notebooks: .venv/installed-dev
	cd analysis && for notebook in [0-9]*.py; do \
	  ../$(BIN)/jupytext --quiet --to ipynb --update $$notebook && \
	  ../$(BIN)/jupyter execute --inplace --NotebookClient.record_timing=False $${notebook%.py}.ipynb || exit 1; done

# Peers live in an environment of their own: they are no dependency, and some are under the GPL
bench:
	$(PYTHON) -m venv build/bench
	build/bench/bin/python -m pip install --quiet --constraint constraints.txt --editable . krippendorff statsmodels \
	  agreement==0.1.2 interrater==2.0.0 rater-agreement==0.1.0 nltk==3.10.4 simpledorff==0.0.2 duckdb \
	  'psycopg[binary]' flask==3.1.3 pytest sqlalchemy==2.1.9 starlette uvicorn waitress==3.0.2
	build/bench/bin/python benchmarks/loading.py
	build/bench/bin/python benchmarks/validation.py
	build/bench/bin/python benchmarks/agreement.py
	build/bench/bin/python benchmarks/coverage.py
	build/bench/bin/python benchmarks/parquet.py
	build/bench/bin/python benchmarks/calibration.py
	build/bench/bin/python benchmarks/workbench.py

# NUTS beside the fast fit; numpyro is half a gigabyte
bench-nuts:
	$(PYTHON) -m venv build/nuts
	build/nuts/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[nuts]'
	build/nuts/bin/python benchmarks/nuts.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ .venv/installed

clean:
	rm -rf .venv build dist
