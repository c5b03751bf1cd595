# Thin on purpose: every line is something a person could type. `make env` prints the environment
# of the Pulumi runs:  eval "$(make -s env)"  then plain `pulumi …`, `vcw …`.

PYTHON ?= python3
STACK := local
SAMPLE := .local/weights/llama-3.2-1b
RUN := environment=$$(.venv/bin/python tools/pulumi/environment.py) && eval "$$environment" &&
WORKERS ?= 2

.DEFAULT_GOAL := up
.PHONY: up down test check screenshots live matrix bench docs sdk env base dev

up: base $(SAMPLE).stamp
	$(RUN) pulumi stack select --create $(STACK)
	$(RUN) pulumi up --yes --stack $(STACK)

down: base
	$(RUN) pulumi destroy --yes --stack $(STACK)
	$(RUN) pulumi stack rm --yes --preserve-config $(STACK)

test: check
	$(RUN) pytest -n $(WORKERS) --dist worksteal -m "not live and not browser" tests

check: dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python tools/resource_classes.py --check
	.venv/bin/python tools/plugin_schema.py --check
	.venv/bin/python tools/sizes.py
	.venv/bin/pyright
	.venv/bin/lint-imports

# Needs Chromium or Chrome on PATH; pictures are left in .local/screenshots.
screenshots: dev
	.venv/bin/pytest -m browser tests/browser

# Against Google; costs money. See tests/live/README.md.
live: dev
	$(RUN) pytest -m live tests/live

# Both servers over gRPC and a sample on the real engine, some 35 minutes; FULL=1 does more.
matrix: dev
	VCW_FULL=$(FULL) .venv/bin/python -m tests.lifecycle.matrix

bench: dev
	$(RUN) for script in bench/*.py; do echo "# $$script"; python $$script || exit 1; done

docs: dev
	.venv/bin/python tools/emulator_contract.py
	.venv/bin/python tools/emulator_docs.py
	.venv/bin/python tools/preflight_rules.py
	.venv/bin/python tools/resource_classes.py
	.venv/bin/python tools/reference.py
	.venv/bin/python tools/base_model_types.py
	.venv/bin/python tools/component_reference.py
	.venv/bin/python tools/stack_schema.py
	.venv/bin/python tools/plugin_schema.py
	.venv/bin/python tools/templates.py
	.venv/bin/python tools/snippets.py

# SDKs for programs in other languages, from the plugin's schema; not committed.
sdk: base
	for language in nodejs go python; do .venv/bin/python tools/sdk.py $$language .local/sdk/$$language || exit 1; done

env: base
	@.venv/bin/python tools/pulumi/environment.py

# Bytecode is made at once: every `pulumi` command starts two Pythons, and where writing it later is
# not allowed (PYTHONDONTWRITEBYTECODE, a read-only image) each start would compile 400 modules.
# The environment comes from the hash-pinned requirements. Packages are added, never removed: `base`
# is a part of `dev`, and both live in the same .venv.
base: .venv/base.stamp
dev: .venv/dev.stamp

.venv/base.stamp: .venv/bin/uv requirements/base.txt pyproject.toml
	.venv/bin/uv pip install -q --compile-bytecode --python .venv --require-hashes -r requirements/base.txt
	.venv/bin/uv pip install -q --python .venv --no-deps --no-build-isolation --editable .
	.venv/bin/python -m compileall -q provider components
	@touch $@

.venv/dev.stamp: .venv/base.stamp requirements/dev.txt
	.venv/bin/uv pip install -q --compile-bytecode --python .venv --require-hashes -r requirements/dev.txt
	@touch $@

.venv/bin/uv: | .venv/bin/python
	awk '/^[a-z]/ {keep = /^uv==/} keep' requirements/base.txt > .venv/uv.txt
	.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 15) else "Python 3.11 to 3.14 is needed; $(PYTHON) is %d.%d. Try: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv

# Real header, zero data: 2.3 GB in the listing, a few kilobytes on disk.
$(SAMPLE).stamp: | base
	.venv/bin/vcw emulator sample-weights llama-3.2-1b $(SAMPLE)
	@touch $@
