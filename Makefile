# `make demo` and `make test` work on a fresh Debian machine with Rust; see README.md.

DEMO := demo
VEDETTE := cargo run --quiet --locked --package vedette --

.PHONY: demo test check install clean-demo

## Builds, generates a demo tenant with attacks in it, investigates it.
demo: install
	cargo build --locked --package vedette
	rm -rf $(DEMO)
	$(VEDETTE) generate --users 150 --days 7 --seed 1 --out $(DEMO)/tenant
	$(VEDETTE) investigate $(DEMO)/tenant/*/ --workspace $(DEMO)/workspace
	$(VEDETTE) report --workspace $(DEMO)/workspace --out $(DEMO)/report.html
	@echo
	@echo "Open $(DEMO)/report.html in a browser: the report of what was found."
	@echo
	@echo "Worth trying next:"
	@echo "  $(VEDETTE) incidents list --workspace $(DEMO)/workspace"
	@echo "  $(VEDETTE) query --workspace $(DEMO)/workspace \"SigninLogs | where ResultType != '0' | summarize count() by ResultType, ResultDescription | top 10 by count_\""
	@echo "  $(VEDETTE) generate --check $(DEMO)/tenant"

## Runs every test.
test: install
	cargo test --locked --workspace

## Format, lints, crate arrows, sizes, docs: what CI checks beside the tests.
check:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo xtask tidy
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --locked --workspace --no-deps --document-private-items

install:
	@scripts/install

clean-demo:
	rm -rf $(DEMO)
