# vodstack. Type "make" for the list of targets.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

FUNCTIONS := ingest plan encode jobstate publish fail api videoevents sweep
# Functions run on arm64 on AWS, and on this machine's own kind locally.
HOST_ARCH := $(shell go env GOHOSTARCH)
ARCHES    ?= arm64
PYTHON3   ?= python3

# What each binary is made of; the go command knows better, but takes a
# second to say so.
sources = go.mod go.sum $(shell find $(1) -type f ! -name '*_test.go' ! -path '*/testdata/*' ! -path 'internal/testkit/*' $(2))
PRODUCT_SOURCES := $(call sources,internal,! -path 'internal/local/*')
# -p 2: compiling the CDK's packages takes about 3 GB a process.
GO_BUILD := go build -p 2 -buildvcs=false

.PHONY: help
help: ## this list
	@echo "vodstack: a video-on-demand backend for AWS, and for this machine"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  make demo VIDEO=path takes a video of your own."

# ---------------------------------------------------------------- setup

.PHONY: setup
setup: ffmpeg node_modules/.installed .tools/venv/.installed ## install what is missing, pinned

# root runs a command as root, with sudo where that is needed.
define root
if [ "$$(id -u)" = 0 ]; then $(1); else sudo $(1); fi
endef

define no_package_manager
echo "$(1) is missing, and this system has no apt-get: install it with your package manager, then try again" >&2; exit 1
endef

.PHONY: ffmpeg
ffmpeg:
	@command -v ffmpeg ffprobe >/dev/null || { \
	  command -v apt-get >/dev/null || { $(call no_package_manager,ffmpeg); }; \
	  echo "installing ffmpeg"; \
	  $(call root,apt-get update -qq); \
	  $(call root,env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ffmpeg) >/dev/null; }

