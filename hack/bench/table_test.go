package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPercentile(t *testing.T) {
	var list []time.Duration
	for i := range 200 {
		list = append(list, time.Duration(200-i)*time.Millisecond)
	}
	for p, want := range map[int]time.Duration{0: 1, 1: 2, 50: 100, 99: 198, 100: 200} {
		if got := percentile(list, p); got != want*time.Millisecond {
			t.Errorf("percentile %d is %s, want %dms", p, got, want)
		}
	}
	if got := percentile(nil, 99); got != 0 {
		t.Errorf("of nothing it is %s", got)
	}
}

func TestJudged(t *testing.T) {
	for want, got := range map[string]string{
		"met (0.50)": judged(1, 2), "missed (1.50)": judged(3, 2), "met": judged(0, 0), "missed": judged(1, 0),
		"met (0.90)": all(judged(1, 2), judged(9, 10)), "missed (2.00)": all(judged(4, 2), judged(9, 10)),
		"missed (3.00)":  all(judged(1, 2), judged(6, 2), judged(4, 2)),
		"missed (12.00)": all(judged(24, 2), judged(6, 2)),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Sections may be measured one by one: each replaces its own rows, and the rest of the
// page is left alone.
func TestThePageKeepsWhatWasNotMeasured(t *testing.T) {
	path := filepath.Join(t.TempDir(), "benchmarks.md")
	if err := os.WriteFile(path, []byte("# Benchmarks\n\nProse.\n\n"+begins+"\n"+ends+"\n\nMore prose.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	measure := func(name, how string, rows ...row) {
		t.Helper()
		r, err := readReport(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sections() {
			if s.name == name {
				r.enter(s, how, rows)
			}
		}
		if err := r.write(path); err != nil {
			t.Fatal(err)
		}
	}
	measure("reaction", "on Monday", row{"d", "reaction", "7 ms", "≤ 7 ms", "met (1.00)", "7 ms"})
	measure("economy", "on Tuesday", row{"b", "writes", "5.00", "≤ 5", "met (1.00)", ""})
	measure("reaction", "on Wednesday", row{"d", "reaction", "6 ms", "≤ 7 ms", "met (0.86)", "7 ms"})

	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "# Benchmarks\n\nProse.\n\n" + begins + "\n\n- reaction: on Wednesday\n- economy: on Tuesday\n\n" + heading +
		"| (b) | writes | 5.00 | ≤ 5 | met (1.00) |  |\n| (d) | reaction | 6 ms | ≤ 7 ms | met (0.86) | 7 ms |\n\n" + ends + "\n\nMore prose.\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPageWithoutAPlaceIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, []byte("# A page\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&report{}).write(path); err == nil || !strings.Contains(err.Error(), begins) {
		t.Errorf("%v, want to be told what is missing", err)
	}
}

func TestParseMetrics(t *testing.T) {
	page := `# HELP apiserver_request_total x
apiserver_request_total{code="200",resource="incidents",subresource="status",verb="PUT"} 7
apiserver_request_total{code="409",resource="incidents",subresource="status",verb="PUT"} 2
apiserver_request_total{code="201",resource="events",subresource="",verb="POST"} 1.5e+01
apiserver_request_total_other{verb="PATCH"} 99
late_bucket{le="0.02"} 4
late_bucket{le="+Inf"} 5
amends_incidents{phase="Open",severity="Low",sla="OnTrack"} 1.00001e+05
amends_incidents{phase="Open",severity="Low",sla="Overdue"} 300
amends_incidents_unattended 4
`
	if got := incidentsIn(page); got != 100301 {
		t.Errorf("%d incidents, want 100301", got)
	}
	want := map[string]int64{"PUT incidents/status": 9, "POST events": 15}
	if diff := cmp.Diff(want, writesIn(page)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(histogram{{0.02, 4}, {inf, 5}}, histogramIn(page, "late")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What the operator writes on casts before they are due is told; what others write is not
// about them.
func TestCastsAreLeftAlone(t *testing.T) {
	if err := untouched(map[string]int64{"PUT recoverypolicies/status": 1, "POST events": 2}, 10); err != nil {
		t.Errorf("%v, want no error", err)
	}
	if err := untouched(map[string]int64{"PUT incidents/status": 7}, 10); err == nil || !strings.Contains(err.Error(), "wrote 7 statuses") {
		t.Errorf("%v, want to be told of 7 statuses", err)
	}
}

func TestHistogram(t *testing.T) {
	h := histogram{{0.001, 90}, {0.005, 99}, {0.02, 100}, {inf, 100}}
	if got := h.text(); got != "p99 ≤ 5ms, all ≤ 20ms, of 100" {
		t.Errorf("%q", got)
	}
	if got := h.since(histogram{{0.001, 90}, {0.005, 90}, {0.02, 90}, {inf, 90}}); got.text() != "p99 ≤ 20ms, all ≤ 20ms, of 10" {
		t.Errorf("%q", got.text())
	}
	if got := (histogram{{0.02, 1}, {inf, 2}}).text(); got != "p99 > 20ms, all > 20ms, of 2" {
		t.Errorf("%q", got)
	}
}

func TestParseBenchmarks(t *testing.T) {
	got := benchmarksIn("goos: linux\nBenchmarkDecideSixSteps-2   \t  1000\t     11234 ns/op\t    4321 B/op\t      33 allocs/op\n" +
		"BenchmarkUpsert100k/new-2    \t 1\t  168.6 bytes/entry\t      1777 ns/entry\nPASS\n")
	if diff := cmp.Diff(map[string]time.Duration{"DecideSixSteps": 11234, "Upsert100k/new": 1777}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
