package main

import (
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	var list []time.Duration
	for i := range 200 {
		list = append(list, time.Duration(i+1)*time.Millisecond)
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

func TestTable(t *testing.T) {
	page := table([]string{"2 cores"}, []row{{"reaction", spread([]time.Duration{time.Second, 3 * time.Second}), "≤ 7 ms"}})
	for _, want := range []string{"- 2 cores\n", "| reaction | p50 1s, p99 3s, max 3s, of 2 | ≤ 7 ms |\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
}

func TestParseMetrics(t *testing.T) {
	page := `# HELP apiserver_request_total x
apiserver_request_total{code="200",resource="incidents",subresource="status",verb="PATCH"} 7
apiserver_request_total{code="409",resource="incidents",subresource="status",verb="PATCH"} 2
apiserver_request_total{code="201",resource="events",subresource="",verb="POST"} 1.5e+01
apiserver_request_total_other{verb="PATCH"} 99
`
	if got := counted(page, "apiserver_request_total", `resource="incidents"`, `verb="PATCH"`); got != 9 {
		t.Errorf("PATCHes are %v, want 9", got)
	}
	if got := counted(page, "apiserver_request_total", `resource="events"`); got != 15 {
		t.Errorf("events are %v, want 15", got)
	}
}
