package controllers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/commit"
)

// silence is an API server that never answers.
type silence struct{}

// Get implements client.Reader.
func (silence) Get(ctx context.Context, _ client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
	<-ctx.Done()
	return ctx.Err()
}

// List implements client.Reader.
func (silence) List(ctx context.Context, _ client.ObjectList, _ ...client.ListOption) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestReadsThatHangEnd(t *testing.T) {
	for name, read := range map[string]func(context.Context, client.Reader) error{
		"one": func(ctx context.Context, r client.Reader) error {
			return r.Get(ctx, client.ObjectKey{}, &v1alpha1.Incident{})
		},
		"list": func(ctx context.Context, r client.Reader) error { return r.List(ctx, &v1alpha1.IncidentList{}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				if err := read(t.Context(), patient{silence{}}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("it ended with %v", err)
				}
				if waited := time.Since(began); waited != commit.Patience {
					t.Errorf("it took %s, want %s", waited, commit.Patience)
				}
			})
		})
	}
}
