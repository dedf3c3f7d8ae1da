// Package controllers wires every controller of the operator into a manager, in one
// place.
package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/gather"
)

// EventSource is the name under which the operator reports events; that of a shard is
// followed by a slash and its own name.
const EventSource = "amends"

// Options are what an installation chooses.
type Options struct {
	// Clock is the wall clock.
	Clock clock.Clock
	// Skew is added to the second after which a due instant counts as passed.
	Skew time.Duration
	// Workers is how many incidents, Compensations and budgets are reconciled at once.
	Workers int
	// Lease tells, by a live read, whether this process leads: only then it may take the
	// ledger of a budget over. Nil stands for an operator without election.
	Lease bookkeeper.Lease
	// Part is the part of the work that is done here.
	Part Part
}

// NewScheme knows every kind that the operator reads or writes.
func NewScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, err
	}
	return scheme, v1alpha1.AddToScheme(scheme)
}

// Setup adds the controllers to the manager: those of incidents, and, unless they are
// another operator's, those of everything that exists once.
func Setup(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := gather.IndexCompensationsByIncident(ctx, mgr.GetFieldIndexer()); err != nil {
		return fmt.Errorf("indexing Compensations by incident: %w", err)
	}
	if err := gather.IndexByPolicy(ctx, mgr.GetFieldIndexer()); err != nil {
		return fmt.Errorf("indexing incidents by policy: %w", err)
	}
	registry := o.Part.registry()
	r := Wire(Surroundings{
		Cached: mgr.GetCache(), Live: mgr.GetAPIReader(), Client: mgr.GetClient(), Recorder: mgr.GetEventRecorder(o.Part.eventSource()),
		Registry: registry, Synced: mgr.GetCache().WaitForCacheSync,
	}, o)
	if err := r.Incidents.SetupWithManager(ctx, mgr, o.Workers); err != nil {
		return fmt.Errorf("setting up the incident controller: %w", err)
	}
	if o.Part.IncidentsOnly {
		return nil
	}
	registry.MustRegister(newUnattended(mgr.GetCache(), o.Clock))
	return r.setupWhatExistsOnce(ctx, mgr, o.Workers)
}

func (r *Reconcilers) setupWhatExistsOnce(ctx context.Context, mgr ctrl.Manager, workers int) error {
	if err := r.Policies.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the recoverypolicy controller: %w", err)
	}
	if err := r.Calendars.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the businesscalendar controller: %w", err)
	}
	if err := r.Compensations.SetupWithManager(ctx, mgr, workers); err != nil {
		return fmt.Errorf("setting up the compensation controller: %w", err)
	}
	if err := r.Budgets.SetupWithManager(mgr, workers); err != nil {
		return fmt.Errorf("setting up the recoverybudget controller: %w", err)
	}
	return nil
}
