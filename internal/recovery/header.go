package recovery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/stamp"
)

// readHeader takes the header as reported. A claimed time that cannot be counts for
// nothing, and is told.
func (r *run) readHeader() {
	spec := &r.inc.Spec
	created := r.start
	r.header, r.customer = policy.NewHeader(r.inc), &spec.Customer
	for _, f := range []*flip{&r.journal, &r.resolved, &r.closed, &r.documented, &r.risk, &r.late, &r.scheduled, &r.untold} {
		f.at = created
	}
	if at := spec.ReportedAt; at != nil {
		if at.After(created) {
			r.headerBad = append(r.headerBad, remark{"spec.reportedAt", fmt.Sprintf("%s lies after the incident was created (%s); it counts for nothing, and the clocks run from the creation", stampText(at.Time), stampText(created))})
		} else {
			r.start = at.UTC().Truncate(time.Second)
		}
	}
	if at := spec.OccurredAt; at != nil && at.After(created) {
		r.headerBad = append(r.headerBad, remark{"spec.occurredAt", fmt.Sprintf("%s lies after the incident was created (%s); it counts for nothing; a failure that is still to come has expectedAt", stampText(at.Time), stampText(created))})
	}
	r.checkCategory()
	r.checkZone()
	r.journal.set(r.hasRemarks(), created)
}

// datedBefore refuses an entry that claims to have been recorded before its incident
// was created: nobody can have written into what was not there. Clocks of the API
// server's machines may differ by the tolerance.
func (r *run) datedBefore(f stamp.Fact) bool {
	at, created := f.Entry.RecordedAt, r.inc.CreationTimestamp.Time
	if f.At.After(created) || at == nil || !at.Add(stamp.Tolerance).Before(created) {
		return false
	}
	r.refuse(&f, fmt.Sprintf("recordedAt: %s lies before the incident was created (%s); an earlier time of the act itself goes into at", stampText(at.Time), stampText(created)))
	return true
}

// amend corrects the header from now on.
func (r *run) amend(f *stamp.Fact) {
	a := f.Entry.Amend
	r.amended++
	if a.Summary != "" {
		r.header.Spec.Summary = a.Summary
	}
	if a.Customer != nil {
		r.header.Spec.Customer = *a.Customer
		r.headerBad = slices.DeleteFunc(r.headerBad, func(m remark) bool { return m.subject == zoneField })
		r.checkZone()
		r.recountContactHours(a.Customer, f.At)
	}
	if a.Service != "" {
		r.header.Spec.Service = a.Service
	}
	if a.Category != "" {
		r.header.Spec.Category = a.Category
		r.headerBad = slices.DeleteFunc(r.headerBad, func(m remark) bool { return m.subject == categoryField })
		r.checkCategory()
	}
}

const categoryField = "spec.category"

// checkCategory tells a category that the policy does not list. The incident is real
// and recovery is owed all the same.
func (r *run) checkCategory() {
	if r.plan == nil || len(r.plan.Categories) == 0 || slices.Contains(r.plan.Categories, r.header.Spec.Category) {
		return
	}
	allowed := make([]string, len(r.plan.Categories))
	for i, c := range r.plan.Categories {
		allowed[i] = string(c)
	}
	r.headerBad = append(r.headerBad, remark{categoryField, fmt.Sprintf("%q is none of the categories of policy %s: %s; append an amend entry", r.header.Spec.Category, r.plan.Policy, strings.Join(allowed, ", "))})
}

const zoneField = "spec.customer.timeZone"

// checkZone tells a zone of the customer that is not known here. Their hours are then
// meant in the calendar's.
func (r *run) checkZone() {
	zone := r.header.Spec.Customer.TimeZone
	if zone == "" {
		return
	}
	if _, err := calendar.LoadZone(string(zone)); err != nil {
		r.headerBad = append(r.headerBad, remark{zoneField, fmt.Sprintf("%v; until an amend entry corrects it, the customer's hours are meant in the calendar's zone", err)})
	}
}

// stampText is an instant in a message.
func stampText(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}
