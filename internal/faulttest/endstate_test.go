package faulttest

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/byhand"
)

// ending is everything that a story leaves behind, as text: what a person would read,
// without what the API server alone gives and without the times of observation.
type ending map[string]string

// strictness says what of an ending depends on when the operator looked.
type strictness int

const (
	// exact leaves out only the instants of observation.
	exact strictness = iota
	// late leaves out too what tells when an operator that came late was there: when a
	// condition changed, when an incident was accepted, that a choice was open before it was
	// made, and that people could decide later than they might have.
	late
	// unmet leaves out as well when requests were decided, and with it when their deliveries
	// began: nobody decides under a policy that no operator has met.
	unmet
	// outcome leaves only what became of each request and what the budget comes to: a request
	// that is taken back before anybody has seen it never awaited anything.
	outcome
)

// ending reads everything live.
func (w *world) ending(s strictness) ending {
	w.Helper()
	out := ending{}
	names := map[string]string{}
	var all []client.Object
	for _, list := range []client.ObjectList{
		&v1alpha1.BusinessCalendarList{}, &v1alpha1.RecoveryPolicyList{}, &v1alpha1.RecoveryBudgetList{},
		&v1alpha1.IncidentList{}, &v1alpha1.CompensationList{}, &appsv1.ControllerRevisionList{},
	} {
		if err := w.api.List(w.ctx(), list, client.InNamespace(w.namespace)); err != nil {
			w.Fatal(err)
		}
		if err := apimeta.EachListItem(list, func(o runtime.Object) error {
			all = append(all, o.(client.Object))
			return nil
		}); err != nil {
			w.Fatal(err)
		}
	}
	for _, o := range all {
		names[string(o.GetUID())] = refOf(o).String()
	}
	for _, o := range all {
		out[refOf(o).String()] = w.text(o, s, names)
	}
	return out
}

// text is an object without what differs between two runs by itself.
func (w *world) text(o client.Object, s strictness, names map[string]string) string {
	w.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		w.Fatal(err)
	}
	written := string(data)
	for uid, name := range names {
		written = strings.ReplaceAll(written, uid, name)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(written), &fields); err != nil {
		w.Fatal(err)
	}
	fields["kind"] = byhand.KindOf(o)
	meta, _ := fields["metadata"].(map[string]any)
	for _, name := range []string{"uid", "resourceVersion", "managedFields", "creationTimestamp", "deletionTimestamp", "namespace"} {
		delete(meta, name)
	}
	if notes, ok := meta["annotations"].(map[string]any); ok {
		if delete(notes, touched); len(notes) == 0 {
			delete(meta, "annotations")
		}
	}
	if byhand.KindOf(o) == "RecoveryBudget" {
		// How far the ledger has come depends on who wrote it; what it comes to does not.
		status, _ := fields["status"].(map[string]any)
		for _, name := range []string{"epoch", "sequence", "entries", "periods"} {
			delete(status, name)
		}
	}
	if s == outcome {
		fields = onlyMoney(fields)
	}
	strip(fields, s)
	text, err := yaml.Marshal(fields)
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// onlyMoney is where the money of a request or a budget is.
func onlyMoney(fields map[string]any) map[string]any {
	out := map[string]any{}
	status, _ := fields["status"].(map[string]any)
	switch fields["kind"] {
	case "Compensation", "RecoveryBudget":
		for _, name := range []string{"phase", "amount", "allowance", "entitlement", "spent", "reserved", "owed", "available"} {
			out[name] = status[name]
		}
	}
	return out
}

// strip takes the times of observation out.
func strip(value any, s strictness) {
	switch x := value.(type) {
	case map[string]any:
		delete(x, "observedAt")
		if s == late || s == unmet {
			delete(x, "lastTransitionTime")
			delete(x, "offeredAt")
		}
		if s == unmet {
			delete(x, "decidedAt")
			if x["kind"] == string(v1alpha1.ClockDelivery) {
				delete(x, "startedAt")
				delete(x, "dueAt")
			}
		}
		for name, v := range x {
			if list, ok := v.([]any); ok && name == "recorded" {
				if kept := slices.DeleteFunc(slices.Clone(list), ownTime); len(kept) > 0 {
					x[name] = kept
				} else {
					delete(x, name)
					continue
				}
			}
			if pins, ok := v.([]any); ok && name == "pins" && (s == late || s == unmet) {
				for _, pin := range pins {
					delete(pin.(map[string]any), "at")
				}
			}
			if conditions, ok := v.([]any); ok && name == "conditions" && (s == late || s == unmet) {
				v = slices.DeleteFunc(conditions, askedLate)
				x[name] = v
			}
			strip(v, s)
		}
	case []any:
		for _, v := range x {
			strip(v, s)
		}
		sorted(x)
	}
}

// askedLate says that a condition is there only because a decision was asked for late.
func askedLate(v any) bool {
	c, _ := v.(map[string]any)
	return c["type"] == v1alpha1.ReconcilingCondition && c["status"] == "False" && c["reason"] == v1alpha1.AwaitingApprovalReason
}

// sorted puts lists of keyed elements into the order of their keys, where the order is
// that of writing.
func sorted(list []any) {
	key := func(v any) string {
		m, _ := v.(map[string]any)
		k, _ := m["key"].(string)
		return k
	}
	if len(list) > 0 && key(list[0]) != "" {
		slices.SortStableFunc(list, func(a, b any) int { return cmp.Compare(key(a), key(b)) })
	}
}

// differs tells where an ending is not the one that was wanted.
func (e ending) differs(want ending) string {
	var out []string
	names := maps.Clone(e)
	maps.Copy(names, want)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if e[name] != want[name] {
			out = append(out, name+":\n"+lines(want[name], e[name]))
		}
	}
	return strings.Join(out, "\n")
}

// lines tells which lines of one text are not in the other.
func lines(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out []string
	count := map[string]int{}
	for _, l := range b {
		count[l]++
	}
	for _, l := range a {
		if count[l]--; count[l] < 0 {
			out = append(out, "-"+l)
		}
	}
	clear(count)
	for _, l := range a {
		count[l]++
	}
	for _, l := range b {
		if count[l]--; count[l] < 0 {
			out = append(out, "+"+l)
		}
	}
	return strings.Join(out, "\n")
}

// ownTime says whether an element of recorded only repeats the time that the entry has
// itself: a clock that was behind had it written down.
func ownTime(element any) bool {
	fields, ok := element.(map[string]any)
	return ok && fields["source"] == string(v1alpha1.SourceEntry)
}
