package simulate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/manifest"
)

// nowhere is the namespace of what gives none: kustomize or the command line puts it
// into one.
const nowhere = "default"

// given is a namespace as the files gave it.
func given(namespace string) string {
	if namespace == nowhere {
		return ""
	}
	return namespace
}

func (a *Act) key() types.NamespacedName {
	return types.NamespacedName{Namespace: cmp.Or(a.Namespace, nowhere), Name: a.Name}
}

// act does what an act says, unless the API server would refuse it.
func (r *run) act(ctx context.Context, a *Act) error {
	old := r.object(a.Kind, a.key())
	incident := r.incidentOf(a, old)
	switch {
	case a.Verb == Delete:
		r.remove(a)
		r.tell(incident, a.Kind, a.Name, Applied, string(Delete), a.Kind+" "+a.Name)
		return nil
	case a.Verb == Patch && old == nil:
		r.tell(incident, a.Kind, a.Name, Refused, "NotFound", fmt.Sprintf("there is no %s %q to patch (%s)", a.Kind, a.Name, a.From))
		return nil
	}
	next, before, err := r.whole(a, old)
	if err != nil {
		r.tell(incident, a.Kind, a.Name, Refused, "Invalid", err.Error())
		return nil
	}
	wrong, err := refusals(ctx, a, next, before)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		r.tell(incident, a.Kind, a.Name, Refused, "Invalid", strings.Join(wrong, "; "))
		return nil
	}
	if err := r.put(a, next, old); err != nil {
		return err
	}
	if a.Verb != Patch {
		r.tell(incident, a.Kind, a.Name, Applied, string(a.Verb), a.Kind+" "+a.Name)
		return nil
	}
	for _, o := range a.Operations {
		reason, message := describe(o)
		r.tell(incident, a.Kind, a.Name, Recorded, reason, message)
	}
	return nil
}

// refusals are what the API server has against an act; kubectl apply asks it to refuse
// unknown fields too.
func refusals(ctx context.Context, a *Act, next, before map[string]any) ([]string, error) {
	var out []string
	if a.Verb != Patch {
		unknown, err := (&manifest.Document{Kind: a.Kind, Object: next}).Unknown()
		if err != nil {
			return nil, err
		}
		for _, field := range unknown {
			out = append(out, fmt.Sprintf("unknown field %q", field))
		}
	}
	wrong, err := manifest.Validate(ctx, a.Kind, next, before)
	for _, e := range wrong {
		out = append(out, strings.TrimPrefix(e.Error(), "<nil>: Invalid value: "))
	}
	return out, err
}

// whole is the object as it is to be, and as it was.
func (r *run) whole(a *Act, old client.Object) (next, before map[string]any, err error) {
	if old != nil {
		if before, err = plain(old); err != nil {
			return nil, nil, err
		}
	}
	if a.Verb != Patch {
		next = map[string]any{"apiVersion": v1alpha1.GroupVersion.String(), "kind": a.Kind, "metadata": a.Object["metadata"]}
		maps.Copy(next, a.Object)
		if status, ok := before["status"]; ok {
			next["status"] = status
		}
		return next, before, nil
	}
	data, err := json.Marshal(before)
	if err != nil {
		return nil, nil, err
	}
	if spec, ok := before["spec"].(map[string]any); ok && a.Kind == "Incident" && spec["journal"] == nil {
		// The API server gives a journal by default, so that there is a list to append to.
		spec["journal"] = []any{}
		if data, err = json.Marshal(before); err != nil {
			return nil, nil, err
		}
	}
	operations, err := json.Marshal(a.Operations)
	if err != nil {
		return nil, nil, err
	}
	patch, err := jsonpatch.DecodePatch(operations)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: the patch cannot be read: %w", a.From, err)
	}
	patched, err := patch.Apply(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: the patch cannot be applied: %w", a.From, err)
	}
	return next, before, utiljson.Unmarshal(patched, &next)
}

// plain is an object as JSON has it.
func plain(object client.Object) (map[string]any, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, utiljson.Unmarshal(data, &out)
}

// put stores an object, as the API server would have it.
func (r *run) put(a *Act, next map[string]any, old client.Object) error {
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	object := blank(a.Kind)
	if err := json.Unmarshal(data, object); err != nil {
		return fmt.Errorf("%s: %w", a.From, err)
	}
	object.SetNamespace(a.key().Namespace)
	if old == nil {
		r.objects++
		object.SetUID(r.uid(r.objects))
		object.SetCreationTimestamp(metav1.NewTime(r.now))
		object.SetDeletionTimestamp(nil)
		object.SetGeneration(1)
	} else {
		object.SetUID(old.GetUID())
		object.SetCreationTimestamp(old.GetCreationTimestamp())
		object.SetGeneration(old.GetGeneration() + 1)
		object.SetFinalizers(old.GetFinalizers())
	}
	r.shelve(a.key(), object)
	return nil
}

