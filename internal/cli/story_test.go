package cli_test

import (
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// line is one command that somebody types, and what its answer says.
type line struct {
	who  string
	args []string
	says []string
}

// The upgrade that was not, from its report to its end, with this command alone: each
// command needs the incident's name and the fact, and nothing else.
func storyTheUpgradeThatWasNot(t *testing.T) {
	d := openDesk(t)
	d.apply("the-upgrade-that-was-not", "10-calendar.yaml", "30-policy.yaml")
	people := d.staff("mei", "tom", "lin", "wei", "gao")
	d.awaitPolicy("stay")

	const inc = "upgrade-2203"
	for _, l := range []line{
		{"mei", []string{"open", inc, "Booked the garden suite for an anniversary, was given a standard room", "--policy", "stay", "--customer", "guest-2203",
			"--tier", "Silver", "--time-zone", "Asia/Shanghai", "--contact-hours", "09:00-21:00", "--severity", "Medium", "--category", "room",
			"--service", "reception", "--detected-by", "Customer"}, []string{"reported at", "policy stay", "next: apologise (Apology), due"}},
		{"mei", []string{"contact", inc, "--heard", "Phone", "--mood", "upset", "--minutes", "6", "-m", `"We booked the garden suite for our tenth anniversary, and they put us beside the lift."`},
			[]string{"the customer was in touch, phone, upset", "Response/from-customer runs"}},
		{"mei", []string{"promise", inc, "The hotel calls you back", "--within", "30m", "--channel", "Phone", "--owner", "tom", "--reached", "Phone"},
			[]string{`promise "The hotel calls you back" within 30m`, "Promise/promise-1 runs", "Response/from-customer is done in time"}},
		{"mei", []string{"assign", inc, "tom", "-m", "Reached the hotel's duty manager by telephone and told him all of it."}, []string{"owner tom", "Acceptance/assign runs"}},
		{"tom", []string{"ack", inc}, []string{"taken on", "Acceptance/assign is done in time"}},
		{"tom", []string{"keep", inc, "--reached", "Phone", "--minutes", "4"}, []string{"promise promise-1 kept", "Promise/promise-1 is done in time"}},
		{"tom", []string{"complete", inc, "apologise", "-m", "In the same call: we are sorry, lin comes up to you now."},
			[]string{"completed apologise", "Step/apologise is done in time", "Step/listen runs", "kubectl amends complete upgrade-2203 listen"}},
		{"lin", []string{"need", inc, "That this weekend feels like an anniversary again", "--reached", "InPerson", "--mood", "Angry", "--minutes", "15",
			"-m", `"It is not about the square metres. My husband planned this for a year, and the first thing we hear is the lift."`}, []string{"need"}},
		{"lin", []string{"complete", inc, "listen"}, []string{"Step/listen is done in time", "Step/put-right runs"}},
		{"lin", []string{"gesture", inc, "The garden suite, for the whole stay", "--option", "better-room"}, []string{"gesture The garden suite"}},
		{"lin", []string{"gesture", inc, "They leave early for the mountains: breakfast at six, on the terrace", "--option", "early-breakfast"}, []string{"gesture"}},
		{"lin", []string{"task", inc, "Breakfast at 06:00 on the terrace of the garden suite", "--kind", "Care", "--to", "wei", "--within", "24h"}, []string{"Task/care-1 runs"}},
		{"lin", []string{"task", inc, "Breakfast at 06:00 on the terrace of the garden suite", "--kind", "Care", "--to", "wei", "--within", "48h"}, []string{"Task/care-2 runs"}},
		{"lin", []string{"complete", inc, "put-right", "--accepted", "Yes", "--reached", "InPerson", "--mood", "Calm"}, []string{"the incident is Resolved"}},
		{"lin", []string{"complete", inc, "check-the-room", "--reached", "Phone", "-m", `"We can hear the fountain."`}, []string{"Step/check-the-room is done in time"}},
		{"tom", []string{"complete", inc, "tell-the-shifts", "-m", "Night and morning shift know the story and greet them by it; nobody asks them again."}, []string{"Step/tell-the-shifts is done in time"}},
		{"wei", []string{"done", inc, "care-1"}, []string{"Task/care-1 is done in time"}},
		{"wei", []string{"done", inc}, []string{"Task/care-2 is done in time"}},
		{"tom", []string{"finding", inc, "Execution", "The arrival list was printed before the suite was assigned, and the desk went by the print", "--primary", "--preventable", "Yes"}, []string{"cause Execution"}},
		{"tom", []string{"complete", inc, "write-up"}, []string{"Step/write-up is done in time"}},
		{"gao", []string{"complete", inc, "goodbye", "--reached", "InPerson", "--mood", "Calm", "-m", "Carried the bags to the taxi with them."},
			[]string{"Step/goodbye is done in time", "the incident is Closed", "nothing is due any more"}},
		{"gao", []string{"feedback", inc, "--satisfaction", "5", "--versus", "Above", "--will-return", "Yes", "--source", "Customer"}, []string{"5 of 5, above expectation"}},
	} {
		out := d.run(people[l.who], l.args...)
		d.Logf("$ kubectl amends %s\n%s", quoted(l.args), out)
		for _, want := range l.says {
			if !strings.Contains(out, want) {
				d.Errorf("kubectl amends %s does not say %q:\n%s", l.args[0], want, out)
			}
		}
	}
	endsWell(d, inc)
	if _, _, code := d.try(people["mei"], "status", inc, "--wait", "Closed", "--timeout", "5s"); code != 0 {
		d.Errorf("status --wait Closed: exit code %d", code)
	}
}

// endsWell checks the end of the story, and that every fact is signed by who typed it
// and dated by the API server.
func endsWell(d *desk, name string) {
	d.Helper()
	inc := &v1alpha1.Incident{}
	if err := d.admin.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, inc); err != nil {
		d.Fatal(err)
	}
	if inc.Status.Phase != v1alpha1.PhaseClosed || inc.Status.SLA != v1alpha1.SLAMet || inc.Status.Owner != "tom" {
		d.Errorf("phase %s, SLA %s, owner %s; want Closed, Met, tom", inc.Status.Phase, inc.Status.SLA, inc.Status.Owner)
	}
	for _, condition := range []string{
		v1alpha1.DocumentedCondition, v1alpha1.CustomerAcceptedCondition, v1alpha1.PromisesKeptCondition, v1alpha1.EndedWellCondition, v1alpha1.JournalAcceptedCondition,
	} {
		if !apimeta.IsStatusConditionTrue(inc.Status.Conditions, condition) {
			d.Errorf("condition %s does not hold", condition)
		}
	}
	if n := len(inc.Spec.Journal); n != 21 {
		d.Errorf("%d entries, want 21", n)
	}
	for i := range inc.Spec.Journal {
		e := &inc.Spec.Journal[i]
		if e.By == "" || e.RecordedAt == nil || e.RecordedAt.Time.Before(inc.CreationTimestamp.Add(-time.Second)) {
			d.Errorf("entry %s is by %q, recorded at %v", e.ID, e.By, e.RecordedAt)
		}
	}
	if n := len(inc.Status.Recorded); n != 0 {
		d.Errorf("the operator had to find a time for %d facts", n)
	}
}

// quoted is a command line as one would type it.
func quoted(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = a; strings.ContainsAny(a, " \"'") {
			out[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

// awaitPolicy waits until a policy is in force.
func (d *desk) awaitPolicy(name string) {
	d.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		pol := &v1alpha1.RecoveryPolicy{}
		if err := d.admin.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, pol); err != nil {
			d.Fatal(err)
		}
		if apimeta.IsStatusConditionTrue(pol.Status.Conditions, v1alpha1.ReadyCondition) {
			return
		}
	}
	d.Fatalf("policy %s does not come into force", name)
}
