# Every target sets up what it needs by itself, in .venv. A new machine needs Python, make and git.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
CARDS  ?= ../shared/corpus

.DEFAULT_GOAL := help
.PHONY: help install demo finetune test check format lint types cards corpus rules fuzz nightly faults bench build clean

help:  ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

install: $(VENV)/dev  ## Set up .venv with everything for development

demo: $(VENV)/demo  ## Load and run a trained network, from its card to its top five
	@$(BIN)/python examples/demo.py

finetune: $(VENV)/dev  ## Tune ImageNet's Lite0 to handwritten digits, and draw the curve
	@GLOG_v=3 $(BIN)/python examples/finetune.py  # without advice about operators of its own

test: $(VENV)/dev  ## Run all tests and doctests
	$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term:skip-covered

check: lint types cards test  ## All that CI runs

format: $(VENV)/dev  ## Mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/dev  ## Look for faults, change nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev  ## Check the types
	$(BIN)/mypy

cards: $(VENV)/dev  ## Validate the shipped cards
	$(BIN)/hub validate cards

corpus: $(VENV)/dev  ## Round trip, record, rules and fixes over a folder of cards: make corpus CARDS=...
	$(BIN)/python benchmarks/corpus.py $(CARDS)

rules: $(VENV)/dev  ## Write docs/rules.md from the rules
	$(BIN)/python docs/rules.py

fuzz: $(VENV)/dev  ## Try 20,000 broken cards: for a nightly job
	MSHUB_FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest -q tests/cards/test_fuzz.py tests/cards/test_header.py tests/lint

nightly: $(VENV)/dev  ## Run the tests that take minutes: every network of MindCV's, more of the others
	$(BIN)/python -m pytest -q -m nightly

faults: $(VENV)/dev  ## Kill 200 downloads, and all that a server or a disk can do wrong
	MSHUB_FAULT_KILLS=200 $(BIN)/python -m pytest -q tests/faults

bench: $(VENV)/dev  ## Measure what is claimed, as ratios in one run
	$(BIN)/python benchmarks/run.py

build: $(VENV)/dev  ## Build the wheel and the source distribution
	$(BIN)/python -m build

clean:  ## Remove what the other targets made
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v <= (3, 12) \
	    else "MindSpore has wheels for Python 3.10 to 3.12, this is %d.%d: make PYTHON=python3.11" % v)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV): MindSpore is a download of 0.8 GB, this takes some minutes ..."
	$(PIP) install -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV): MindSpore is a download of 0.8 GB, this takes some minutes ..."
	$(PIP) install -c constraints.txt -e '.[dev,references]'
	$(PIP) install --no-deps mindcv==0.3.0  # the tests' reference; its dependencies are not needed
	@touch $@ $(VENV)/demo
