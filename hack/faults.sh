#!/bin/sh
# Breaks the operator in every way that the tests know, whole classes at a time: a crash
# at every write of every story, a cache that stands still at every revision, rivals,
# an API server in trouble, clocks that are wrong, two hundred hand-overs of real
# processes, a garbage collector, every state of the ledger's small world. It takes more
# than an hour on two cores. RUN chooses tests by a pattern, for example:
# RUN=TestHandOvers make faults
set -eu

run=${RUN:-.}
own=$PWD/bin/controlplane
# The garbage collector is part of a program that no other test needs; building it takes
# minutes, once. A folder that is not ours has it, or the test of it is left out.
case $run in
. | *Collect*)
	if [ "${KUBEBUILDER_ASSETS:-$own}" = "$own" ]; then
		(cd hack/controlplane && go run . -o "$own" kube-controller-manager)
	fi
	;;
esac
export AMENDS_FAULTS=all
# A pipe would hide how a test ends.
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for package in ./internal/faulttest/ledgermodel ./internal/faulttest; do
	code=0
	go test -count=1 -timeout 6h -run "$run" -v "$package" >"$out" 2>&1 || code=$?
	grep -v '^=== ' "$out"
	[ "$code" = 0 ] || exit "$code"
done
