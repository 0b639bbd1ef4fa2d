# What one does with this repository. `make` alone lists it.

# The project's own Node first: wrangler needs a newer one than many systems have.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# small: every story once, for between two edits. full: the counts that the issues name.
export TEST_SCALE ?= small

.DEFAULT_GOAL := help
.PHONY: help dev setup edge test lint fmt deny bench-verify clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: setup ## start the demonstration: origin, edge and an application; Ctrl-C stops all three
	@node scripts/dev.mjs

setup: ## install what is missing, into ignored folders of this repository
	@scripts/setup

edge: ## build the Worker (nothing to do when its sources are unchanged)
	@scripts/build-edge

test: edge ## run every test (TEST_SCALE=full for the full counts)
	python3 shared/tests/vectors/check.py
	cargo test --workspace

lint: setup ## formatting and clippy, for this machine and for Wasm, warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy -p sealgate-shared -p sealgate-edge --target wasm32-unknown-unknown -- -D warnings

fmt: ## format all Rust code
	cargo fmt --all

deny: ## check licences, sources and banned crates (installs cargo-deny once)
	@scripts/deny

bench-verify: ## a full verify against jsonwebtoken HS256 on the same claims
	cargo bench -p sealgate-shared --bench verify

clean: ## remove what was built; what setup installed stays
	rm -rf target build .wrangler
