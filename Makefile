# The menu. What has logic of its own is in scripts/ and in `cargo xtask`.

.DEFAULT_GOAL := help
.PHONY: help test check unit doc python bench-python servers fuzz fuzz-script counts counts-write sanitize bench bench-awaited bench-quick check-bench freeing pauses criterion codegen tidy clean

help: ## this menu
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

test: servers check unit doc python counts ## everything CI runs; installs what it needs

check: check-bench ## what needs no server: format, lints, the rules of the repository
	cargo fmt --all --check
	cargo clippy --workspace --features redipy-bench/criterion,redipy-examples/awaited --all-targets -- -D warnings
	cargo clippy --workspace --features redipy-bench/criterion --bench instructions -- -D warnings
	cargo clippy -p redipy --no-default-features --features memory -- -D warnings
	cargo clippy -p redipy --no-default-features --features remote -- -D warnings
	cargo xtask tidy

unit: ## unit tests, conformance, differential runs, examples on both backends
	scripts/run-tests

doc: ## the documentation, and the examples in it
	cargo test --workspace --doc
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

python: ## the Python package: builds it into .cache/venv, checks its types and runs its tests
	scripts/test-python

servers: ## fetches the real servers that the tests compare with
	scripts/fetch-servers

fuzz: ## longer differential runs, and of bytes: make fuzz SEED=1 COUNT=20000
	REDIPY_DIFF_SEED=$(or $(SEED),$(shell date +%s)) REDIPY_DIFF_COUNT=$(or $(COUNT),20000) \
		cargo test --release -p redipy-memory --test conformance -- diff::
	REDIPY_DIFF_SEED=$(or $(SEED),$(shell date +%s)) REDIPY_DIFF_COUNT=$(or $(COUNT),20000)0 \
		cargo test --release -p redipy-resp --test random

fuzz-script: ## longer runs of random scripts: make fuzz-script SEED=1 COUNT=100000
	REDIPY_DIFF_SEED=$(or $(SEED),$(shell date +%s)) REDIPY_DIFF_COUNT=$(or $(COUNT),100000) \
		cargo test --release -p redipy-memory --test conformance -- script::

sanitize: ## the engine under the address and thread sanitizers (nightly toolchain)
	scripts/sanitize

bench: ## the engine against its rivals: writes docs/benchmarks.md, its drawings and the README's figures
	@echo "This takes about a quarter of an hour after the build; leave the machine alone meanwhile."
	scripts/fetch-servers
	scripts/bench --write

bench-quick: ## the same at reduced size, in two minutes: prints it, writes nothing
	scripts/bench --quick

bench-awaited: ## CPU time of an awaited GET on a server, beside redis-rs used directly
	scripts/fetch-servers
	cd benches/compare && cargo run --release --locked --no-default-features --features awaited --bin awaited

bench-python: ## the Python package against others, CPU time of a call: writes its tables in docs/benchmarks.md
	scripts/bench-python --write

check-bench: ## format and lints of the comparisons, which are workspaces of their own
	cd benches/compare && cargo fmt --check
	cd benches/compare && cargo clippy --locked --target-dir ../../target --no-default-features --all-targets -- -D warnings
	cd python/bench/floor && cargo fmt --check
	cd python/bench/floor && cargo clippy --locked --target-dir ../../../target -- -D warnings

freeing: ## how long calls take while large values are removed: the call, and the worst of others
	cargo bench -p redipy-bench --bench freeing

pauses: ## the worst single call while collections grow to ten million elements and shrink again
	cd benches/compare && MIMALLOC_PURGE_DELAY=-1 cargo run --release --locked --no-default-features --bin pauses -- $(QUICK)

criterion: ## the engine's scripts one by one, with criterion's statistics
	cargo bench -p redipy-bench --features criterion --bench scripts

counts: ## instructions of the hottest operations, compared with benches/instructions.txt: warns, does not fail
	scripts/fetch-counters
	cargo xtask counts

counts-write: ## writes benches/instructions.txt anew
	scripts/fetch-counters
	cargo xtask counts --write

codegen: ## writes the generated methods and docs/commands.md anew
	cargo xtask codegen

tidy: ## the rules of the repository
	cargo xtask tidy

clean: ## removes build products and fetched servers
	cargo clean
	rm -rf .cache
