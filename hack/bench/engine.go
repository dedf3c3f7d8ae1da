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
	for _, b := range []struct{ name, what string }{
		{"DecideNew", "engine alone: to decide on a new incident"},
		{"DecideSixSteps", "engine alone: to decide on an incident of six steps"},
		{"DecideEightClocksFortyEntries", "engine alone: to decide on eight clocks and forty entries"},
		{"Due30BusinessDays", "engine alone: the close of the thirtieth business day"},
		{"Counted", "engine alone: the counted time between two instants"},
		{"Upsert100k/moved", "deadline index alone: to move one of 100,000 deadlines"},
		{"Fire100k/due_at_one_instant_into_a_priority_queue", "deadline index alone: to take up one of 100,000 deadlines that are due at once"},
	} {
		one, ok := took[b.name]
		if !ok {
			return rows, fmt.Errorf("there is no Benchmark%s", b.name)
		}
		rows = append(rows, row{"i", b.what, one.Round(max(one/1000, 1)).String(), "", "", ""})
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
