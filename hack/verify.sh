#!/bin/sh
# Checks all that a change must satisfy beside the tests: first what writes, then
# what only reads, and at the end whether the writers changed anything. Run it by
# "make verify", which provides the tools.
set -eu

: "${MAKE:=make}" "${KUBECTL:=kubectl}" "${MODULES:=.}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Every file that git tracks or would track, with the hash of its content: unlike
# "git status" it also tells when a file that was already changed changes again.
snapshot() {
	git -c core.quotePath=false ls-files -co --exclude-standard | LC_ALL=C sort -u | while IFS= read -r file; do
		if [ -f "$file" ]; then printf '%s\n' "$file"; fi
	done >"$work/files"
	git hash-object --stdin-paths <"$work/files" | paste -d ' ' - "$work/files" >"$1"
}

step() { printf '\n== %s\n' "$*"; }

failed=''
# check runs one read-only check and goes on when it fails, so that one run shows
# all that is wrong.
check() {
	name=$1
	shift
	step "$name"
	"$@" || failed="$failed
  $name"
}

tidy() {
	untidy=0
	for module in $MODULES; do
		if ! (cd "$module" && go mod tidy -diff) >"$work/tidy" 2>&1; then
			untidy=1
			head -n 20 "$work/tidy"
			printf '%s\n' "run 'go mod tidy' in $module"
		fi
	done
	return $untidy
}

# renders checks each way to install, from a copy whose image is set where README.md says:
# all that runs must be of that image.
renders() {
	rm -rf "$work/config"
	cp -R config "$work/config"
	image=registry.example.com/amends/manager:v0.0.0-verify
	sed -i.bak -e "s#^  newName: .*#  newName: ${image%:*}#" -e "s#^  newTag: .*#  newTag: ${image##*:}#" \
		"$work/config/manager/kustomization.yaml"
	for folder in default namespaced sharded; do
		"$KUBECTL" kustomize "$work/config/$folder" >"$work/rendered" || return 1
		images=$(sed -n 's/^[- ]*image: *//p' "$work/rendered" | sort -u)
		if [ "$images" != "$image" ]; then
			printf 'config/%s does not run the image of config/manager alone, but:\n%s\n' "$folder" "$images"
			return 1
		fi
	done
}

snapshot "$work/before"
step 'generate, manifests, docs'
$MAKE --no-print-directory generate manifests docs
step 'format'
$MAKE --no-print-directory fmt
snapshot "$work/after"

check 'lint' $MAKE --no-print-directory lint
check 'go vet' go vet ./...
# What differs from here is in these two.
check 'kubectl amends compiles for macOS and Windows' $MAKE --no-print-directory cross CROSS='darwin/arm64 windows/amd64'
check 'config/default, namespaced and sharded render, with the image that is set' renders
check 'go.mod and go.sum are tidy' tidy

step 'generated files are up to date'
if cmp -s "$work/before" "$work/after"; then
	echo 'they are'
else
	cat "$work/before" "$work/after" | LC_ALL=C sort | uniq -u | cut -d ' ' -f 2- | LC_ALL=C sort -u | sed 's/^/  /'
	failed="$failed
  generated or unformatted files changed: run 'make generate manifests docs fmt' and commit"
fi

if [ -n "$failed" ]; then
	printf '\nverify failed:%s\n' "$failed" >&2
	exit 1
fi
printf '\nverify passed\n'
