package commit_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/fixture"
	"github.com/amends-dev/amends/internal/metrics"
)

// A write that nobody answers is given up, so that its worker can go on with what is well;
// what became of it is not known.
func TestStatusWriteIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := interceptor.NewClient(fake.NewClientBuilder().Build(), interceptor.Funcs{
			SubResourceUpdate: func(ctx context.Context, _ client.Client, _ string, _ client.Object, _ ...client.SubResourceUpdateOption) error {
				<-ctx.Done()
				return ctx.Err()
			},
		})
		began := time.Now()
		err := commit.WriteStatus(t.Context(), api, &v1alpha1.Incident{})
		if took := time.Since(began); took != commit.Patience || !errors.Is(err, context.DeadlineExceeded) || !commit.Unanswered(err) {
			t.Errorf("given up after %s: %v", took, err)
		}
	})
}

// What met a conflict is looked at again soon, also where nobody brings it back; else what
// was decided holds.
func TestWakeAt(t *testing.T) {
	t.Parallel()
	now := fixture.Instant("2026-10-02T08:00:00Z")
	soon, earlier, later := now.Add(commit.RetryWithin), now.Add(time.Second), now.Add(time.Hour)
	cases := map[string]struct {
		decided time.Time
		outcome metrics.Outcome
		want    time.Time
	}{
		"written, and nothing comes":   {time.Time{}, metrics.Written, time.Time{}},
		"written, and something comes": {later, metrics.Written, later},
		"conflict, and nothing comes":  {time.Time{}, metrics.Conflict, soon},
		"conflict, and later more":     {later, metrics.Conflict, soon},
		"conflict, and sooner more":    {earlier, metrics.Conflict, earlier},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := commit.WakeAt(c.decided, c.outcome, now); !got.Equal(c.want) {
				t.Errorf("looked at again at %s, want %s", got, c.want)
			}
		})
	}
}
