// kubectl-amends is the command line of Amends, a plugin of kubectl.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // Time zones, also where the machine has none.

	"github.com/go-logr/logr"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // Ways to log in, as kubectl has them.
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/amends-dev/amends/internal/cli"
)

// version is set when the binary is built.
var version = "devel"

func main() {
	os.Exit(run())
}

func run() int {
	// The libraries have nothing to say that a person could use, and would say it in
	// the middle of a screen.
	ctrllog.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f := &cli.Factory{
		IOStreams: genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr},
		Clock:     clock.RealClock{},
		Zone:      time.Local,
		Version:   version,
		Getenv:    os.Getenv,
	}
	return cli.Run(ctx, f, os.Args[1:])
}
