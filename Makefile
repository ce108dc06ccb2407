# Short names for the scripts; `make` alone lists them.
.PHONY: help conform demo demo-reset test check audit fix commands faults fuzz rotation timing import-figures bench profile picture

help: ## what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## build and start the demo on http://localhost:8080 (ARGS="--listen 127.0.0.1:9000" passes options on)
	@scripts/demo.sh $(ARGS)

demo-reset: ## the same, from a fresh database
	@scripts/demo.sh --reset $(ARGS)

conform: ## a provider for an outside conformance run, over TLS (examples/conform/README.md)
	@scripts/conform.sh

test: ## everything on SQLite and PostgreSQL, then the journeys in Chromium, then the judges from outside
	@scripts/test.sh

check: ## format, lints, documents, the rules of the house, packages
	@scripts/check.sh

fix: ## format the code
	@cargo fmt --all

commands: ## docs/COMMANDS.md, from what the commands say themselves
	@scripts/commands.sh

audit: ## licences, sources, duplicates and advisories of the dependencies
	@scripts/audit.sh

rotation: ## keys that rotate every 30 s under load for three minutes
	@cargo test -q --test suite -- --ignored --nocapture cli_keys::

faults: ## the long fault tests: kill -9 and SIGTERM a hundred times under load, gateways that stall (some minutes)
	@scripts/faults.sh

fuzz: ## every parser of foreign input, a minute each (FUZZ=email FUZZ_SECONDS=20 for less)
	@scripts/fuzz.sh

timing: ## whether the time of an answer tells people apart (some minutes, on an idle machine)
	@scripts/timing.sh

import-figures: ## how long files of 100,000 and a million persons take, and how much memory (some minutes)
	@scripts/import-figures.sh

bench: ## what one core does, beside its limits (10 minutes, on an idle machine; BENCH_SECONDS=1 BENCH_RUNS=1 for a look)
	@scripts/bench.sh

profile: ## where the time of one figure goes (ONLY=userinfo; needs perf)
	@scripts/bench.sh profile $(or $(ONLY),client_credentials_es256)

picture: ## the picture of the wizard in the README
	@scripts/picture.sh
