package kube

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/policy"
)

var noon = fixture.Instant("2026-10-02T12:00:00Z")

// script answers patches with errors, one after the other; nil lets the patch through,
// and lost lets it through and loses the answer.
type script struct {
	errs   []error
	stamps []string
}

var errLost = io.EOF

func (s *script) patch(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
	body, err := p.Data(o)
	if err != nil {
		return err
	}
	var operations []struct {
		Op    string
		Value json.RawMessage
	}
	if err := json.Unmarshal(body, &operations); err != nil {
		return err
	}
	var entry v1alpha1.JournalEntry
	if err := json.Unmarshal(operations[len(operations)-1].Value, &entry); err != nil {
		return err
	}
	stamp := ""
	if entry.RecordedAt != nil {
		stamp = entry.RecordedAt.UTC().Format(time.RFC3339)
	}
	s.stamps = append(s.stamps, stamp)
	var next error
	if len(s.errs) > 0 {
		next, s.errs = s.errs[0], s.errs[1:]
	}
	if next != nil && !errors.Is(next, errLost) {
		return next
	}
	if err := c.Patch(ctx, o, p, opts...); err != nil {
		return err
	}
	return next
}

func cluster(t *testing.T, s *script, objects ...client.Object) *Cluster {
	t.Helper()
	scheme, err := newScheme()
	if err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{Patch: s.patch}).Build()
	times := &serverTime{local: clocktesting.NewFakePassiveClock(noon)}
	times.read(noon.Format(http.TimeFormat), noon, noon)
	return &Cluster{Client: c, Namespace: "hotel", time: times}
}

func incident(entries ...fixture.EntryBuilder) *v1alpha1.Incident {
	// An entry to begin with: the client of the tests has no defaults.
	entries = append([]fixture.EntryBuilder{fixture.Entry("first").By("bob").Note("hm")}, entries...)
	inc := fixture.In("hotel", fixture.Incident("coffee", fixture.WithJournal(entries...)))
	inc.UID = "uid"
	return inc
}

func duplicate() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{Reason: metav1.StatusReasonInvalid, Code: http.StatusUnprocessableEntity, Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{
		{Type: metav1.CauseTypeFieldValueDuplicate, Field: "spec.journal[1]", Message: "Duplicate value"},
	}}}}
}

var resource = schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "incidents"}

func TestAppend(t *testing.T) {
	said := fixture.Entry("said-sorry").By("alice").Note("sorry").Build()
	there := fixture.Entry("said-sorry").By("alice").Note("sorry").RecordedAt(noon.Add(-time.Hour))
	for name, c := range map[string]struct {
		errs     []error
		journal  []fixture.EntryBuilder
		attempts int
		repeated bool
		fails    bool
	}{
		"at once":                                  {attempts: 1},
		"after a conflict":                         {errs: []error{apierrors.NewConflict(resource, "coffee", nil), nil}, attempts: 2},
		"after a pause of the server":              {errs: []error{apierrors.NewServiceUnavailable("busy"), apierrors.NewTooManyRequests("slow", 1), nil}, attempts: 3},
		"the same fact was there":                  {errs: []error{duplicate()}, journal: []fixture.EntryBuilder{there}, attempts: 1, repeated: true},
		"another fact has the id":                  {errs: []error{duplicate()}, journal: []fixture.EntryBuilder{there.Note("another")}, attempts: 1, fails: true},
		"the answer was lost, and it was written":  {errs: []error{errLost, duplicate()}, attempts: 2, repeated: true},
		"a stamp too far from that server's clock": {errs: []error{apierrors.NewForbidden(resource, "coffee", errStamp{}), nil}, attempts: 2},
		"a refusal is no accident":                 {errs: []error{apierrors.NewForbidden(resource, "coffee", nil)}, attempts: 1, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{errs: c.errs}
			inc := incident(c.journal...)
			k := cluster(t, s, inc)
			out, err := k.Append(t.Context(), inc, said, false)
			if (err != nil) != c.fails || len(s.stamps) != c.attempts {
				t.Fatalf("%d attempts, want %d: %v", len(s.stamps), c.attempts, err)
			}
			if s.stamps[0] != "2026-10-02T12:00:00Z" {
				t.Errorf("recordedAt %q is not the server's", s.stamps[0])
			}
			if err != nil {
				return
			}
			if out.Repeated != c.repeated {
				t.Errorf("repeated: %v", out.Repeated)
			}
			live, err := k.Incident(t.Context(), "hotel", "coffee")
			if err != nil || len(live.Spec.Journal) != 2 {
				t.Errorf("%d entries: %v", len(live.Spec.Journal), err)
			}
		})
	}
}

