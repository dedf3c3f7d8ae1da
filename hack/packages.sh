#!/bin/sh
# Prints the packages whose tests need no control plane (unit), or need one
# (integration): those that reach internal/fixture/plane or envtest.
set -eu

want=${1:?usage: hack/packages.sh unit|integration}
plane='amends/internal/fixture/plane|controller-runtime/pkg/envtest'

# "go list -test" lists a package again as <path>.test with what its tests import.
packages=$(go list -test -f '{{if not .ForTest}}{{.ImportPath}} {{join .Deps " "}}{{end}}' ./...)
printf '%s\n' "$packages" | awk -v want="$want" -v plane="$plane" '
	NF == 0 { next }
	{
		path = $1
		tests = sub(/\.test$/, "", path)
		if (!(path in kind)) { kind[path] = "unit"; order[++n] = path }
		if (tests && $0 ~ plane) kind[path] = "integration"
	}
	END {
		for (i = 1; i <= n; i++) if (kind[order[i]] == want) { print order[i]; found = 1 }
		if (!found) { print "There are no " want " packages." > "/dev/stderr"; exit 1 }
	}
'
