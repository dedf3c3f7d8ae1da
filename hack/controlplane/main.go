// Command controlplane provides a real control plane: it fills a folder with
// etcd, kube-apiserver and kubectl, the three files that KUBEBUILDER_ASSETS is
// expected to hold. No container engine, no C compiler and no root is needed. A
// kube-controller-manager, which collects garbage and empties namespaces, is built
// when it is asked for by its name.
//
// What is there and of the pinned version is left alone. What is missing comes
// from the PATH (kubectl only), else from setup-envtest's download, else it is
// built from the modules that this folder's go.mod pins. The program imports
// the standard library only, so that "go run ." starts at once; the
// control plane's packages are named by the tool lines of go.mod.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const usage = `usage: go run . [-o folder] [-build] [etcd] [kube-apiserver] [kubectl] [kube-controller-manager]

Provides the named binaries, or the first three, and prints where they are.
Run it in the folder of its go.mod, which pins the versions.

`

// exitInterrupted is what a shell reports for a program that Ctrl-C ended.
const exitInterrupted = 130

var errInterrupted = errors.New("interrupted; what was complete is kept, the next run goes on from there")

func main() {
	out := flag.String("o", filepath.FromSlash("../../bin/controlplane"), "the `folder` to fill")
	tools := flag.String("tools", filepath.FromSlash("../tools"), "the `folder` of the module that pins setup-envtest")
	buildOnly := flag.Bool("build", false, "build what is missing, do not try to download it")
	flag.Usage = func() {
		_, _ = io.WriteString(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()

	ctx, stop := untilInterrupted()
	defer stop()
	p := provider{out: *out, tools: *tools, buildOnly: *buildOnly, log: newConsole(os.Stderr)}
	err := p.run(ctx, flag.Args(), os.Stdout)
	if ctx.Err() != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", context.Cause(ctx))
		os.Exit(exitInterrupted)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

// untilInterrupted returns a context that ends with a signal, or with the death
// of the parent: "go run" that is terminated does not tell its child.
func untilInterrupted() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	parent := os.Getppid()
	tick := time.NewTicker(time.Second)
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-signals:
				cancel(errInterrupted)
			case <-tick.C:
				if os.Getppid() != parent {
					cancel(errInterrupted)
				}
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}
