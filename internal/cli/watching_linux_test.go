package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/cli/ptytest"
)

// One watches an incident on a terminal, somebody else ends it, and the view leaves by
// itself and tells what became of it.
func watching(t *testing.T) {
	d := openDesk(t)
	people := d.staff("alice", "bob")
	d.coffee(people["alice"], "x")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	screen, codes := d.watch(ctx, people["alice"], "x")
	screen.Await(ctx, t, "apologise")
	d.run(people["bob"], "cancel", "x", "Mistake")
	if code := <-codes; code != 0 {
		t.Errorf("exit code %d", code)
	}
	screen.Await(ctx, t, "\x1b[?1049l")
	screen.Await(ctx, t, "nothing: it is over")

	d.coffee(people["alice"], "y")
	screen, codes = d.watch(ctx, people["alice"])
	screen.Await(ctx, t, "1 of 2") // what is over is not shown
	screen.Press(t, "\r")
	screen.Await(ctx, t, "Wind tipped a coffee")
	screen.Press(t, "q")
	if code := <-codes; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// watch runs the live view on a terminal of 80 by 24.
func (d *desk) watch(ctx context.Context, kubeconfig string, args ...string) (*ptytest.Terminal, chan int) {
	d.Helper()
	screen := ptytest.Open(d, 80, 24)
	var stderr bytes.Buffer
	f := &cli.Factory{
		IOStreams: genericiooptions.IOStreams{In: screen.Screen, Out: screen.Screen, ErrOut: &stderr},
		Clock:     clock.RealClock{}, Zone: time.UTC, Version: "test", Patience: patience,
		Getenv: func(name string) string { return map[string]string{"TERM": "xterm-256color"}[name] },
	}
	codes := make(chan int, 1)
	go func() {
		code := cli.Run(ctx, f, append([]string{"--kubeconfig", kubeconfig, "watch"}, args...))
		if code != 0 {
			d.Logf("watch %s: %s", strings.Join(args, " "), stderr.String())
		}
		codes <- code
	}()
	return screen, codes
}
