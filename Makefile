# make run       render the demo corpus and run the whole workflow on it
# make estimate  jobs, hours and disk of Aff-Wild2, by measured rates
# make rehearsal the workflow on a stand-in of Aff-Wild2, SIZE=0.05 of it, and what each rule takes
# make bench     how fast each stage is, beside its limit and its peers
# make docs      the documentation, below docs/_build/html
# make test      the quick tests, in two processes
# make test-all  these and the slow ones, as CI does
# make soak      the tests of faults, with twenty kills of the whole workflow
# make fuzz      the readers of foreign files against a fuzzer, SECONDS=300 each
# make lint      formatting, static checks and the order of packages
# make lock      pin the requirements anew (needs uv)

PYTHON ?= python3
SECONDS ?= 300
SIZE ?= 0.05
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
# With a bar for every download; what is there already is not said. Modules are compiled when they are first imported, and
# most of torch's never are.
PIP = $(BIN)/python -m pip install --disable-pip-version-check --no-compile

.PHONY: run estimate rehearsal bench docs test test-all soak fuzz lint lock clean

run: $(INSTALLED)
	$(BIN)/snakemake --cores all

estimate: $(INSTALLED)
	$(BIN)/mimamo estimate --configfile presets/affwild2.yaml

rehearsal: $(INSTALLED)
	$(BIN)/python -m mimamo.bench.rehearsal --size $(SIZE)

bench: $(INSTALLED)
	$(BIN)/python -m mimamo.bench --json results/bench.json

# Nothing is fetched; a warning is an error.
docs: $(INSTALLED_DEV)
	PYTHONPATH=workflow $(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -d docs/_build/doctrees docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

test: $(INSTALLED_DEV)
	$(BIN)/python tests/side_by_side.py -m "not slow"

test-all: $(INSTALLED_DEV)
	$(BIN)/python tests/side_by_side.py

soak: $(INSTALLED_DEV)
	$(BIN)/python -m pytest tests/workflow/test_faults.py --kills 20

fuzz: $(INSTALLED_DEV)
	$(BIN)/python tests/fuzz.py annotations --seconds $(SECONDS)
	$(BIN)/python tests/fuzz.py submission --seconds $(SECONDS)
	$(BIN)/python tests/fuzz.py cache --seconds $(SECONDS)

lint: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint
	$(BIN)/lint-imports

# Made anew whenever the pins or the project's metadata are newer. Every package is checked against its hash; the
# project itself is linked, so that an edit takes effect at once.
$(INSTALLED): requirements.txt requirements-detector.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@echo "Installing the pinned packages into $(VENV): about 6 GB, some minutes. Only when they change."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement requirements.txt
	$(PIP) --no-deps --require-hashes --requirement requirements-detector.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "Installed."

# What tests, checks and documentation need besides.
$(INSTALLED_DEV): $(INSTALLED) requirements-dev.txt
	@echo "Installing the pinned packages for tests, checks and documentation. Only when they change."
	$(PIP) --require-hashes --requirement requirements-dev.txt
	@touch $@

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock:
	$(LOCK) --extra features --extra timm --extra tracking pyproject.toml --output-file requirements.txt
	$(LOCK) --group dev --group docs --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) results/[!R]*
