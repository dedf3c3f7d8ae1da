package offline

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/recovery"
	"github.com/amends-dev/amends/internal/simulate/rollout"
)

// answer is what a policy would do.
type answer struct {
	Policy    string           `json:"policy"`
	Namespace string           `json:"namespace,omitempty"`
	Revision  string           `json:"revision"`
	Rollout   v1alpha1.Rollout `json:"rollout"`
	At        time.Time        `json:"at"`
	// Open is how many open incidents follow the policy, Unbound how many wait for one.
	Open    int `json:"open"`
	Unbound int `json:"unbound"`
	// Same says that the edition is the one that new incidents get already.
	Same          bool          `json:"same,omitempty"`
	NewIncidents  []movedByEdit `json:"newIncidents"`
	OpenIncidents []movedByEdit `json:"openIncidents"`
}

// movedByEdit is one incident that something would change for.
type movedByEdit struct {
	Incident string       `json:"incident"`
	Severity string       `json:"severity"`
	SLA      string       `json:"sla"`
	NextSLA  string       `json:"nextSLA"`
	Unknown  string       `json:"unknown,omitempty"`
	Clocks   []movedClock `json:"clocks,omitempty"`
}

type movedClock struct {
	Clock      string     `json:"clock"`
	Due        *time.Time `json:"due,omitempty"`
	NextDue    *time.Time `json:"nextDue,omitempty"`
	State      string     `json:"state,omitempty"`
	NextState  string     `json:"nextState,omitempty"`
	LateAtOnce bool       `json:"lateAtOnce,omitempty"`
}

// run answers for each policy of the files.
func (d *differ) run(ctx context.Context, edited *edition, live *Live) (err error) {
	answers := make([]*answer, len(edited.policies))
	moves := false
	for i, p := range edited.policies {
		if answers[i], err = d.answer(ctx, p, edited, live); err != nil {
			return cannot(err)
		}
		moves = moves || answers[i].Rollout == v1alpha1.RolloutOpenIncidents && len(answers[i].OpenIncidents) > 0
	}
	if d.output == "json" {
		e := json.NewEncoder(d.streams.Out)
		e.SetIndent("", "  ")
		err = e.Encode(answers)
	} else {
		for _, a := range answers {
			if err = a.write(d.streams.Out); err != nil {
				break
			}
		}
	}
	if err == nil && moves && d.code {
		return &Exit{Code: ExitFound}
	}
	return cannot(err)
}

func (d *differ) answer(ctx context.Context, p *v1alpha1.RecoveryPolicy, edited *edition, live *Live) (*answer, error) {
	key := client.ObjectKey{Namespace: cmp.Or(p.Namespace, live.home()), Name: p.Name}
	plan, err := compile(ctx, key, p, edited, live)
	if err != nil {
		return nil, err
	}
	var list v1alpha1.IncidentList
	if err := live.Reader.List(ctx, &list, client.InNamespace(key.Namespace)); err != nil {
		return nil, fmt.Errorf("listing the incidents of namespace %s: %w", key.Namespace, err)
	}
	now := live.Now().UTC().Truncate(time.Second)
	out := &answer{
		Policy: p.Name, Namespace: cmp.Or(p.Namespace, live.Namespace), Revision: plan.Revision, At: now, Rollout: cmp.Or(p.Spec.Rollout, v1alpha1.RolloutNewIncidents),
		NewIncidents: []movedByEdit{}, OpenIncidents: []movedByEdit{},
	}
	var current v1alpha1.RecoveryPolicy
	if err := live.Reader.Get(ctx, key, &current); err == nil {
		out.Same = string(current.Status.Revision) == plan.Revision
	} else if !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("reading RecoveryPolicy %s: %w", key, err)
	}
	snapshots, err := out.gather(ctx, list.Items, live)
	if err != nil {
		return nil, err
	}
	for _, e := range rollout.Compare(snapshots, plan, now) {
		if len(e.Moves) > 0 || e.Unreadable != "" {
			out.OpenIncidents = append(out.OpenIncidents, movedBy(&e))
		}
	}
	return out, nil
}

