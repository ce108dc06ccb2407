# Short names for the scripts; `make` alone lists them.
.PHONY: help demo demo-reset test check audit faults fix fuzz timing picture

help: ## what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## build and start the demo on http://localhost:8080 (ARGS="--listen 127.0.0.1:9000" passes options on)
	@scripts/demo.sh $(ARGS)

demo-reset: ## the same, from a fresh database
	@scripts/demo.sh --reset $(ARGS)

test: ## everything on SQLite and PostgreSQL, then the journeys in Chromium
	@scripts/test.sh

check: ## format, lints, documents, the rules of the house, packages
	@scripts/check.sh

fix: ## format the code
	@cargo fmt --all

audit: ## licences, sources, duplicates and advisories of the dependencies
	@scripts/audit.sh

faults: ## the long fault tests: kill -9 and SIGTERM a hundred times under load, gateways that stall (some minutes)
	@scripts/faults.sh

fuzz: ## every parser of foreign input, a minute each (FUZZ=email FUZZ_SECONDS=20 for less)
	@scripts/fuzz.sh

timing: ## whether the time of an answer tells people apart (some minutes, on an idle machine)
	@scripts/timing.sh

picture: ## the picture of the wizard in the README
	@scripts/picture.sh
