package recovery

import (
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// missing says what a completion of a step still lacks, or nothing, and which
// expressions failed over it.
func (r *run) missing(i int, f *stamp.Fact) (lacks string, failed []remark) {
	p := &r.plan.Steps[i]
	var out []string
	for _, d := range p.Demands {
		if text := r.unmet(i, d, f); text != "" {
			out = append(out, string(d)+" ("+text+")")
		}
	}
	for n := range p.Requires {
		met, err := r.meets(&p.Requires[n], f)
		if err != nil {
			failed = append(failed, remark{subject: "step " + string(p.Name) + ", requires", text: err.Error()})
		}
		if !met {
			out = append(out, p.Requires[n].Message)
		}
	}
	return strings.Join(out, "; "), failed
}

// meets says whether a completion meets what its step requires. Once it has met all of
// it, it is latched with which fact that was: a text that is redacted later undoes
// nothing.
func (r *run) meets(q *policy.Requirement, f *stamp.Fact) (bool, error) {
	if since := r.findLatched(requiresKey(f)); since != nil {
		return r.after(0, func(e *v1alpha1.JournalEntry) bool { return string(e.ID) == since.Value }), nil
	}
	return r.evaluate(q.Expression, f)
}

// requiresKey is the key of the latch that a completion met what its step requires.
func requiresKey(f *stamp.Fact) string {
	return "Requires/" + string(f.Entry.ID)
}

// unmet says what to append to meet a demand, or nothing where it is met.
func (r *run) unmet(i int, d v1alpha1.Demand, completion *stamp.Fact) string {
	if r.met(i, d, completion) {
		return ""
	}
	return map[v1alpha1.Demand]string{
		v1alpha1.DemandCustomerReached: "append a contact to the customer that reached them",
		v1alpha1.DemandByPerson:        "append a contact that a person made",
		v1alpha1.DemandCustomersWords:  "append a need, or a contact with a note of the customer's own words",
		v1alpha1.DemandNeedRecorded:    "append a need",
		v1alpha1.DemandRemedyDecided:   r.remedyWanted(),
		v1alpha1.DemandFindingRecorded: "append a finding; cause Unknown is one",
	}[d]
}

// met says whether what a step demands is there.
func (r *run) met(i int, d v1alpha1.Demand, completion *stamp.Fact) bool {
	switch d {
	case v1alpha1.DemandCustomerReached:
		// The contact that reached is the one that ByPerson asks for; and no machine can
		// apologise, whatever the demands of the step.
		p := &r.plan.Steps[i]
		byPerson := p.Type == v1alpha1.StepApology || slices.Contains(p.Demands, v1alpha1.DemandByPerson)
		return r.contacted(i, completion, func(c *v1alpha1.Contact) bool { return c.Reached && (!byPerson || !c.Automated) })
	case v1alpha1.DemandByPerson:
		return r.contacted(i, completion, func(c *v1alpha1.Contact) bool { return !c.Automated })
	case v1alpha1.DemandCustomersWords:
		return r.hasWords(completion)
	case v1alpha1.DemandNeedRecorded:
		return r.inRound(func(e *v1alpha1.JournalEntry) bool { return e.Need != nil })
	case v1alpha1.DemandRemedyDecided:
		return r.remedyDecided(completion)
	case v1alpha1.DemandFindingRecorded:
		return r.inRound(isFinding)
	}
	return true
}

// contacted says whether a contact to this customer stands on the completion, or was
// made since the step started; for a step that has not started, since the round began.
func (r *run) contacted(i int, completion *stamp.Fact, fits func(*v1alpha1.Contact) bool) bool {
	since := r.roundAt
	if r.steps[i].state == stepRunning {
		since = r.steps[i].clock.startedAt
	}
	counts := func(e *v1alpha1.JournalEntry) bool {
		c := e.Contact
		return c != nil && c.Direction == v1alpha1.ToCustomer && c.Audience != v1alpha1.AudienceAll && fits(c)
	}
	return counts(completion.Entry) || r.since(since, counts)
}

// hasWords says whether the customer's own words were written down: in a need or a
// contact of the round, or in the note of the completion itself.
func (r *run) hasWords(completion *stamp.Fact) bool {
	return completion.Entry.Note != "" || r.inRound(func(e *v1alpha1.JournalEntry) bool {
		return e.Need != nil || e.Contact != nil && e.Note != "" && talked(e.Contact)
	})
}

// talked says whether the customer can have said something in a contact.
func talked(c *v1alpha1.Contact) bool {
	return c.Direction == v1alpha1.FromCustomer || c.Reached && !c.Automated && c.Audience != v1alpha1.AudienceAll
}

func (r *run) inRound(fits func(*v1alpha1.JournalEntry) bool) bool {
	return r.since(r.roundAt, fits)
}

// after says whether a fact fits that came after so many others, up to the one under way.
func (r *run) after(seen int, fits func(*v1alpha1.JournalEntry) bool) bool {
	return slices.ContainsFunc(r.facts[seen:r.seen], func(f stamp.Fact) bool { return fits(f.Entry) })
}

// since says whether a fact, from an instant to the one under way, fits.
func (r *run) since(at time.Time, fits func(*v1alpha1.JournalEntry) bool) bool {
	for n := r.seen - 1; n >= 0 && !r.facts[n].At.Before(at); n-- {
		if fits(r.facts[n].Entry) {
			return true
		}
	}
	return false
}
