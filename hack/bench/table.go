package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// row is one figure beside its aim.
type row struct {
	what, measured, aim string
}

// table lays the rows out as a page of documentation.
func table(machine []string, rows []row) string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nWritten by `make bench-scale`. What counts are the ratios: the operator, the control plane and the clients share one machine.\n\n")
	for _, line := range machine {
		b.WriteString("- " + line + "\n")
	}
	b.WriteString("\n| what | measured | aim |\n| --- | --- | --- |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.what, r.measured, r.aim)
	}
	return b.String()
}

// percentile is the smallest of the sorted durations that p percent of them do not exceed.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := (len(sorted)*p + 99) / 100
	return sorted[max(at, 1)-1]
}

// spread tells how durations are spread.
func spread(list []time.Duration) string {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return fmt.Sprintf("p50 %s, p99 %s, max %s, of %d", short(percentile(sorted, 50)), short(percentile(sorted, 99)), short(percentile(sorted, 100)), len(sorted))
}

// short writes a duration with three digits or so.
func short(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + short(-d)
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