type errStamp struct{}

// Error is how an admission policy refuses a recordedAt.
func (errStamp) Error() string {
	return "ValidatingAdmissionPolicy 'amends-journal' with binding 'amends-journal' denied request: recordedAt is the API server's own time"
}

func TestServerTime(t *testing.T) {
	local := clocktesting.NewFakePassiveClock(noon)
	s := &serverTime{local: local}
	if _, ok := s.date(); ok || !s.now().Equal(noon) {
		t.Error("nothing was answered yet")
	}
	for name, c := range map[string]struct {
		date time.Duration // of the server from noon
		took time.Duration
		want time.Duration
	}{
		"clocks that agree":                        {0, 20 * time.Millisecond, 0},
		"a second is lost in a Date":               {-time.Second, 300 * time.Millisecond, 0},
		"a server ahead":                           {90 * time.Second, 20 * time.Millisecond, 90 * time.Second},
		"a server behind":                          {-5 * time.Minute, 20 * time.Millisecond, -5 * time.Minute},
		"a slow answer tells nothing of a second":  {2 * time.Second, 6 * time.Second, 0},
		"a slow answer still tells of many":        {time.Hour, 6 * time.Second, time.Hour},
		"what is no date is left alone, as before": {time.Hour, 6 * time.Second, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s.read(noon.Add(c.date).UTC().Format(http.TimeFormat), noon, noon.Add(c.took))
			s.read("yesterday", noon, noon)
			if got := s.skew(); (got-c.want).Abs() > 5*time.Second || (c.want == 0) != (got == 0) {
				t.Errorf("skew %s, want about %s", got, c.want)
			}
			if at, ok := s.date(); !ok || !at.Equal(noon.Add(c.date)) {
				t.Errorf("date %s", at)
			}
		})
	}
}

// Who may not read revisions reads the policy, as long as it is still the same.
func TestRevisionsAreMadeUpFor(t *testing.T) {
	pol := fixture.In("hotel", fixture.Policy("stay", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("10m"))))
	revision, data, err := policy.Encode("stay", policy.Content{Policy: policy.Complete(pol.Spec)})
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := newScheme()
	if err != nil {
		t.Fatal(err)
	}
	forbidden := interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
		if _, ok := o.(*appsv1.ControllerRevision); ok {
			return apierrors.NewForbidden(schema.GroupResource{Group: "apps", Resource: "controllerrevisions"}, key.Name, nil)
		}
		return c.Get(ctx, key, o, opts...)
	}}
	r := &revisionReader{Client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(pol).WithInterceptorFuncs(forbidden).Build()}
	got := &appsv1.ControllerRevision{}
	if err := r.Get(t.Context(), client.ObjectKey{Namespace: "hotel", Name: revision}, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(data), string(got.Data.Raw)); diff != "" || got.Labels[v1alpha1.PolicyLabel] != "stay" {
		t.Error(diff)
	}
	if err := r.Get(t.Context(), client.ObjectKey{Namespace: "hotel", Name: "stay-0123456789ab"}, got); !apierrors.IsForbidden(err) {
		t.Errorf("a policy that was edited since: %v", err)
	}
}
