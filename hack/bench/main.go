package main

import (
	"context"
	"errors"
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
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/amends-dev/amends/internal/text"
)

// settings are what a run is asked for.
type settings struct {
	incidents int
	window    time.Duration
	only      string
	out       string
}

// section is one thing to measure, and the letters of the aims that it speaks to.
type section struct {
	name    string
	letters []string
	measure func(context.Context, *world) ([]row, error)
}

// sections are in this order because later ones need more incidents than earlier ones.
func sections() []section {
	return []section{
		{"engine", []string{"i"}, engine},
		{"reaction", []string{"d"}, reaction},
		{"landings", []string{"k"}, landings},
		{"economy", []string{"b"}, economy},
		{"saturation", []string{"c"}, saturation},
		{"grants", []string{"g"}, grants},
		{"restart", []string{"j"}, restart},
		{"shards", []string{"l"}, shards},
		{"accuracy", []string{"a"}, accuracy},
		{"footprint", []string{"e", "f", "h"}, footprint},
	}
}

func main() {
	ctrl.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// start is the bench, or one of its modes where the first argument names it.
func start(ctx context.Context) error {
	if len(os.Args) > 1 && modes[os.Args[1]] != nil {
		return startMode(ctx, os.Args[1], os.Args[2:])
	}
	var s settings
	flag.IntVar(&s.incidents, "incidents", 100000, "how many incidents are open while deadlines, memory, starts and idleness are measured")
	flag.DurationVar(&s.window, "window", 6*time.Minute, "how long idleness is watched, and ten dues a second; the API server lists every resource anew every five minutes")
	flag.StringVar(&s.only, "only", "", "sections to measure, separated by commas; empty is all")
	flag.StringVar(&s.out, "out", "", "page whose table is written anew after each section; rows of sections that are not measured stay")
	flag.Parse()
	return run(ctx, &s, os.Stdout)
}

// modes are what this program is in the processes of its own that it measures.
var modes = map[string]func(context.Context, *rest.Config) error{informerMode: informer, reactorMode: react}

// startMode is one of the modes, with a client that is not held back.
func startMode(ctx context.Context, name string, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s has %d arguments; give it one, the path of a kubeconfig", name, len(args))
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	config.QPS = -1
	return modes[name](ctx, config)
}

// chosen are the sections that are asked for.
func (s *settings) chosen() ([]section, error) {
	if s.incidents < 1 || s.window <= 0 {
		return nil, fmt.Errorf("-incidents %d, -window %s: give at least one incident and a time that is longer than none", s.incidents, s.window)
	}
	if s.only == "" {
		return sections(), nil
	}
	var out []section
	wanted := strings.Split(s.only, ",")
	var names []string
	for _, part := range sections() {
		names = append(names, part.name)
		if i := slices.Index(wanted, part.name); i >= 0 {
			out, wanted = append(out, part), slices.Delete(wanted, i, i+1)
		}
	}
	if len(wanted) > 0 {
		return nil, fmt.Errorf("-only: there is no section %s; there are %s", strings.Join(wanted, ", "), strings.Join(names, ", "))
	}
	return out, nil
}

func run(ctx context.Context, s *settings, out io.Writer) (err error) {
	parts, err := s.chosen()
	if err != nil {
		return err
	}
	report, err := readReport(s.out)
	if err != nil {
		return err
	}
	w, err := openWorld(ctx, s, out)
	if err != nil {
		return err
	}
	defer func() {
		if e := w.close(); err == nil {
			err = e
		}
	}()
	for _, part := range parts {
		if e := w.measure(ctx, part, report); e != nil {
			// What the sections before have measured stands, and those after may still succeed.
			err = errors.Join(err, errors.New(part.name+" has failed"))
			w.say("%s has failed: %s", part.name, text.Truncate(e.Error(), 1000))
		}
		if ctx.Err() != nil {
			break
		}
	}
	_, e := io.WriteString(out, "\n"+report.table())
	return errors.Join(err, e)
}

// measure runs a section and enters what it has measured, also where it fails halfway.
func (w *world) measure(ctx context.Context, part section, report *report) error {
	w.say("%s …", part.name)
	began := time.Now()
	rows, err := part.measure(ctx, w)
	for _, r := range rows {
		w.say("  %s: %s (aim %s) %s", r.what, r.measured, r.aim, r.met)
	}
	if len(rows) > 0 {
		how := fmt.Sprintf("%s, in %s", w.machine(), time.Since(began).Round(time.Second))
		if err != nil {
			how += ", not whole"
		}
		report.enter(part, how, rows)
	}
	return errors.Join(err, w.killAll(), report.write(w.out))
}
