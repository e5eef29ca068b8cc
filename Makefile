# Ekok: targets only; each hands over to the tool that does the work. `make help` lists them.
.PHONY: help demo check bench sandbox psql sandbox-stop lint fuzz build install migrate docs clean

help:
	@sed -n 's/^#: //p' $(firstword $(MAKEFILE_LIST))

#: make demo          ten simulated ministries in, double dipping out; installs, builds and starts all it needs
demo:
	@tools/demo.sh

#: make check         every test, set-up included
check:
	@tools/check.sh

#: make bench         speed and memory beside peers, as ratios from one run
bench:
	@tools/bench.sh

#: make sandbox       a private PostgreSQL with the empty registry, in build/sandbox
sandbox:
	@tools/sandbox.sh start

#: make psql          psql in the sandbox's registry
psql:
	@tools/sandbox.sh psql

#: make sandbox-stop  stops the sandbox and removes it
sandbox-stop:
	@tools/sandbox.sh stop

#: make lint          format, warnings, include directions, lengths, cppcheck
lint:
	@tools/lint.sh

#: make fuzz          every fuzz target for SECONDS (default 60) each
fuzz:
	@tools/setup.sh build check fuzz
	@$(MAKE) --no-print-directory -C test/fuzz run

#: make build         extension, daemon, operator's command, simulator, into build/
build:
	@tools/build.sh

#: make install       the extension into the system's PostgreSQL, the programs into /usr/local (DESTDIR is honoured)
install:
	@$(MAKE) --no-print-directory -C extension install
	@$(MAKE) --no-print-directory -C etl-daemon install

#: make migrate       the database PGDATABASE (registry) up to this version; by a superuser of it, again with every version
migrate:
	@tools/migrate.sh

#: make docs          runs the examples of README.md and docs/ and compares what they print
docs:
	@tools/check.sh docs

#: make clean         stops what runs below build/ and removes it
clean:
	@tools/clean.sh
