package faulttest

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// A write is on its way while its process is killed, and arrives when another process has
// done all that there is to do. Its version keeps it out; without one it takes back what
// was written meanwhile. The ledger's own writes are not tried: of those the API server
// takes none that was made from an older state, whatever version they carry.
func TestLateWriteOfAProcessIsFound(t *testing.T) {
	for name, versioned := range map[string]bool{"it carries a version": true, "it carries none": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := build(t, "--leader-elect")
			late := &lateWrite{f: f, versioned: versioned, caught: make(chan struct{}), arrives: make(chan struct{}), answer: make(chan int, 1)}
			straight := f.detoured(&detour{meddle: late.meddle})
			f.reinforce()
			leader := f.leader()
			straight()
			f.reinforce()
			watching := f.follow()
			f.furnish()
			f.work(0)
			f.until("a write about "+late.about()+" to be sent", func() bool { return isClosed(late.caught) })
			leader.kill()
			f.dropLease()
			f.done(0)
			close(late.arrives)
			answer := <-late.answer
			if versioned {
				watching()
				f.account(2)
				f.unharmed()
				if answer != http.StatusConflict {
					t.Errorf("it was answered %d, want a conflict", answer)
				}
				return
			}
			f.until("it to be found", f.harmed)
			watching()
			f.blamed(t, late.about()+": the announcement Breach/Step/apologise was taken back")
		})
	}
}

// lateWrite holds the first write that says when an incident is due.
type lateWrite struct {
	f         *fleet
	versioned bool
	once      sync.Once
	// caught is closed once it is held, arrives lets it go on, and answer is what it gets.
	caught, arrives chan struct{}
	answer          chan int
}

// about is what is written about.
func (l *lateWrite) about() string { return "Incident/incident-0-0" }

// meddle lets everything else pass.
func (l *lateWrite) meddle(r *http.Request, body []byte, send sender) (*http.Response, error) {
	ours := false
	if statusOf(r, "incidents", "incident-0-0") && bytes.Contains(body, []byte(`"dueAt"`)) {
		l.once.Do(func() { ours = true })
	}
	if !ours {
		return send(body)
	}
	close(l.caught)
	<-l.arrives
	if !l.versioned {
		body = rewritten(body, l.newest)
	}
	response, err := send(body)
	if err != nil {
		l.answer <- 0
		return nil, err
	}
	l.answer <- response.StatusCode
	return response, nil
}

// newest gives a write the version that is there: without any it would be refused, and
// the newest is in nobody's way.
func (l *lateWrite) newest(fields map[string]any) {
	live := &v1alpha1.Incident{}
	meta, ok := fields["metadata"].(map[string]any)
	if err := l.f.api.Get(l.f.ctx(), client.ObjectKey{Namespace: l.f.namespace, Name: "incident-0-0"}, live); err == nil && ok {
		meta["resourceVersion"] = live.ResourceVersion
	}
}

// harmed says whether anything has gone wrong by now.
func (f *fleet) harmed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.hurt) > 0
}

// tellsTwice is a way on which each event is told once more.
func (f *fleet) tellsTwice(r *http.Request, body []byte, send sender) (*http.Response, error) {
	response, err := send(body)
	if err == nil && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events") {
		told, _, _ := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
		if e, ok := told.(*eventsv1.Event); ok {
			e.Name += "-again"
			err = f.api.Create(f.ctx(), e)
		}
	}
	return response, err
}

// The end of the tests of processes finds one that tells each event twice.
func TestProcessThatTellsTwiceIsFound(t *testing.T) {
	for name, wrong := range map[string]string{"once": "", "twice": "was told more than once"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := build(t)
			d := &detour{meddle: sendsIt}
			if wrong != "" {
				d.meddle = f.tellsTwice
			}
			f.detoured(d)
			f.reinforce()
			f.furnish()
			f.work(0)
			f.done(0)
			f.until("all breaches to be told", func() bool { return len(f.told()) == 2 })
			if wrong == "" {
				f.unharmed()
			} else if !f.blamed(t, wrong) {
				t.Error("it was not found")
			}
		})
	}
}
