package controllers

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

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

// Surroundings are what reconcilers read from, write to and tell.
type Surroundings struct {
	// Cached reads from the cache, and Live from the API server.
	Cached, Live client.Reader
	// Client writes to the API server, and reads from the cache.
	Client   client.Client
	Recorder events.EventRecorder
	Registry prometheus.Registerer
	// Synced waits until the cache has read everything; nil stands for a cache that has.
	Synced func(context.Context) bool
}

// Reconcilers are those of one operator. An operator of incidents alone has no others.
type Reconcilers struct {
	Incidents     *incident.Reconciler
	Policies      *recoverypolicy.Reconciler
	Calendars     *businesscalendar.Reconciler
	Compensations *compensation.Reconciler
	Budgets       *recoverybudget.Reconciler
}

// Wire makes the reconcilers and what they have in common. Compensations put their claims
// into the inbox of their budget, and the budget's turns answer them.
func Wire(s Surroundings, o Options) *Reconcilers {
	m := metrics.New(s.Registry)
	index := func() *deadline.Index { return deadline.New(o.Clock, deadline.Options{}) }
	live := patient{s.Live}
	gatherer := gather.New(s.Cached, live, o.Skew)
	out := &Reconcilers{Incidents: &incident.Reconciler{
		Cached: s.Cached, Gatherer: gatherer, Committer: commit.New(s.Client, s.Recorder, m),
		Deadlines: deadline.New(o.Clock, deadline.Options{Observe: m.DeadlineTaken, Gate: s.Synced}),
		Metrics:   m, Clock: o.Clock, Selector: o.Part.Incidents,
	}}
	if o.Part.IncidentsOnly {
		return out
	}
	out.Policies = &recoverypolicy.Reconciler{Client: s.Client, Live: live, Recorder: s.Recorder, Metrics: m, Clock: o.Clock}
	out.Calendars = &businesscalendar.Reconciler{Client: s.Client, Recorder: s.Recorder, Deadlines: index(), Metrics: m, Clock: o.Clock}

	money, waker := metrics.NewMoney(s.Registry), &recoverybudget.Waker{}
	out.Compensations = &compensation.Reconciler{
		Client: s.Client, Cached: s.Cached, Live: live, Remedies: gather.NewRemedies(gatherer), Inbox: bookkeeper.NewInbox(waker.Wake),
		Deadlines: index(), Recorder: s.Recorder, Metrics: m, Money: money, Clock: o.Clock,
	}
	out.Budgets = &recoverybudget.Reconciler{
		Cached: s.Cached, Waker: waker, Deadlines: index(), Metrics: m, Money: money, Clock: o.Clock,
		Bookkeeper: &bookkeeper.Bookkeeper{
			Store: bookkeeper.Cluster{Live: s.Live, Writer: s.Client}, Inbox: out.Compensations.Inbox, Appraiser: out.Compensations,
			Clock: o.Clock, Lease: o.Lease, Observer: &recoverybudget.Observer{Recorder: s.Recorder, Money: money},
		},
	}
	return out
}
