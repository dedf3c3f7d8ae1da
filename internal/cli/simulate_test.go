package cli_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/fixture/plane"
	"github.com/amends-dev/amends/internal/manifest"
	"github.com/amends-dev/amends/internal/simulate"
)

// What the command prints is what the engine says, to the byte.
func TestSimulatePrintsWhatTheEngineSays(t *testing.T) {
	root, err := plane.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "internal", "simulate", "testdata", "vectors", "12-a-promise-is-never-held")
	docs, bad, err := manifest.Load([]string{dir}, nil)
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	played, err := simulate.Simulate(t.Context(), docs, simulate.Options{Start: noon})
	if err != nil {
		t.Fatal(err)
	}
	var want, out, errOut bytes.Buffer
	if err := played.WriteJSON(&want); err != nil {
		t.Fatal(err)
	}
	f := &cli.Factory{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut},
		Clock:     clocktesting.NewFakePassiveClock(noon), Version: "test",
	}
	if code := cli.Run(t.Context(), f, []string{"simulate", "-f", dir, "-o", "json"}); code != cli.ExitOK || errOut.Len() != 0 {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	if !strings.Contains(want.String(), "Promise/callback") {
		t.Fatalf("nothing was played:\n%s", want.String())
	}
	if diff := cmp.Diff(want.String(), out.String()); diff != "" {
		t.Errorf("(-engine +command):\n%s", diff)
	}
}
