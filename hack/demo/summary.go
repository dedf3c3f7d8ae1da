package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// clockTable lists every clock with its instants, in seconds of the demo.
func clockTable(incidents []*v1alpha1.Incident, zero time.Time, width int, p painter) []string {
	columns := []column{{head: "INCIDENT"}, {head: "CLOCK"}, {head: "DUE"}, {head: "DONE", drop: 1}, {head: "BREACHED"}, {head: "OBSERVED", drop: 2}, {head: "VERDICT"}}
	var tones []tone
	at := func(t *metav1.Time) string {
		if t == nil {
			return "-"
		}
		return offset(t.Sub(zero))
	}
	for _, inc := range incidents {
		for i := range inc.Status.Clocks {
			c := &inc.Status.Clocks[i]
			observed, verdict, tone := "-", "in time", toneGood
			switch {
			case c.BreachedAt != nil:
				verdict, tone = "late", toneBreach
				if c.ObservedAt != nil {
					late := c.ObservedAt.Sub(zero)
					observed = fmt.Sprintf("%+d.%02ds", late/time.Second, late%time.Second/(10*time.Millisecond))
				}
			case c.State != v1alpha1.StateDone:
				verdict, tone = string(c.State), toneFact
			}
			for n, cell := range []string{inc.Name, c.Name, at(c.DueAt), at(c.DoneAt), at(c.BreachedAt), observed, verdict} {
				columns[n].cells = append(columns[n].cells, cell)
			}
			tones = append(tones, tone)
		}
	}
	rows := table(columns, width)
	for i, t := range tones {
		rows[i+1] = p.paint(t, rows[i+1])
	}
	return rows
}

// eventText counts the operator's events.
func eventText(counts map[string]map[string]int) string {
	sum, by := 0, map[string]int{}
	for _, of := range counts {
		for reason, n := range of {
			sum, by[reason] = sum+n, by[reason]+n
		}
	}
	reasons := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return cmp.Or(by[b]-by[a], strings.Compare(a, b)) })
	var parts []string
	for _, reason := range reasons {
		parts = append(parts, fmt.Sprintf("%d %s", by[reason], reason))
	}
	return fmt.Sprintf("%d events: %s", sum, strings.Join(parts, ", "))
}

// verdictText says in a sentence how a story ended.
func verdictText(s *story, inc *v1alpha1.Incident) string {
	text := fmt.Sprintf("%s is %s, SLA %s", inc.Name, inc.Status.Phase, inc.Status.SLA)
	if len(s.Expect.Breached) > 0 {
		text += fmt.Sprintf("; %s was late: breachedAt is its due instant, whenever that was noticed", strings.Join(s.Expect.Breached, ", "))
	}
	if s.Expect.PromisesKept > 0 {
		text += fmt.Sprintf("; promises kept: %d of %d", s.Expect.PromisesKept, s.Expect.PromisesKept)
	}
	if len(s.Expect.Conditions) > 0 {
		text += "; true conditions: " + strings.Join(s.Expect.Conditions, ", ")
	}
	return text
}

// invitation says what to try while everything is up. addPath is a folder with
// kubectl, where the PATH has none.
func invitation(kubeconfig, addPath string) []string {
	out := []string{"", "It is all still there, until Ctrl-C. In another terminal:", "", "  export KUBECONFIG=" + kubeconfig}
	if addPath != "" {
		out = append(out, "  export PATH="+addPath+":$PATH")
	}
	return append(out, "",
		"  # How do they stand?",
		"  kubectl get inc",
		"  # What happened to the one that was late, and why?",
		"  kubectl describe incident noise-1108",
		"  # What can be recorded?",
		"  kubectl explain incident.spec.journal",
		"  # The guest with the coffee is back, and not happy; what alice hears opens the incident again:",
		`  kubectl patch incident coffee-0417 --as=alice --type=json -p '[{"op":"add","path":"/spec/journal/-","value":`+
			`{"id":"cold-coffee","by":"alice","contact":{"direction":"FromCustomer","channel":"InPerson"},"note":"It is cold."}}]'`,
		"  # Another apology is owed. Nobody gives it:",
		"  kubectl wait incident/coffee-0417 --for=jsonpath='{.status.sla}'=Overdue --timeout=60s",
		"", "What you do there is told here:", "")
}
