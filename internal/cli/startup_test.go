package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// BenchmarkStartup starts this program and kubectl in turn, each to tell its version, and
// reports how their times compare: of the clock, and of the processor, which other work
// on the machine disturbs less.
func BenchmarkStartup(b *testing.B) {
	root, err := plane.ModuleRoot()
	if err != nil {
		b.Fatal(err)
	}
	ours := filepath.Join(b.TempDir(), "kubectl-amends")
	build := exec.CommandContext(b.Context(), "go", "build", "-ldflags", "-s -w", "-o", ours, "./cmd/kubectl-amends")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	theirs := kubectl(b, root)
	_, _ = started(b, ours), started(b, theirs) // once, so that both are in the page cache
	var amends, kube usage
	for b.Loop() {
		amends.add(started(b, ours))
		kube.add(started(b, theirs))
	}
	b.ReportMetric(amends.wall.Seconds()/kube.wall.Seconds(), "x-kubectl")
	b.ReportMetric(amends.cpu.Seconds()/kube.cpu.Seconds(), "x-kubectl-cpu")
	b.ReportMetric(float64(amends.wall.Microseconds())/float64(b.N)/1000, "ms/start")
}

// usage is what a process took.
type usage struct{ wall, cpu time.Duration }

func (u *usage) add(other usage) { u.wall, u.cpu = u.wall+other.wall, u.cpu+other.cpu }

// started runs a program to its end.
func started(b *testing.B, path string) usage {
	b.Helper()
	c := exec.CommandContext(b.Context(), path, "version", "--client")
	begun := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", path, err, out)
	}
	return usage{wall: time.Since(begun), cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
}

// kubectl is the one beside the tests' control plane, or the one in the PATH.
func kubectl(b *testing.B, root string) string {
	b.Helper()
	for _, dir := range []string{os.Getenv(plane.AssetsVariable), filepath.Join(root, "bin", "controlplane")} {
		path := filepath.Join(dir, "kubectl")
		if _, err := os.Stat(path); dir != "" && err == nil {
			return path
		}
	}
	path, err := exec.LookPath("kubectl")
	if err != nil {
		b.Skip("there is no kubectl to compare with")
	}
	return path
}
