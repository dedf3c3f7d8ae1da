package lint

import (
	"cmp"
	"maps"
	"slices"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/manifest"
	"github.com/amends-dev/amends/internal/policy"
)

// compiledPolicy is a policy with its defaults written out, and its plan where nothing
// is wrong with it.
type compiledPolicy struct {
	doc      *manifest.Document
	given    v1alpha1.RecoveryPolicySpec
	spec     v1alpha1.RecoveryPolicySpec
	plan     *policy.Plan
	selector *policy.Selector
}

// compiledBudget is a budget with its terms where nothing is wrong with it.
type compiledBudget struct {
	doc   *manifest.Document
	spec  v1alpha1.RecoveryBudgetSpec
	terms *ledger.Terms
}

// compiledCalendar is a calendar; compiled is nil where something is wrong with it.
type compiledCalendar struct {
	doc      *manifest.Document
	spec     v1alpha1.BusinessCalendarSpec
	compiled *calendar.Calendar
}

// incident is an incident of the files.
type incident struct {
	doc *manifest.Document
	inc *v1alpha1.Incident
}

// request is a Compensation of the files.
type request struct {
	doc  *manifest.Document
	spec v1alpha1.CompensationSpec
}

// key names an object of a kind.
type key struct{ kind, namespace, name string }

// world is what the files hold that is sound by itself.
type world struct {
	seen      map[key]*manifest.Document
	policies  map[key]*compiledPolicy
	budgets   map[key]*compiledBudget
	calendars map[key]*compiledCalendar
	incidents map[key]*incident
	requests  []*request
	roles     []role
	bindings  []string
}

func newWorld() *world {
	return &world{
		seen: map[key]*manifest.Document{}, policies: map[key]*compiledPolicy{}, budgets: map[key]*compiledBudget{},
		calendars: map[key]*compiledCalendar{}, incidents: map[key]*incident{},
	}
}

// twin is the document that described the same object before; the first one is kept.
func (w *world) twin(d *manifest.Document) *manifest.Document {
	k := key{d.Kind, d.Namespace, d.Name}
	if first := w.seen[k]; first != nil && d.Name != "" {
		return first
	}
	w.seen[k] = d
	return nil
}

// take takes a sound document in.
func (w *world) take(d *manifest.Document) error {
	k := key{d.Kind, d.Namespace, d.Name}
	switch d.Kind {
	case "RecoveryPolicy":
		var p v1alpha1.RecoveryPolicy
		if err := d.Into(&p); err != nil {
			return err
		}
		w.policies[k] = &compiledPolicy{doc: d, given: p.Spec, spec: policy.Complete(p.Spec)}
	case "RecoveryBudget":
		var b v1alpha1.RecoveryBudget
		if err := d.Into(&b); err != nil {
			return err
		}
		w.budgets[k] = &compiledBudget{doc: d, spec: b.Spec}
	case "BusinessCalendar":
		var c v1alpha1.BusinessCalendar
		if err := d.Into(&c); err != nil {
			return err
		}
		w.calendars[k] = &compiledCalendar{doc: d, spec: c.Spec}
	case "Incident":
		inc := &v1alpha1.Incident{}
		if err := d.Into(inc); err != nil {
			return err
		}
		w.incidents[k] = &incident{doc: d, inc: inc}
	case "Compensation":
		var c v1alpha1.Compensation
		if err := d.Into(&c); err != nil {
			return err
		}
		w.requests = append(w.requests, &request{doc: d, spec: c.Spec})
	}
	return nil
}

// find looks an object up in a namespace. What gives no namespace is put into one by
// kustomize or by the command line, so that it is taken to be in the same.
func find[T any](all map[key]T, kind, namespace, name string) (T, bool) {
	if found, ok := all[key{kind, namespace, name}]; ok {
		return found, true
	}
	if namespace != "" {
		found, ok := all[key{kind, "", name}]
		return found, ok
	}
	for _, k := range ordered(all) {
		if k.kind == kind && k.name == name {
			return all[k], true
		}
	}
	var none T
	return none, false
}

// described says whether the files describe the object at all, sound or not.
func (w *world) described(kind, namespace, name string) bool {
	_, ok := find(w.seen, kind, namespace, name)
	return ok
}

// has says whether the files describe any object of a kind.
func (w *world) has(kind string) bool {
	for k := range w.seen {
		if k.kind == kind {
			return true
		}
	}
	return false
}

// ordered are the keys in a steady order.
func ordered[T any](all map[key]T) []key {
	return slices.SortedFunc(maps.Keys(all), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name))
	})
}

// sameNamespace says whether two documents are, or may be put, into one namespace.
func sameNamespace(a, b *manifest.Document) bool {
	return a.Namespace == b.Namespace || a.Namespace == "" || b.Namespace == ""
}
