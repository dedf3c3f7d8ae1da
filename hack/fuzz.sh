#!/bin/sh
# Runs every fuzz target of the main module for FUZZTIME each, one after the other:
# "go test -fuzz" takes one target at a time.
set -eu

fuzztime=${FUZZTIME:-1m}
found=no
for file in $(git ls-files -co --exclude-standard -- '*_test.go' ':!hack/controlplane'); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		found=yes
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" -fuzzminimizetime 5x "./$(dirname "$file")"
	done
done
[ "$found" = yes ] || echo 'There are no fuzz targets.'
