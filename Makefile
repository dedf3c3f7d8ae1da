# Everything runs with GNU make, Go, git and a shell. Other tools are pinned in
# hack/tools and hack/controlplane and are built into bin/, once for each version.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Generators write what other targets read, and tests use every core already.
.NOTPARALLEL:

BIN     := $(CURDIR)/bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
IMG     ?= amends/manager:latest

# The control plane that tests and the demo use. Set KUBEBUILDER_ASSETS to a
# folder with etcd, kube-apiserver and kubectl to test against another one.
ifeq ($(origin KUBEBUILDER_ASSETS),undefined)
KUBEBUILDER_ASSETS := $(BIN)/controlplane
NEEDS_CONTROLPLANE := controlplane
endif
export KUBEBUILDER_ASSETS
KUBECTL ?= $(BIN)/controlplane/kubectl

CONTROLLER_GEN := $(BIN)/controller-gen
CRD_REF_DOCS   := $(BIN)/crd-ref-docs
GOVULNCHECK    := $(BIN)/govulncheck
GOLANGCI_LINT  := $(BIN)/golangci-lint

# The modules of this repository, the main one first.
MODULES := . hack/controlplane hack/tools hack/tools/golangci-lint

# The folders whose Go files carry markers.
MARKED := $(patsubst %,./%/...,$(wildcard api controllers))

# What controller-gen writes into the API packages. To write apply configurations
# too: make generate GENERATORS='object:… applyconfiguration:…'
GENERATORS ?= object:headerFile=hack/boilerplate.go.txt

# Two packages at a time: each control plane takes a core. -race needs cgo; where
# that is missing, hack/race.sh says so and the tests run without. Add flags with
# TESTFLAGS, for example: make test TESTFLAGS='-run Journal -v'
RACE      ?= $$(hack/race.sh)
TESTFLAGS ?=
GOTEST     = go test $(RACE) -shuffle=on -p 2 -timeout 20m $(TESTFLAGS)
# The race detector takes ten times as long for each case, so that properties are
# checked in full without it.
PROPERTIES = go test -shuffle=on -timeout 20m ./internal/calendar ./internal/recovery

##@ Help

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN { FS = ":.*## "; printf "usage: make <target>\n" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##@ Write

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Write the deep-copy methods of the API types.
	$(CONTROLLER_GEN) $(GENERATORS) paths=./api/...

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Write the CRDs and the operator's role from the markers.
	$(CONTROLLER_GEN) crd rbac:roleName=amends-manager $(MARKED:%=paths=%) \
	  output:crd:artifacts:config=config/crd/bases output:rbac:artifacts:config=config/rbac

.PHONY: docs
docs: $(CRD_REF_DOCS) ## Write docs/reference/ from the API types and the commands.
	@mkdir -p docs/reference
	$(CRD_REF_DOCS) --log-level=ERROR --source-path=api --config=hack/tools/crd-ref-docs.yaml \
	  --renderer=markdown --output-path=docs/reference/api.md
	go run ./cmd/kubectl-amends reference >docs/reference/cli.md.tmp && mv docs/reference/cli.md.tmp docs/reference/cli.md

.PHONY: man
man: ## Write the man pages of kubectl amends into bin/man.
	go run ./cmd/kubectl-amends reference --man $(BIN)/man

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the Go files.
	$(GOLANGCI_LINT) fmt ./...

##@ Check

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters.
	$(GOLANGCI_LINT) run ./...
	cd hack/controlplane && $(GOLANGCI_LINT) run --config ../../.golangci.yml ./...

.PHONY: test
test: $(NEEDS_CONTROLPLANE) ## Run all tests; the control plane is built first when it is missing.
	PATH="$(KUBEBUILDER_ASSETS):$$PATH" $(GOTEST) ./...
	$(PROPERTIES)
	cd hack/controlplane && go test -shuffle=on ./...

.PHONY: test-unit
test-unit: ## Run the tests that need no control plane.
	packages=$$(hack/packages.sh unit) && $(GOTEST) $$packages
	$(PROPERTIES)
	cd hack/controlplane && go test -shuffle=on ./...

.PHONY: test-integration
test-integration: $(NEEDS_CONTROLPLANE) ## Run the tests against a real control plane.
	packages=$$(hack/packages.sh integration) && PATH="$(KUBEBUILDER_ASSETS):$$PATH" $(GOTEST) $$packages

.PHONY: faults
faults: $(NEEDS_CONTROLPLANE) ## Break the operator in every way, whole classes at a time; takes hours. RUN=pattern chooses tests.
	PATH="$(KUBEBUILDER_ASSETS):$$PATH" hack/faults.sh

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME, one minute unless told.
	hack/fuzz.sh

.PHONY: bench
bench: ## Run the benchmarks.
	go test -run '^$$' -bench . -benchmem -p 1 $(TESTFLAGS) ./...

# Built and then run: "go run" dies of a SIGTERM and leaves its children behind.
.PHONY: bench-scale
bench-scale: $(NEEDS_CONTROLPLANE) ## Measure the operator beside the bare control plane into docs/benchmarks.md, about 40 minutes; BENCHFLAGS="-only reaction" measures a part.
	@CGO_ENABLED=0 go build -trimpath -o $(BIN)/bench ./hack/bench
	@$(BIN)/bench -out docs/benchmarks.md $(BENCHFLAGS)

.PHONY: verify
verify: $(CONTROLLER_GEN) $(CRD_REF_DOCS) $(GOLANGCI_LINT) kubectl ## Check all that a change must satisfy beside the tests.
	MAKE='$(MAKE)' KUBECTL='$(KUBECTL)' MODULES='$(MODULES)' hack/verify.sh

# The systems of contrib/krew. Several packages are compiled, and none is linked; the
# first time takes minutes for each system.
CROSS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64
.PHONY: cross
cross: ## Compile kubectl amends for every system that it is for, or for CROSS.
	@for system in $(CROSS); do \
	  echo "$$system"; \
	  CGO_ENABLED=0 GOOS=$${system%/*} GOARCH=$${system#*/} go build -p 2 ./cmd/kubectl-amends ./internal/cli/... || exit 1; \
	done

.PHONY: vulncheck
vulncheck: $(GOVULNCHECK) ## Look for known vulnerabilities in what is used; asks a service on the internet.
	$(GOVULNCHECK) ./...

##@ Run

.PHONY: build
build: ## Build the programs in cmd/ into bin/, static.
	CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN)/ ./cmd/...

