package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// settings are what a run is asked for.
type settings struct {
	incidents int
	window    time.Duration
	only      string
	out       string
}

// section is one thing to measure.
type section struct {
	name    string
	measure func(context.Context, *world) ([]row, error)
}

// sections are in this order because later ones need more incidents than earlier ones.
func sections() []section {
	return []section{
		{"reaction", reaction},
		{"economy", economy},
		{"saturation", saturation},
		{"accuracy", accuracy},
		{"footprint", footprint},
	}
}

func main() {
	ctrl.SetLogger(logr.Discard())
	if len(os.Args) == 3 && os.Args[1] == informerMode {
		if err := informer(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	var s settings
	flag.IntVar(&s.incidents, "incidents", 10000, "how many incidents are open while memory, starts and idleness are measured")
	flag.DurationVar(&s.window, "window", 6*time.Minute, "how long idleness is watched; the API server lists every resource anew every five minutes")
	flag.StringVar(&s.only, "only", "", "sections to measure, separated by commas; empty is all")
	flag.StringVar(&s.out, "out", "", "file that the table is written to, beside standard output")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, &s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s *settings, out io.Writer) (err error) {
	w, err := openWorld(ctx, s, out)
	if err != nil {
		return err
	}
	defer func() {
		if e := w.close(); err == nil {
			err = e
		}
	}()
	var rows []row
	for _, part := range sections() {
		if s.only != "" && !slices.Contains(strings.Split(s.only, ","), part.name) {
			continue
		}
		w.say("%s …", part.name)
		measured, err := part.measure(ctx, w)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		for _, r := range measured {
			w.say("  %s: %s (aim %s)", r.what, r.measured, r.aim)
		}
		rows = append(rows, measured...)
	}
	page := table(w.machine(), rows)
	if _, err := io.WriteString(out, "\n"+page); err != nil {
		return err
	}
	if s.out == "" {
		return nil
	}
	return os.WriteFile(s.out, []byte(page), 0o644) //nolint:gosec // a page of the documentation, for everybody to read
}
