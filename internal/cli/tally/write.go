package tally

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/amends-dev/amends/internal/cli/view"
)

// CSV writes the report as one table with a row for each number, so that spreadsheets
// and queries take it as it is.
func (r *Report) CSV(to io.Writer) error {
	w := csv.NewWriter(to)
	rows := [][]string{{"section", "name", "measure", "value", "currency"}}
	add := func(section, name, measure, value, currency string) {
		rows = append(rows, []string{section, name, measure, value, currency})
	}
	add("period", "", "from", r.From.Format(time.RFC3339), "")
	add("period", "", "to", r.To.Format(time.RFC3339), "")
	for _, n := range r.counts() {
		add("incidents", "", n.name, strconv.Itoa(n.value), "")
	}
	for i := range r.Clocks {
		l := &r.Clocks[i]
		add("clocks", l.Name, "met", strconv.Itoa(l.Met), "")
		add("clocks", l.Name, "late", strconv.Itoa(l.Late), "")
	}
	add("promises", "", "kept", strconv.Itoa(r.Promises.Kept), "")
	add("promises", "", "broken", strconv.Itoa(r.Promises.Broken), "")
	add("promises", "", "open", strconv.Itoa(r.Promises.Open), "")
	for i := range r.Remedies {
		g := &r.Remedies[i]
		add("remedies", g.Option, "count", strconv.Itoa(g.Count), string(g.Currency))
		if g.Amount != "" {
			add("remedies", g.Option, "amount", g.Amount, string(g.Currency))
		}
	}
	for _, c := range r.Causes {
		add("causes", string(c.Cause), "count", strconv.Itoa(c.Count), "")
		add("causes", string(c.Cause), "preventable", strconv.Itoa(c.Preventable), "")
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

type count struct {
	name  string
	value int
}

func (r *Report) counts() []count {
	n := &r.Incidents
	return []count{
		{"reported", n.Reported}, {"open", n.Open}, {"late", n.Late}, {"reopened", n.Reopened}, {"closed", n.Closed},
		{"endedWell", n.EndedWell}, {"cancelled", n.Cancelled},
	}
}

// Lines is the report for people.
func (r *Report) Lines(f *view.Frame) []string {
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	n := &r.Incidents
	out := []string{
		fmt.Sprintf("Reported from %s to %s", r.From.In(zone).Format("2006-01-02 15:04 MST"), r.To.In(zone).Format("2006-01-02 15:04 MST")), "",
		fmt.Sprintf("incidents  %d reported, %d open, %d cancelled; %d were late, %d reopened", n.Reported, n.Open, n.Cancelled, n.Late, n.Reopened),
		fmt.Sprintf("endings    %d closed, %d of them ended well (%s)", n.Closed, n.EndedWell, Share(n.EndedWell, n.Closed)),
		fmt.Sprintf("promises   %d kept, %d broken, %d open (%s kept)", r.Promises.Kept, r.Promises.Broken, r.Promises.Open, Share(r.Promises.Kept, r.Promises.Kept+r.Promises.Broken)),
	}
	clocks := []view.Column{{Head: "CLOCK"}, {Head: "MET"}, {Head: "LATE"}, {Head: "ATTAINMENT"}}
	for i := range r.Clocks {
		l := &r.Clocks[i]
		fill(clocks, l.Name, strconv.Itoa(l.Met), strconv.Itoa(l.Late), l.Attainment)
	}
	remedies := []view.Column{{Head: "REMEDY"}, {Head: "GIVEN"}, {Head: "COST"}, {Head: "CURRENCY"}}
	for i := range r.Remedies {
		g := &r.Remedies[i]
		fill(remedies, g.Option, strconv.Itoa(g.Count), g.Amount, string(g.Currency))
	}
	causes := []view.Column{{Head: "CAUSE"}, {Head: "INCIDENTS"}, {Head: "PREVENTABLE"}}
	for _, c := range r.Causes {
		fill(causes, string(c.Cause), strconv.Itoa(c.Count), strconv.Itoa(c.Preventable))
	}
	for _, columns := range [][]view.Column{clocks, remedies, causes} {
		if len(columns[0].Cells) > 0 {
			out = append(append(out, ""), view.Table(columns, f.Width)...)
		}
	}
	return out
}

func fill(columns []view.Column, cells ...string) {
	for i, cell := range cells {
		columns[i].Cells = append(columns[i].Cells, cell)
	}
}
