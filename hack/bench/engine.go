package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// engine runs the benchmarks of the pure rooms: what a decision costs without any API.
func engine(ctx context.Context, w *world) ([]row, error) {
	const which = "^Benchmark(DecideNew|DecideSixSteps|DecideEightClocksFortyEntries|Due30BusinessDays|Counted|Upsert100k|Fire100k)$"
	test := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", which, "-benchtime", "1s", "-p", "1", "./internal/recovery", "./internal/calendar", "./internal/deadline") //nolint:gosec // our own benchmarks
	test.Dir, test.Stderr = w.root, os.Stderr
	out, err := test.Output()
	if err != nil {
		return nil, fmt.Errorf("running the benchmarks: %w\n%s", err, out)
	}
	took := benchmarksIn(string(out))
	var rows []row
	for _, b := range []struct {
		name, what string
		most       time.Duration // the aim, where there is one
	}{
		{"DecideNew", "engine alone: to decide on a new incident", 0},
		{"DecideSixSteps", "engine alone: to decide on an incident of six steps", 0},
		{"DecideEightClocksFortyEntries", "engine alone: to decide on eight clocks and forty entries", 20 * time.Microsecond},
		{"Due30BusinessDays", "engine alone: the close of the thirtieth business day", 2 * time.Microsecond},
		{"Counted", "engine alone: the counted time between two instants", 0},
		{"Upsert100k/moved", "deadline index alone: to move one of 100,000 deadlines", 0},
		{"Fire100k/due_at_one_instant_into_a_priority_queue", "deadline index alone: to take up one of 100,000 deadlines that are due at once", 0},
	} {
		one, ok := took[b.name]
		if !ok {
			return rows, fmt.Errorf("there is no Benchmark%s", b.name)
		}
		r := row{"i", b.what, one.Round(max(one/1000, 1)).String(), "", "", ""}
		if b.most > 0 {
			r.aim, r.met = "≤ "+b.most.String(), judged(seconds(one), seconds(b.most))
		}
		rows = append(rows, r)
	}
	return rows, nil
}

var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s.*?\s*([0-9.]+) ns/(?:op|entry)`)

// benchmarksIn reads what go test prints of benchmarks.
func benchmarksIn(text string) map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, m := range benchmarkLine.FindAllStringSubmatch(strings.ReplaceAll(text, "\t", " "), -1) {
		if ns, err := strconv.ParseFloat(m[2], 64); err == nil {
			out[m[1]] = time.Duration(ns)
		}
	}
	return out
}
