#!/bin/sh
# Breaks the operator in every way that the tests know, whole classes at a time: a crash
# at every write of every story, a cache that stands still at every revision, rivals,
# an API server in trouble, storms, clocks that are wrong, two hundred hand-overs of real
# processes, a garbage collector, every state of the models' small worlds. It takes hours
# on two cores. RUN chooses tests by a pattern, for example:
# RUN=TestHandOvers make faults
# A pattern that tries nothing is an error.
set -eu

run=${RUN:-.}
own=$PWD/bin/controlplane
export AMENDS_FAULTS=all
# A pipe would hide how a test ends.
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# names prints the tests of a package that RUN chooses. What follows a slash is the name
# of a part of a test, which -list does not know.
names() {
	code=0
	go test -list "$(printf '%s' "$run" | sed 's#/[^|]*##g')" "$1" >"$out" || code=$?
	[ "$code" = 0 ] || { cat "$out" >&2; return "$code"; }
	sed -n '/^\(Test\|Fuzz\|Example\)/p' "$out"
}

# try runs tests of a package, and keeps whether one was tried at all: neither left out,
# nor without the part that RUN names.
tried=''
left=''
try() {
	code=0
	go test -count=1 -timeout 6h -run "$2" -v "$1" >"$out" 2>&1 || code=$?
	grep -v '^=== ' "$out" || true
	[ "$code" = 0 ] || exit "$code"
	case $run in
	*/*) result='^  *--- PASS: ' ;;
	*) result='^--- PASS: ' ;;
	esac
	if grep -q "$result" "$out"; then tried=yes; fi
	left=$left$(sed -n 's/^ *--- SKIP: \([^ ]*\).*/ \1/p' "$out" | tr -d '\n')
}

# The storms are tried where the operator runs as in a cluster; the other tests there are
# those of make test.
storms=./internal/operatortest
chosen=$(names "$storms")
if printf '%s\n' "$chosen" | grep -qx TestNoStorm; then
	case $run in
	*/*) try "$storms" "^TestNoStorm\$/${run#*/}" ;;
	*) try "$storms" '^TestNoStorm$' ;;
	esac
fi

# The models first: they take minutes.
packages=$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./internal/faulttest/... | sort -r)
for package in $packages; do
	chosen=$(names "$package")
	[ -n "$chosen" ] || continue
	# The garbage collector is part of a program that no other test needs; building it takes
	# minutes, once. A folder that is not ours has it, or the test of it is left out.
	case $chosen in
	*Collect*)
		if [ "${KUBEBUILDER_ASSETS:-$own}" = "$own" ]; then
			(cd hack/controlplane && go run . -o "$own" kube-controller-manager)
		fi
		;;
	esac
	try "$package" "$run"
done

[ -z "$left" ] || printf 'Left out:%s\n' "$left" >&2
if [ -z "$tried" ]; then
	printf 'Nothing was tried: RUN=%s chooses no test that runs here. docs/faults.md names them.\n' "$run" >&2
	exit 1
fi
