package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-dev/amends/internal/cli"
)

// openIn is what kubectl get writes of an incident that waits for a policy.
const openIn = `apiVersion: recovery.amends.dev/v1alpha1
kind: Incident
metadata: {name: x, namespace: %s, creationTimestamp: "2026-10-02T11:00:00Z"}
spec: {summary: s, customer: {id: c}, severity: Low, service: s, detectedBy: Staff}
---
`

// diff takes the namespace of the command line, and not that of the context, where a file
// takes the cluster's place; and it never says that something moves where it could not look.
func TestDiffAtTheDesk(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	policy := write("policy.yaml", "apiVersion: recovery.amends.dev/v1alpha1\nkind: RecoveryPolicy\nmetadata: {name: desk}\nspec:\n  selector: {}\n  steps: [{name: mend, type: Resolution, due: {within: 4h}}]\n")
	one := write("one.yaml", fmt.Sprintf(openIn, "hotel-a"))
	both := write("both.yaml", fmt.Sprintf(openIn, "hotel-a")+fmt.Sprintf(openIn, "hotel-b"))
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"the namespace of the incidents":   {[]string{"--incidents", one}, cli.ExitOK, "1 incident has no policy yet"},
		"one that is asked for":            {[]string{"--incidents", both, "-n", "hotel-b"}, cli.ExitOK, "1 incident has no policy yet"},
		"several, and none is asked for":   {[]string{"--incidents", both}, 2, "hotel-a, hotel-b; name one of them with -n"},
		"a kubeconfig that is not there":   {[]string{"--kubeconfig", filepath.Join(dir, "nowhere")}, 2, "reading the kubeconfig"},
		"a server that refuses to be read": {nil, 2, "was not answered"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errOut, code := runAgainst(t, scripted{}, noon, append([]string{"diff", "-f", policy, "--exit-code"}, c.args...)...)
			if code != c.code || !strings.Contains(out+errOut, c.says) {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, c.code, c.says, out, errOut)
			}
		})
	}
}