.PHONY: controlplane
controlplane: ## Provide etcd, kube-apiserver and kubectl in bin/controlplane.
	@cd hack/controlplane && go run . -o $(BIN)/controlplane

# Built and then run: "go run" dies of a SIGTERM and leaves its child behind.
.PHONY: demo
demo: $(NEEDS_CONTROLPLANE) build ## Show Amends at work on a control plane of its own.
	@CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags '-s -w' -o $(BIN)/demo ./hack/demo
	@$(BIN)/demo -manager $(BIN)/manager

.PHONY: docker-build
docker-build: ## Build the operator's image, named IMG.
	docker build --build-arg VERSION=$(VERSION) -t $(IMG) .

##@ Cluster: what the current kubeconfig context names

.PHONY: install
install: kubectl ## Install the CRDs.
	$(KUBECTL) apply --server-side -k config/crd

# While the operator runs: it takes its finalizers off. Without it a kind would wait for
# its objects for ever. Budgets in use are guarded, until the binding of the guard is gone.
LET_GO = if $(KUBECTL) get crd incidents.recovery.amends.dev >/dev/null 2>&1; then \
	  $(KUBECTL) delete --ignore-not-found validatingadmissionpolicybinding amends-deletions; \
	  for try in 1 2 3 4 5; do \
	    $(KUBECTL) delete recovery --all --all-namespaces --wait=false >/dev/null 2>&1 && break; sleep 1; done; \
	  $(KUBECTL) delete recovery --all --all-namespaces --timeout=1m || { \
	    echo 'The operator and the kinds are still there. What is left above is owed to a customer, or no operator' \
	      'runs to let it go: see "Uninstall" in docs/operations.md, then run this again.' >&2; exit 1; }; \
	fi

.PHONY: uninstall
uninstall: kubectl ## Remove every incident and all else that is recorded, and then the CRDs.
	@$(LET_GO)
	$(KUBECTL) delete --ignore-not-found -k config/crd

.PHONY: deploy
deploy: kubectl ## Install the CRDs, the roles, the admission policies and the operator, of the image that config/manager names.
	$(KUBECTL) apply --server-side -k config/default

.PHONY: undeploy
undeploy: kubectl ## Remove every incident and all else that is recorded, and then the operator and the CRDs.
	@$(LET_GO)
	$(KUBECTL) delete --ignore-not-found -k config/default

##@ Tools

.PHONY: tools
tools: $(CONTROLLER_GEN) $(CRD_REF_DOCS) $(GOVULNCHECK) $(GOLANGCI_LINT) ## Build the pinned tools into bin/.

.PHONY: clean
clean: ## Remove what was built, except the control plane.
	find bin -mindepth 1 -maxdepth 1 ! -name controlplane -exec rm -rf {} + 2>/dev/null || true

# Some targets need kubectl alone and not the whole control plane.
.PHONY: kubectl
kubectl:
	@if ! command -v '$(KUBECTL)' >/dev/null; then cd hack/controlplane && go run . -o $(BIN)/controlplane kubectl; fi

# A tool is built anew only when its pins change.
BUILD_TOOL = CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags '-s -w' -o $@.tmp $(1) && mv $@.tmp $@

$(CONTROLLER_GEN): hack/tools/go.mod hack/tools/go.sum
	@mkdir -p $(BIN)
	cd hack/tools && $(call BUILD_TOOL,sigs.k8s.io/controller-tools/cmd/controller-gen)

$(CRD_REF_DOCS): hack/tools/go.mod hack/tools/go.sum
	@mkdir -p $(BIN)
	cd hack/tools && $(call BUILD_TOOL,github.com/elastic/crd-ref-docs)

$(GOVULNCHECK): hack/tools/go.mod hack/tools/go.sum
	@mkdir -p $(BIN)
	cd hack/tools && $(call BUILD_TOOL,golang.org/x/vuln/cmd/govulncheck)

$(GOLANGCI_LINT): hack/tools/golangci-lint/go.mod hack/tools/golangci-lint/go.sum hack/tools/golangci-lint/main.go
	@mkdir -p $(BIN)
	@echo 'Building golangci-lint; the first time takes about two minutes.'
	cd hack/tools/golangci-lint && $(call BUILD_TOOL,.)
