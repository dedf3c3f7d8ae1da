// Package operatortest runs the operator as it runs in a cluster, a process of its
// own with the ServiceAccount and the roles that config/ gives it, against a real
// API server, and checks what people see of it. It holds tests only.
//
// Tests that kill or measure the operator run one after the other and come first; all
// others share one operator and run side by side, each in a namespace of its own.
package operatortest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// sideBySide is how many tests run at once. They wait more than they compute, so that
// it is more than there are cores.
const sideBySide = "12"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	log.SetLogger(logr.Discard())
	flag.Parse()
	if !given("test.parallel") {
		if err := flag.Set("test.parallel", sideBySide); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	code := m.Run()
	if installed == nil {
		return code
	}
	if code == 0 && whole() {
		if err := installed.checkRights(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := installed.tearDown(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// whole says whether all tests were asked for: only then all rights are used.
func whole() bool {
	return !given("test.run") && !given("test.skip") && !given("test.bench") && !testing.Short()
}

// given says whether a flag stands on the command line.
func given(name string) bool {
	found := false
	flag.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}
