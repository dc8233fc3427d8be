# Set-up and checks. Needs CPython 3.11 or later with venv, make and a C++ compiler; everything else comes as wheels.
# Each step leaves a stamp in .venv, so that a second run starts at once. `make clean` forgets them all.

PYTHON ?= python3
VENV := .venv
MODEL := qwen2.5-coder-1.5b
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check

BUILD_INPUTS := pyproject.toml install.json $(wildcard labextension/*.json) labextension/yarn.lock \
  labextension/.yarnrc.yml $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null)

.PHONY: help demo lab test test-hostile lint fuzz finetune clean

help:
	@echo 'make demo    answer a real question about real data with the default model, and check the answer'
	@echo 'make lab     open the same in JupyterLab'
	@echo 'make test    run every ring of tests (make test RINGS="pure ipython" runs some)'
	@echo 'make test-hostile   attack the gate, the pages, the trial, the limits and the files, and print a table (ten minutes)'
	@echo 'make lint    ruff, mypy, import-linter, tsc, eslint, prettier and vitest only'
	@echo 'make fuzz    the property tests with new random examples, for ten minutes (make fuzz MINUTES=60)'
	@echo 'make finetune   train an adapter for a tiny model (five minutes, and several GB of PyTorch in .venv the first time)'
	@echo 'make clean   remove .venv and all that was built (not the cached models and wheels)'

demo: $(VENV)/pulling $(VENV)/installed
	@$(PY) notebooks/demo.py

lab: $(VENV)/pulling $(VENV)/installed
	@$(VENV)/bin/jupyter-codeact models pull $(MODEL)
	@$(PY) -m jupyterlab notebooks/quickstart.ipynb

test: $(VENV)/testable
	@$(PY) .ci/rings.py $(RINGS)

test-hostile: $(VENV)/testable
	@$(PY) .ci/rings.py hostile

lint: $(VENV)/testable
	@$(PY) .ci/rings.py lint

fuzz: $(VENV)/testable
	@$(PY) .ci/rings.py fuzz

finetune: $(VENV)/testable
	@SKIP_JUPYTER_BUILDER=1 $(PIP) install -q -e '.[finetune]'
	@$(PY) .ci/rings.py finetune

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache codeact_jupyter/labextension
	rm -rf labextension/.yarn labextension/lib labextension/node_modules labextension/tsconfig.tsbuildinfo
	find codeact_jupyter tests .ci -name __pycache__ -type d -exec rm -rf {} +

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'CPython 3.11 or later is needed, and $(PYTHON) is none: try  make PYTHON=python3.12 ...' >&2; exit 1; }
	@echo 'Making $(VENV) ...'
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# The model is downloaded while llama.cpp and the extension are built. Who needs it then waits for the rest of it.
$(VENV)/pulling: $(VENV)/created
	@$(PIP) install -q filelock 'huggingface_hub>=2' platformdirs tqdm
	@echo 'Downloading the default model meanwhile (1.1 GB, once): the log is $(VENV)/pull.log'
	@$(PY) -m codeact_jupyter.models pull $(MODEL) >$(VENV)/pull.log 2>&1 & touch $@

$(VENV)/llama: $(VENV)/created .ci/llama_wheel.py
	@wheel=$$($(PY) .ci/llama_wheel.py) && echo 'Installing llama-cpp-python ...' && $(PIP) install -q "$$wheel"
	@touch $@

$(VENV)/installed: $(VENV)/llama $(BUILD_INPUTS)
	@echo 'Building and installing codeact-jupyter: one to three minutes ...'
	@$(PIP) install -q -e '.[demo]'
	@touch $@

# The extension has just been built by the step before: it is not built again for the extra requirements.
$(VENV)/testable: $(VENV)/installed
	@echo 'Installing what the tests need ...'
	@SKIP_JUPYTER_BUILDER=1 $(PIP) install -q -e '.[demo,test]'
	@touch $@
