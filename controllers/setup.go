// Package controllers wires every controller of the operator into a manager, in one
// place.
package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/controllers/businesscalendar"
	"github.com/amends-dev/amends/controllers/compensation"
	"github.com/amends-dev/amends/controllers/incident"
	"github.com/amends-dev/amends/controllers/recoverybudget"
	"github.com/amends-dev/amends/controllers/recoverypolicy"
	"github.com/amends-dev/amends/internal/bookkeeper"
	"github.com/amends-dev/amends/internal/commit"
	"github.com/amends-dev/amends/internal/deadline"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/metrics"
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
	registry := o.Part.registry()
	m := metrics.New(registry)
	recorder := mgr.GetEventRecorder(o.Part.eventSource())

	if err := gather.IndexCompensationsByIncident(ctx, mgr.GetFieldIndexer()); err != nil {
		return fmt.Errorf("indexing Compensations by incident: %w", err)
	}
	if err := gather.IndexByPolicy(ctx, mgr.GetFieldIndexer()); err != nil {
		return fmt.Errorf("indexing incidents by policy: %w", err)
	}
	incidents := &incident.Reconciler{
		Cached:    mgr.GetCache(),
		Gatherer:  gather.New(mgr.GetCache(), mgr.GetAPIReader(), o.Skew),
		Committer: commit.New(mgr.GetClient(), recorder, m),
		Deadlines: deadline.New(o.Clock, deadline.Options{Observe: m.DeadlineTaken, Gate: mgr.GetCache().WaitForCacheSync}),
		Metrics:   m,
		Clock:     o.Clock,
		Selector:  o.Part.Incidents,
	}
	if err := incidents.SetupWithManager(ctx, mgr, o.Workers); err != nil {
		return fmt.Errorf("setting up the incident controller: %w", err)
	}
	if o.Part.IncidentsOnly {
		return nil
	}
	registry.MustRegister(newUnattended(mgr.GetCache(), o.Clock))
	if err := setupTerms(mgr, o, m, recorder); err != nil {
		return err
	}
	return setupMoney(ctx, mgr, o, m, metrics.NewMoney(registry), recorder, incidents.Gatherer)
}

// setupTerms adds the controllers of policies and calendars.
func setupTerms(mgr ctrl.Manager, o Options, m *metrics.Metrics, recorder events.EventRecorder) error {
	policies := &recoverypolicy.Reconciler{
		Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Recorder: recorder, Metrics: m, Clock: o.Clock,
	}
	if err := policies.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the recoverypolicy controller: %w", err)
	}
	calendars := &businesscalendar.Reconciler{
		Client: mgr.GetClient(), Recorder: recorder, Metrics: m, Clock: o.Clock,
		Deadlines: deadline.New(o.Clock, deadline.Options{}),
	}
	if err := calendars.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the businesscalendar controller: %w", err)
	}
	return nil
}

// setupMoney adds the controllers of budgets and Compensations. Compensations put their
// claims into the inbox of their budget, and the budget's turns answer them.
func setupMoney(
	ctx context.Context, mgr ctrl.Manager, o Options, m *metrics.Metrics, money *metrics.Money,
	recorder events.EventRecorder, gatherer *gather.Gatherer,
) error {
	waker := &recoverybudget.Waker{}
	inbox := bookkeeper.NewInbox(waker.Wake)
	requests := &compensation.Reconciler{
		Client: mgr.GetClient(), Cached: mgr.GetCache(), Live: mgr.GetAPIReader(), Remedies: gather.NewRemedies(gatherer),
		Inbox: inbox, Deadlines: deadline.New(o.Clock, deadline.Options{}), Recorder: recorder, Metrics: m, Money: money, Clock: o.Clock,
	}
	if err := requests.SetupWithManager(ctx, mgr, o.Workers); err != nil {
		return fmt.Errorf("setting up the compensation controller: %w", err)
	}
	budgets := &recoverybudget.Reconciler{
		Cached: mgr.GetCache(), Waker: waker, Deadlines: deadline.New(o.Clock, deadline.Options{}), Metrics: m, Money: money, Clock: o.Clock,
		Bookkeeper: &bookkeeper.Bookkeeper{
			Store: bookkeeper.Cluster{Live: mgr.GetAPIReader(), Writer: mgr.GetClient()}, Inbox: inbox, Appraiser: requests,
			Clock: o.Clock, Lease: o.Lease, Observer: &recoverybudget.Observer{Recorder: recorder, Money: money},
		},
	}
	if err := budgets.SetupWithManager(mgr, o.Workers); err != nil {
		return fmt.Errorf("setting up the recoverybudget controller: %w", err)
	}
	return nil
}
