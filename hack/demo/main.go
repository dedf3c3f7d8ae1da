package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/term"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// options are the flags of the demo.
type options struct {
	manager string
	timeout time.Duration
}

var errTooLong = errors.New("the demo did not come to its end in time")

func main() {
	o, err := readOptions(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(2)
	}
	// What the libraries log is for those who write operators, not for those who watch one.
	ctrllog.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(run(&o))
}

func readOptions(args []string) (options, error) {
	var o options
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	fs.StringVar(&o.manager, "manager", "", "the operator's binary; empty is bin/manager of this project")
	fs.DurationVar(&o.timeout, "timeout", 2*time.Minute, "how long the demo may take until it has failed")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: the demo takes flags only", fs.Arg(0))
	}
	if o.manager == "" {
		root, err := plane.ModuleRoot()
		if err != nil {
			return o, err
		}
		o.manager = filepath.Join(root, "bin", "manager")
	}
	return o, nil
}

// interrupts are the signals that end the demo. SIGPIPE is one, because who closes
// the output no longer watches, and processes would be left behind; so is SIGHUP,
// unless nohup asks to survive it.
func interrupts() []os.Signal {
	out := []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE}
	if !signal.Ignored(syscall.SIGHUP) {
		out = append(out, syscall.SIGHUP)
	}
	return out
}

// run plays the demo and returns the exit code. Signals stay caught until everything
// is taken down, so that an impatient second Ctrl-C leaves nothing behind either.
func run(o *options) int {
	ctx, release := signal.NotifyContext(context.Background(), interrupts()...)
	defer release()
	out := newScreen(os.Stdout, time.Now().Truncate(time.Second))
	s := &stage{}
	d := &demo{options: o, stage: s, out: out, stays: out.terminal && term.IsTerminal(int(os.Stdin.Fd()))}

	err := d.play(ctx)
	out.end()
	code := 0
	switch {
	case ctx.Err() != nil && !d.finished:
		code = 130
		out.stage("interrupted; stopping …")
	case err != nil:
		code = 1
		out.print("", "FAILED: "+err.Error())
		if s.operator != nil {
			out.print("", "The operator's last words:")
			out.print(s.operator.lastWords(15)...)
		}
	}
	if err := s.close(); err != nil {
		out.print("demo: " + err.Error())
		return max(code, 1)
	}
	if s.plane != nil {
		out.stage("the operator, kube-apiserver and etcd are stopped, and their files removed")
	}
	return code
}
