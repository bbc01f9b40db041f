# A thin front over meson, ninja and scripts/; nothing is decided here.
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
.DEFAULT_GOAL := help
.PHONY: demo check bench bench-io bench-check fuzz lint format install clean help release

demo: ## install what is missing, build, refine the demo workbooks into dist/
	@scripts/setup build
	@$(MAKE) --no-print-directory release
	@scripts/demo

check: ## install what is missing, build with sanitizers, run lint and every test
	@scripts/setup check
	@scripts/check

bench: ## measure against peers; results as ratios
	@scripts/setup bench
	@$(MAKE) --no-print-directory release
	@bench/run

bench-io: ## measure reading and writing of files beside the best programs
	@scripts/setup bench-io
	@$(MAKE) --no-print-directory build/release/build.ninja
	@meson configure build/release -Dbench=true && ninja -C build/release
	@bench/io/run

bench-check: ## measure checks of data beside Great Expectations
	@scripts/setup bench-check
	@$(MAKE) --no-print-directory build/release/build.ninja
	@meson configure build/release -Dbench=true && ninja -C build/release
	@bench/check/run

fuzz: ## run each fuzz target for FUZZ_SECONDS (60)
	@scripts/setup check
	@test -f build/fuzz/build.ninja || CC=clang-14 CXX=clang++-14 meson setup build/fuzz -Dfuzz=true -Dtests=false -Db_lundef=false -Db_sanitize=address,undefined
	@ninja -C build/fuzz
	@scripts/fuzz-all --seconds $(FUZZ_SECONDS)

lint: ## hold the house rules (scripts/lint)
	@scripts/lint

format: ## rewrite the C sources as .clang-format says
	@find src include tests -name '*.[ch]' -o -name '*.cc' | xargs -r clang-format-14 -i

install: release ## install the program, profiles, man pages and completions under PREFIX
	@meson configure build/release -Dprefix=$(PREFIX)
	@meson install -C build/release

clean: ## remove what was built; .venv and dist stay
	@rm -rf build

release: build/release/build.ninja
	@ninja -C build/release

build/release/build.ninja:
	@meson setup build/release --buildtype=release -Dtests=false

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