// gather counts the incidents, and gathers those that follow the policy and are open.
func (a *answer) gather(ctx context.Context, incidents []v1alpha1.Incident, live *Live) ([]*recovery.Snapshot, error) {
	var out []*recovery.Snapshot
	for i := range incidents {
		inc := &incidents[i]
		named := string(inc.Spec.PolicyName)
		switch {
		case inc.Status.Policy == nil && (named == "" || named == a.Policy):
			a.Unbound++
			continue
		case inc.Status.Policy == nil || string(inc.Status.Policy.Name) != a.Policy || ended(inc.Status.Phase):
			continue
		}
		a.Open++
		s, err := live.Snapshot(ctx, inc)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func ended(p v1alpha1.Phase) bool {
	return p == v1alpha1.PhaseClosed || p == v1alpha1.PhaseCancelled || p == v1alpha1.PhaseMerged
}

// compile makes the plan of an edition, with the calendars of the files before those of
// the cluster.
func compile(ctx context.Context, key client.ObjectKey, p *v1alpha1.RecoveryPolicy, edited *edition, live *Live) (*policy.Plan, error) {
	content := policy.Content{Policy: policy.Complete(p.Spec)}
	for _, name := range policy.CalendarNames(p.Spec) {
		beside := client.ObjectKey{Namespace: key.Namespace, Name: name}
		spec, ok := edited.calendar(beside, live.home())
		if !ok {
			var cal v1alpha1.BusinessCalendar
			err := live.Reader.Get(ctx, beside, &cal)
			if apierrors.IsNotFound(err) {
				continue // The compiler says so.
			}
			if err != nil {
				return nil, fmt.Errorf("reading BusinessCalendar %s: %w", name, err)
			}
			spec = cal.Spec
		}
		if content.Calendars == nil {
			content.Calendars = map[string]v1alpha1.BusinessCalendarSpec{}
		}
		content.Calendars[name] = spec
	}
	revision, _, err := policy.Encode(p.Name, content)
	if err != nil {
		return nil, err
	}
	plan, wrong := policy.Compile(p.Name, revision, content)
	if len(wrong) > 0 {
		return nil, fmt.Errorf("the policy %s cannot be used: %s", p.Name, policy.Describe(wrong))
	}
	return plan, nil
}

func movedBy(e *rollout.Effect) movedByEdit {
	out := movedByEdit{Incident: e.Incident.Name, Severity: string(e.Severity), SLA: string(e.Was), NextSLA: string(e.Is), Unknown: e.Unreadable}
	for _, m := range e.Moves {
		out.Clocks = append(out.Clocks, movedClock{
			Clock: m.Clock, Due: orNil(m.Was), NextDue: orNil(m.Is), State: string(m.WasState), NextState: string(m.IsState), LateAtOnce: m.LateAtOnce,
		})
	}
	return out
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// write writes an answer for people.
func (a *answer) write(w io.Writer) error {
	lines := []string{fmt.Sprintf("RecoveryPolicy %s, as of %s: %s open under it.", a.Policy, a.At.Format(time.RFC3339), count(a.Open, "incident"))}
	if a.Same {
		lines = append(lines, "It is the edition that new incidents get already: nothing changes.")
	}
	if a.Unbound > 0 {
		lines = append(lines, fmt.Sprintf("%s no policy yet and may be accepted under it.", hasNone(a.Unbound)))
	}
	says := func(r v1alpha1.Rollout) string {
		if a.Rollout == r {
			return string(r) + " (which the file says)"
		}
		return string(r)
	}
	lines = append(lines, fmt.Sprintf("With rollout %s: no due instant moves; new incidents get revision %s.", says(v1alpha1.RolloutNewIncidents), a.Revision))
	if len(a.OpenIncidents) == 0 {
		lines = append(lines, fmt.Sprintf("With rollout %s: no due instant moves either.", says(v1alpha1.RolloutOpenIncidents)))
	} else {
		lines = append(lines, fmt.Sprintf("With rollout %s: something changes for %s:", says(v1alpha1.RolloutOpenIncidents), count(len(a.OpenIncidents), "incident")))
	}
	for _, i := range a.OpenIncidents {
		lines = append(lines, i.lines()...)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func hasNone(n int) string {
	if n == 1 {
		return "1 incident has"
	}
	return fmt.Sprintf("%d incidents have", n)
}

func (m *movedByEdit) lines() []string {
	head := fmt.Sprintf("  %s (%s)", m.Incident, m.Severity)
	if m.Unknown != "" {
		return []string{head + ": " + m.Unknown}
	}
	if m.SLA != m.NextSLA {
		head += fmt.Sprintf(": %s becomes %s", m.SLA, m.NextSLA)
	}
	out := []string{head}
	for _, c := range m.Clocks {
		out = append(out, "    "+c.line())
	}
	return out
}

func (c *movedClock) line() string {
	switch {
	case c.NextState == "":
		return c.Clock + ": is owed no longer"
	case c.State == "":
		return fmt.Sprintf("%s: starts, due %s%s", c.Clock, instant(c.NextDue), c.late())
	case c.State != c.NextState:
		return fmt.Sprintf("%s: %s becomes %s%s", c.Clock, c.State, c.NextState, c.late())
	case c.Due != nil && c.NextDue != nil && !c.Due.Equal(*c.NextDue):
		return fmt.Sprintf("%s: due %s instead of %s, %s%s", c.Clock, instant(c.NextDue), instant(c.Due), apart(*c.Due, *c.NextDue), c.late())
	}
	return fmt.Sprintf("%s: due %s instead of %s%s", c.Clock, instant(c.NextDue), instant(c.Due), c.late())
}

func (c *movedClock) late() string {
	if c.LateAtOnce {
		return ", late at once"
	}
	return ""
}

func instant(t *time.Time) string {
	if t == nil {
		return "at no instant"
	}
	return t.Format(time.RFC3339)
}

func apart(was, is time.Time) string {
	if is.Before(was) {
		return was.Sub(is).String() + " sooner"
	}
	return is.Sub(was).String() + " later"
}
