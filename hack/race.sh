#!/bin/sh
# Prints -race where the race detector can be built: it needs cgo, and so a C
# compiler with its headers. Elsewhere it prints nothing, and says so.
set -eu

if [ "$(go env CGO_ENABLED)" = 1 ] &&
	printf '#include <pthread.h>\n#include <stdlib.h>\n' | $(go env CC) -x c -fsyntax-only - 2>/dev/null; then
	echo -race
else
	echo 'No C compiler with its headers: the tests run without the race detector.' >&2
fi