.PHONY: venv-module
venv-module:
	@$(PYTHON3) -c 'import ensurepip, venv' 2>/dev/null || { \
	  command -v apt-get >/dev/null || { $(call no_package_manager,Python's venv module); }; \
	  echo "installing python3-venv"; \
	  $(call root,apt-get update -qq); \
	  $(call root,env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv) >/dev/null; }

# venv makes the Python environment in the target's folder, with exactly what
# the first prerequisite pins: each file by its hash.
define venv
	@rm -rf $(@D)
	@$(PYTHON3) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@
endef

.tools/venv/.installed: requirements.txt | venv-module
	@echo "installing the control plane (Python packages)"
	$(venv)

node_modules/.installed: package.json package-lock.json
	@echo "installing the CDK's command line (npm packages)"
	@npm ci --silent --no-audit --no-fund
	@touch $@

# ---------------------------------------------------------------- build

.PHONY: build
build: bin/vod bin/infra lambdas ## build the tool, the stack and the functions

bin/vod: $(PRODUCT_SOURCES) $(call sources,cmd internal/local)
	@echo "building the tool"
	@$(GO_BUILD) -ldflags "-s -w" -o $@ ./cmd/vod

bin/infra: $(PRODUCT_SOURCES) $(call sources,infra)
	@echo "building the stack's program (minutes the first time: the CDK is large)"
	@$(GO_BUILD) -ldflags "-s -w" -o $@ ./infra

# The same source gives the same bytes anywhere, so that "cdk diff" is empty
# when nothing has changed.
.PHONY: lambdas
lambdas: $(foreach a,$(ARCHES),$(FUNCTIONS:%=dist/lambdas/$(a)/%/bootstrap))

dist/lambdas/arm64/%/bootstrap: $(PRODUCT_SOURCES) $(call sources,lambdas)
	@mkdir -p $(@D)
	@CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO_BUILD) -trimpath -tags lambda.norpc -ldflags "-s -w -buildid=" -o $@ ./lambdas/$*

dist/lambdas/amd64/%/bootstrap: $(PRODUCT_SOURCES) $(call sources,lambdas)
	@mkdir -p $(@D)
	@CGO_ENABLED=0 GOOS=linux GOARCH=amd64 $(GO_BUILD) -trimpath -tags lambda.norpc -ldflags "-s -w -buildid=" -o $@ ./lambdas/$*

# ---------------------------------------------------------------- this machine

# Downloads beside compilers; but one compiler at a time, for the memory.
.PHONY: ready
ready:
	@$(MAKE) -j3 setup local-binaries

.PHONY: local-binaries
local-binaries:
	@MAKEFLAGS= $(MAKE) --silent bin/infra bin/vod lambdas ARCHES=$(HOST_ARCH)

.PHONY: up
up: ready ## start the local engine and deploy the stack into it
	@bin/vod up

.PHONY: down
down: bin/vod ## stop the local engine; videos, tables and URLs stay
	@bin/vod down

export VIDEO
.PHONY: demo
demo: ready ## up, then one video all the way (VIDEO=path)
	@bin/vod up --quiet
	@bin/vod demo $(if $(VIDEO),"$$VIDEO")

# ---------------------------------------------------------------- AWS

# CDK_FLAGS takes settings, as in CDK_FLAGS="-c stage=dev".
CDK := node_modules/.bin/cdk

.PHONY: synth
synth: setup build ## write the template into cdk.out, strictly validated
	@$(CDK) synth --quiet $(CDK_FLAGS)
	@ls cdk.out/*.template.json

.PHONY: diff
diff: setup build ## what a deploy would change in the account of the environment
	@$(CDK) diff $(CDK_FLAGS)

.PHONY: deploy
deploy: setup build ## deploy to the account of the environment
	@$(CDK) deploy $(CDK_FLAGS)

.PHONY: destroy
destroy: bin/vod ## delete the stack and all its videos from that account, after a question
	@bin/vod destroy $(VOD_STACK)

# ---------------------------------------------------------------- tests

.PHONY: test
test: ready test-tools ## every test, on ports and folders of its own
	@.ci/test

.PHONY: test-tools
test-tools: compiler browser examples .tools/test-venv/.installed test/evidence/node_modules/.installed

.tools/test-venv/.installed: test/requirements.txt | venv-module
	@echo "installing the API's tester (Python packages)"
	$(venv)

# iam-simulate, which is AGPL: a tool of the tests, in no way part of what is shipped.
test/evidence/node_modules/.installed: test/evidence/package.json test/evidence/package-lock.json
	@echo "installing the evaluator of policies (npm packages)"
	@cd test/evidence && npm ci --silent --no-audit --no-fund
	@touch $@

# What the examples' own READMEs say, so that the tests only use them.
.PHONY: examples
examples: curl examples/serverless/node_modules/.installed examples/python/.venv/.installed
	@cd examples/cdk && go build -p 2 ./...

examples/serverless/node_modules/.installed: examples/serverless/package.json examples/serverless/package-lock.json
	@echo "installing osls for examples/serverless (npm packages)"
	@cd examples/serverless && npm ci --silent --no-audit --no-fund
	@touch $@

examples/python/.venv/.installed: examples/python/requirements.txt | venv-module
	@echo "installing boto3 for examples/python"
	$(venv)

.PHONY: curl
curl:
	@command -v curl >/dev/null || { \
	  command -v apt-get >/dev/null || { $(call no_package_manager,curl); }; \
	  echo "installing curl, for an example"; \
	  $(call root,apt-get update -qq); \
	  $(call root,env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq curl) >/dev/null; }

# The race detector is linked by a C compiler.
.PHONY: compiler
compiler:
	@echo '#include <stdlib.h>' | $${CC:-gcc} -E -xc - >/dev/null 2>&1 || { \
	  command -v apt-get >/dev/null || { $(call no_package_manager,A C compiler); }; \
	  echo "installing a C compiler, for the race detector"; \
	  $(call root,apt-get update -qq); \
	  $(call root,env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gcc libc6-dev) >/dev/null; }

.PHONY: browser
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
	  command -v apt-get >/dev/null || { $(call no_package_manager,Chromium); }; \
	  echo "installing Chromium and fonts, for the browser tests"; \
	  $(call root,apt-get update -qq); \
	  $(call root,env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core) >/dev/null; }

# VOD_FAULTS chooses scenarios by words of their names, VOD_FAULTS_SEED their
# moments.
.PHONY: faults
faults: ready curl ## cut lines, full disks, killed processes: what becomes of the uploads
	@VOD_FAULTS="$${VOD_FAULTS:-all}" go test -count=1 -v -timeout 20m ./test/faults

.PHONY: bench
bench: ready ## each figure beside its target
	@go run ./test/bench

.PHONY: clean
clean: ## stop the engine and remove what was built, installed and stored here
	@if [ -x bin/vod ]; then bin/vod down; fi
	@rm -rf bin dist cdk.out .vod .tools node_modules
	@rm -rf test/evidence/node_modules examples/serverless/node_modules examples/serverless/.serverless examples/python/.venv examples/cdk/cdk.out
