package incidentmodel

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
)

// opening is when both incidents are reported, and instants are when anything happens in the
// model: in the very second in which both steps are due, and in the next one, in which it is
// known that they are breached. Operators that come late come then.
var (
	opening  = fixture.Instant("2026-10-05T09:00:00Z")
	instants = []time.Time{opening.Add(30 * time.Minute), opening.Add(30*time.Minute + time.Second)}
)

// step is what each incident owes, and done the fact that it is done.
var (
	steps = [incidents]v1alpha1.Step{
		fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("30m")),
		fixture.Step("resolve", v1alpha1.StepResolution, fixture.DueWithin("30m"), fixture.Demanding(v1alpha1.DemandRemedyDecided)),
	}
	done = [incidents]fixture.EntryBuilder{
		fixture.Entry("sorry").By("ada").Reached("Phone").Completion("apologise"),
		fixture.Entry("fixed").By("ada").Completion("resolve"),
	}
)

// library holds what states only name.
type library struct {
	plans     [incidents]*policy.Plan
	created   [incidents]content
	contents  []*v1alpha1.Incident
	byText    map[string]content
	news      []string
	decisions map[question]judgement
	mixed     map[[2]content]content
}

// question is all that a decision depends on.
type question struct {
	content content
	answer  answer
	now     tick
}

// judgement is what a decision comes to.
type judgement struct {
	content content
	tells   tidings
	wakes   tick
	// confirm says that it must be decided again with the answer as it stands.
	confirm bool
}

func newLibrary() *library {
	l := &library{byText: map[string]content{}, decisions: map[question]judgement{}, mixed: map[[2]content]content{}}
	for i := range steps {
		name := fmt.Sprintf("policy-%d", i)
		plan, wrong := policy.Compile(name, name+"-r1", policy.Content{Policy: policy.Complete(fixture.Policy(name, steps[i]).Spec)})
		if len(wrong) > 0 {
			panic(policy.Describe(wrong))
		}
		l.plans[i] = plan
		inc := fixture.Created(opening, fixture.In("desk", fixture.Incident(fmt.Sprintf("incident-%d", i))))
		inc.UID, inc.Generation = types.UID(inc.Name), 1
		l.created[i] = l.keep(inc)
	}
	return l
}

// keep names an incident as it stands. It is read back as the API server has stored it.
func (l *library) keep(inc *v1alpha1.Incident) content {
	text, err := json.Marshal(inc)
	if err != nil {
		panic(err)
	}
	known, ok := l.byText[string(text)]
	if !ok {
		stored := &v1alpha1.Incident{}
		if err := json.Unmarshal(text, stored); err != nil {
			panic(err)
		}
		known = content(len(l.contents))
		l.contents = append(l.contents, stored)
		l.byText[string(text)] = known
	}
	return known
}

// number is which of the incidents it is.
func number(inc *v1alpha1.Incident) int { return int(inc.Name[len(inc.Name)-1] - '0') }

// record is an incident with the fact that its step is done.
func (l *library) record(c content, now tick) content {
	inc := l.contents[c].DeepCopy()
	inc.Spec.Journal = append(inc.Spec.Journal, done[number(inc)].RecordedAt(instants[now]).Build())
	inc.Generation++
	return l.keep(inc)
}

// decide asks the engine.
func (l *library) decide(c content, a answer, now tick) judgement {
	q := question{c, a, now}
	if was, ok := l.decisions[q]; ok {
		return was
	}
	inc := l.contents[c]
	i := number(inc)
	d := recovery.Decide(&recovery.Snapshot{
		Incident: inc, Plan: l.plans[i], PlanCreated: opening, Compensations: []v1alpha1.Compensation{compensation(i, a)},
	}, instants[now])
	next := inc.DeepCopy()
	d.Status.DeepCopyInto(&next.Status)
	out := judgement{content: l.keep(next), wakes: tickOf(d.WakeAt), confirm: d.Confirm}
	for n := range d.Notices {
		out.tells |= l.newsOf(&d.Notices[n])
	}
	l.decisions[q] = out
	return out
}

// newsOf is the bit of a notice.
func (l *library) newsOf(n *recovery.Notice) tidings {
	text := n.Reason + " " + n.Announced
	if n.Clock != nil {
		text += n.Clock.Name
	}
	at := slices.Index(l.news, text)
	if at < 0 {
		at = len(l.news)
		l.news = append(l.news, text)
	}
	if at >= 32 {
		panic("there is more to tell than there are bits")
	}
	return 1 << at
}

// describe lists what bits stand for.
func (l *library) describe(t tidings) (out []string) {
	for i, text := range l.news {
		if t&(1<<i) != 0 {
			out = append(out, text)
		}
	}
	return out
}

// tickOf is the first tick at which an instant has come; never, where it comes after all.
func tickOf(at time.Time) tick {
	if at.IsZero() {
		return never
	}
	for i, t := range instants {
		if !t.Before(at) {
			return tick(i)
		}
	}
	return never
}

// compensation is the request for an incident's remedy as an object.
func compensation(i int, a answer) v1alpha1.Compensation {
	c := *fixture.Compensation(fmt.Sprintf("remedy-%d", i), v1alpha1.ObjectName(fmt.Sprintf("incident-%d", i)), "pool", "60.00")
	c.UID, c.CreationTimestamp = types.UID(c.Name), metav1.NewTime(opening)
	c.Status.IncidentUID, c.Status.Phase = fmt.Sprintf("incident-%d", i), v1alpha1.CompensationRequested
	at := metav1.NewTime(instants[a.at])
	switch a.verdict {
	case granted:
		c.Status.Phase, c.Status.Amount, c.Status.DecidedAt = v1alpha1.CompensationGranted, "60.00", &at
	case denied:
		c.Status.Phase, c.Status.DecidedAt = v1alpha1.CompensationDenied, &at
		c.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: v1alpha1.PoolExhaustedReason}}
	}
	return c
}