// shelve puts an object in its place.
func (r *run) shelve(key types.NamespacedName, object client.Object) {
	switch object := object.(type) {
	case *v1alpha1.BusinessCalendar:
		r.calendars[key] = object
	case *v1alpha1.RecoveryPolicy:
		r.policies[key] = object
	case *v1alpha1.RecoveryBudget:
		r.budgets[key] = object
	case *v1alpha1.Incident:
		r.incidents[key] = object
	case *v1alpha1.Compensation:
		r.compensations[key] = object
	}
}

func blank(kind string) client.Object {
	switch kind {
	case "BusinessCalendar":
		return &v1alpha1.BusinessCalendar{}
	case "RecoveryPolicy":
		return &v1alpha1.RecoveryPolicy{}
	case "RecoveryBudget":
		return &v1alpha1.RecoveryBudget{}
	case "Incident":
		return &v1alpha1.Incident{}
	}
	return &v1alpha1.Compensation{}
}

// object finds an object, or nil.
func (r *run) object(kind string, key types.NamespacedName) client.Object {
	into := blank(kind)
	if r.Get(context.Background(), key, into) != nil {
		return nil
	}
	return into
}

// remove deletes an object. A Compensation that holds money stays until that is given
// back.
func (r *run) remove(a *Act) {
	key := a.key()
	switch a.Kind {
	case "BusinessCalendar":
		delete(r.calendars, key)
	case "RecoveryPolicy":
		delete(r.policies, key)
	case "RecoveryBudget":
		delete(r.budgets, key)
	case "Incident":
		delete(r.incidents, key)
		delete(r.incidentWakes, key)
	case "Compensation":
		if c := r.compensations[key]; c != nil {
			at := metav1.NewTime(r.now)
			c.DeletionTimestamp = &at
		}
	}
}

// incidentOf is the incident that an act is about.
func (r *run) incidentOf(a *Act, old client.Object) string {
	switch a.Kind {
	case "Incident":
		return a.Name
	case "Compensation":
		if c, ok := old.(*v1alpha1.Compensation); ok && c != nil {
			return string(c.Spec.IncidentName)
		}
		spec, _ := a.Object["spec"].(map[string]any)
		name, _ := spec["incidentName"].(string)
		return name
	}
	return ""
}

// headers are the fields of an entry that say who wrote it when, and not what.
var headers = map[string]bool{"id": true, "by": true, "recordedBy": true, "recordedAt": true, "at": true, "note": true, "contact": true}

// describe says in a word and in a sentence what an operation records.
func describe(o manifest.Operation) (reason, message string) {
	value, _ := o.Value.(map[string]any)
	if !isFact(o.Path) {
		return "Patched", o.Op + " " + o.Path
	}
	by, _ := value["by"].(string)
	who := ""
	if by != "" {
		who = ", by " + by
	}
	if o.Path != journalPath {
		reason = strings.TrimPrefix(o.Path, "/spec/")
		return reason, reason + detail(value) + who
	}
	var members []string
	for name := range value {
		if !headers[name] {
			members = append(members, name)
		}
	}
	slices.Sort(members)
	id, _ := value["id"].(string)
	message = id + about(value, members) + who
	for _, fallback := range []string{"contact", "note"} {
		if _, ok := value[fallback]; ok && len(members) == 0 {
			members = []string{fallback}
		}
	}
	reason = strings.Join(members, "+")
	if at := timeAt(value, "at"); !at.IsZero() && at != timeAt(value, "recordedAt") {
		message += ", of " + at.Format(time.RFC3339)
	}
	return reason, message
}

// tellingFields are the fields of a fact that say most about it.
var tellingFields = []string{"step", "severity", "result", "reason", "owner", "into", "cause", "versusExpectation", "option"}

// about is what the fact of an entry is about, as far as a word says it.
func about(value map[string]any, members []string) string {
	var words []string
	for _, member := range members {
		fact, _ := value[member].(map[string]any)
		for _, name := range tellingFields {
			if word, ok := fact[name].(string); ok && !strings.Contains(word, " ") {
				words = append(words, word)
			}
		}
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// detail is what a fact of a Compensation says.
func detail(value map[string]any) string {
	for _, name := range []string{"verdict", "offer"} {
		if text, ok := value[name].(string); ok {
			return " " + text
		}
	}
	return ""
}
