package main

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// bulk are the many open incidents that several sections need, and are made once.
type bulk struct {
	// before is the memory of an operator without them.
	before int64
}

// crowd is the namespace of the many open incidents.
const crowd = "crowd"

// mould is an incident as the API server stores it, once the operator has decided on it,
// to be cast many times under other names. Its status is that of every incident with the
// same times, so that the operator finds nothing to write on a cast.
type mould struct {
	store     *store
	namespace string
	name, uid string
	due       string
	stored    []byte
}

// cast makes a mould: an incident, with a promise where due is not zero, that a running
// operator has brought up to date.
func (w *world) cast(ctx context.Context, namespace, name string, due time.Time) (*mould, error) {
	return w.castIn(ctx, namespace, name, "", due)
}

// mouldDue is when the promise of a mould is due: before everything else of the incident,
// as that of each cast will be. Else the status would have to name another next instant.
func mouldDue() time.Time { return time.Now().Add(200 * time.Hour).Truncate(time.Second) }

// castIn is cast for an incident of a shard.
func (w *world) castIn(ctx context.Context, namespace, name, shard string, due time.Time) (*mould, error) {
	opts := []fixture.IncidentOption{fixture.UnderPolicy("desk")}
	if !due.IsZero() {
		opts = append(opts, fixture.WithJournal(fixture.Entry("p").By("alice").PromiseBy("we call you back", due)))
	}
	seen, err := w.incidentsOf(ctx, namespace, func(inc *v1alpha1.Incident) bool { return inc.Name == name && caughtUp(inc) })
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	inc := inShard(shard, fixture.In(namespace, fixture.Incident(name, opts...)))
	if err := w.client.Create(ctx, inc); err != nil {
		return nil, err
	}
	if err := seen.all(ctx, 1); err != nil {
		return nil, err
	}
	m := &mould{namespace: namespace, name: name, uid: string(inc.UID), due: due.UTC().Format(time.RFC3339)}
	if m.store, err = w.etcd(); err != nil {
		return nil, err
	}
	m.stored, err = m.store.get(ctx, incidentKey(namespace, name))
	return m, err
}

func incidentKey(namespace, name string) string {
	return "/registry/" + v1alpha1.GroupVersion.Group + "/incidents/" + namespace + "/" + name
}

// one is the cast of a name, due at an instant where the mould has a promise.
func (m *mould) one(name string, due time.Time) pair {
	value := bytes.ReplaceAll(m.stored, []byte(`"`+m.name+`"`), []byte(`"`+name+`"`))
	value = bytes.ReplaceAll(value, []byte(m.uid), []byte(uuid.NewUUID()))
	if !due.IsZero() {
		value = bytes.ReplaceAll(value, []byte(m.due), []byte(due.UTC().Format(time.RFC3339)))
	}
	return pair{[]byte(incidentKey(m.namespace, name)), value}
}

// atATime is how many casts are on their way to etcd at once; it syncs them together.
const atATime = 64

// fill casts n incidents into etcd, and waits until the API server has seen them all: its
// cache reads them from a watch, more slowly than etcd takes them.
func (w *world) fill(ctx context.Context, m *mould, prefix string, n int, due func(i int) time.Time) error {
	var done atomic.Int64
	tick := int64(max(n/5, 10000))
	err := atOnce(ctx, atATime, n, func(ctx context.Context, i int) error {
		var at time.Time
		if due != nil {
			at = due(i)
		}
		if err := m.store.put(ctx, m.one(numbered(prefix, i), at)); err != nil {
			return err
		}
		if now := done.Add(1); now%tick == 0 {
			w.say("  %d of %d incidents are there", now, n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.seenByServer(ctx, m.namespace, numbered(prefix, n-1))
}

// seenByServer waits until the API server's cache is as new as an incident.
func (w *world) seenByServer(ctx context.Context, namespace, name string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	last := fixture.In(namespace, fixture.Incident(name))
	if err := w.client.Get(ctx, keyOf(last), last); err != nil {
		return err
	}
	for {
		// The API server waits for its cache for three seconds, and then says so.
		err := w.client.Get(ctx, keyOf(last), fixture.Incident(name), &client.GetOptions{Raw: &metav1.GetOptions{ResourceVersion: last.ResourceVersion}})
		switch {
		case err == nil:
			if took := time.Since(began); took > time.Second {
				w.say("  the API server has taken %s to see them", short(took))
			}
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("the API server does not come to see incident %s: %w", name, err)
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// needBulk makes the many open incidents, unless they are there.
func (w *world) needBulk(ctx context.Context) error {
	if w.bulk != nil {
		return nil
	}
	if err := w.namespace(ctx, crowd); err != nil {
		return err
	}
	p, _, err := w.operate(ctx)
	if err != nil {
		return err
	}
	m, err := w.cast(ctx, crowd, "first", time.Time{})
	if err != nil {
		return err
	}
	pause(ctx, settling)
	before, err := p.resident()
	if err != nil {
		return err
	}
	if err := p.kill(); err != nil {
		return err
	}
	began := time.Now()
	if err := w.fill(ctx, m, "open", w.incidents-1, nil); err != nil {
		return fmt.Errorf("making %d incidents: %w", w.incidents, err)
	}
	w.say("  %d incidents were made in %s", w.incidents, short(time.Since(began)))
	w.bulk = &bulk{before: before}
	return nil
}

// settling is how long a process is left alone before its memory is read.
const settling = 20 * time.Second
