// Command golangci-lint is golangci-lint with the Kubernetes API linter linked
// in. The usual way, "golangci-lint custom", clones a repository; this one
// builds from pinned modules alone.
package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"
	_ "sigs.k8s.io/kube-api-linter" // registers the linter kubeapilinter
)

const upstream = "github.com/golangci/golangci-lint/v2"

func main() {
	if err := commands.Execute(buildInfo()); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "golangci-lint ended with an error: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}

// buildInfo reports the version of the linked module, because the version of
// this main module says nothing about the linters in it.
func buildInfo() commands.BuildInfo {
	info := commands.BuildInfo{Version: "unknown", Commit: "(linked from modules)", Date: "(unknown)"}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	info.GoVersion = build.GoVersion
	for _, dep := range build.Deps {
		if dep.Path == upstream {
			info.Version = cmp.Or(strings.TrimPrefix(dep.Version, "v"), info.Version)
		}
	}
	return info
}
