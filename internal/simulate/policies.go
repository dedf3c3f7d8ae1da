package simulate

import (
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/condition"
	"github.com/amends-dev/amends/internal/policy"
)

// readCalendars says of each calendar whether it can be counted on, and when it next opens
// and closes.
func (r *run) readCalendars() (changed bool) {
	for _, key := range r.calendars.keys() {
		cal := r.calendars[key]
		was, next := cal.Status, readCalendar(cal, r.now)
		if equality.Semantic.DeepEqual(was, next) {
			continue
		}
		cal.Status, changed = next, true
		r.conditions("", "BusinessCalendar", cal.Name, was.Conditions, next.Conditions)
		r.specNotice("BusinessCalendar", cal.Name, was.Conditions, next.Conditions)
	}
	return changed
}

func readCalendar(cal *v1alpha1.BusinessCalendar, now time.Time) v1alpha1.BusinessCalendarStatus {
	was := cal.Status.Conditions
	out := v1alpha1.BusinessCalendarStatus{ObservedGeneration: cal.Generation}
	compiled, wrong := calendar.Compile(cal.Spec)
	if len(wrong) > 0 {
		reason, texts := v1alpha1.InvalidSpecReason, make([]string, len(wrong))
		for i, p := range wrong {
			texts[i] = p.String()
			switch {
			case p.Path == "spec.timeZone":
				reason = v1alpha1.UnknownTimeZoneReason
			case p.Reason == calendar.ReasonExhausted:
				reason = v1alpha1.CalendarExhaustedReason
			}
		}
		out.Conditions = condition.Stalled(was, cal.Generation, now, reason, strings.Join(texts, "; "))
		return out
	}
	out.Conditions = condition.Ready(was, cal.Generation, now, "the calendar can be counted on")
	if at, ok := compiled.NextOpening(now); ok {
		out.NextOpeningAt = &metav1.Time{Time: at}
	}
	if at, ok := compiled.NextClosing(now); ok {
		out.NextClosingAt = &metav1.Time{Time: at}
	}
	return out
}

// readPolicies compiles each policy, and keeps the revision that incidents pin.
func (r *run) readPolicies() (changed bool, err error) {
	for _, key := range r.policies.keys() {
		pol := r.policies[key]
		content := policy.Content{Policy: policy.Complete(pol.Spec)}
		for _, name := range policy.CalendarNames(pol.Spec) {
			if cal := r.calendars[types.NamespacedName{Namespace: key.Namespace, Name: name}]; cal != nil {
				if content.Calendars == nil {
					content.Calendars = map[string]v1alpha1.BusinessCalendarSpec{}
				}
				content.Calendars[name] = cal.Spec
			}
		}
		revision, data, err := policy.Encode(pol.Name, content)
		if err != nil {
			return changed, err
		}
		plan, wrong := policy.Compile(pol.Name, revision, content)
		was := pol.Status
		next := *was.DeepCopy()
		next.ObservedGeneration = pol.Generation
		first := slices.IndexFunc(wrong, policy.Problem.ToMend)
		switch {
		case plan != nil:
			r.keep(key, revision, data)
			next.Revision = v1alpha1.ObjectName(revision)
			next.Conditions = condition.Ready(was.Conditions, pol.Generation, r.now, "new incidents are accepted under it")
		case first < 0:
			next.Conditions = condition.Reconciling(was.Conditions, pol.Generation, r.now, v1alpha1.CalendarNotFoundReason, policy.Describe(wrong))
		default:
			next.Conditions = condition.Stalled(was.Conditions, pol.Generation, r.now, wrong[first].Reason, policy.Describe(wrong))
		}
		if equality.Semantic.DeepEqual(was, next) {
			continue
		}
		pol.Status, changed = next, true
		r.conditions("", "RecoveryPolicy", pol.Name, was.Conditions, next.Conditions)
		r.specNotice("RecoveryPolicy", pol.Name, was.Conditions, next.Conditions)
	}
	return changed, nil
}

// keep keeps a revision. It never changes, because its name tells its content.
func (r *run) keep(pol types.NamespacedName, revision string, data []byte) {
	key := types.NamespacedName{Namespace: pol.Namespace, Name: revision}
	if r.revisions[key] != nil {
		return
	}
	r.revisions[key] = &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: key.Namespace, Name: key.Name, UID: types.UID(key.String()), Labels: map[string]string{v1alpha1.PolicyLabel: pol.Name},
		},
		Data: runtime.RawExtension{Raw: data},
	}
	r.tell("", "RecoveryPolicy", pol.Name, Told, v1alpha1.EventRevisionCreated, "revision "+revision+" holds for new incidents")
}
