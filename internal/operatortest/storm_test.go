package operatortest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

const (
	// retriedWithin is how long a failing incident waits at most: the deadline index looks
	// then, however far its work queue has backed off.
	retriedWithin = 5 * time.Second
	// rough is how long a trouble lasts, and roughAfterDue for how long after everything fell
	// due in it.
	rough, roughAfterDue = 8 * time.Second, 6 * time.Second
	// prompt is how late what is well may be served while something else is ill, on a machine
	// that many tests share.
	prompt = 3 * time.Second
)

// ailment is a kind of trouble, and how often it lets one object be tried within a while.
type ailment struct {
	trouble trouble
	tries   func(while time.Duration) int
	// ill is how many incidents have it, and workers are the operator's.
	ill, workers int
}

// ailments are what the status writes of incidents meet.
var ailments = map[string]ailment{
	"500":                    {refuses(http.StatusInternalServerError, metav1.StatusReasonInternalError), backedOff, 20, 4},
	"409 that nobody caused": {refuses(http.StatusConflict, metav1.StatusReasonConflict), backedOff, 20, 4},
	"connections that break": {breaks, backedOff, 20, 4},
	// What is told to wait waits in its worker, which client-go does ten times over. So does
	// what is not answered. There are more workers than that here, so that the others go on.
	"429 with Retry-After":    {refuses(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "Retry-After", "1"), everySecond, 20, 24},
	"answers that never come": {hangs, backedOff, 3, 4},
}

// backedOff is how often an incident is tried: by its queue and its index, and at once when
// a fact comes and when it falls due.
func backedOff(while time.Duration) int { return triesWithin(while, retriedWithin) + 2 }

// everySecond is how often a request is sent that is to be sent again after a second: by
// client-go, and once more where a fact or the due instant came in between.
func everySecond(while time.Duration) int { return int(while/time.Second) + 3 }

// The API server is in trouble with the writes of some objects. The operator as it is,
// with its queues, its index and its client, does not storm it; it serves the others
// meanwhile, and once the trouble is over, everything is written without a nudge.
func TestNoStorm(t *testing.T) {
	t.Parallel()
	sea := putToSea(t)
	for name, is := range moneyAilments {
		t.Run("ledger, "+name, func(t *testing.T) {
			t.Parallel()
			sea.sail(t).endureAtTheTill(is)
		})
	}
	for name, is := range ailments {
		t.Run("incidents, "+name, func(t *testing.T) {
			t.Parallel()
			s := sea.sail(t, fmt.Sprint("--workers=", is.workers))
			try := 0
			inTime(t, func(within time.Duration) bool {
				try++
				return s.endure(fmt.Sprint("try", try), is, within)
			}, 7*time.Second, 20*time.Second)
		})
	}
}

// sea is an installation whose operators reach the API server through straits.
type sea struct {
	*installation
	straits *straits
}

// putToSea brings up a control plane of its own, without an operator.
func putToSea(t *testing.T) *sea {
	t.Helper()
	shared := theInstallation(t)
	in := &installation{people: map[string]*rest.Config{}, dir: t.TempDir(), program: shared.program}
	sea := &sea{installation: in}
	t.Cleanup(func() {
		if err := sea.sink(); err != nil {
			t.Error(err)
		}
	})
	if err := in.bringUp(t.Context(), "default"); err != nil {
		t.Fatal(err)
	}
	sea.straits = openStraits(t, in.account)
	if err := writeKubeconfig(in.kubeconfig(operatorName), sea.straits.config(in.account)); err != nil {
		t.Fatal(err)
	}
	return sea
}

// sink ends everything.
func (x *sea) sink() error {
	var errs []error
	for _, o := range x.started {
		o.kill()
		errs = append(errs, o.complains())
	}
	if x.straits != nil {
		x.straits.close()
	}
	if x.plane != nil {
		errs = append(errs, x.plane.Stop())
	}
	return errors.Join(errs...)
}

// neverSaidInTrouble is what an operator does not log either while its writes fail.
var neverSaidInTrouble = regexp.MustCompile(`(?i)forbidden|panic|DATA RACE`)

func (o *operator) complains() error {
	log, err := os.ReadFile(o.log)
	if line := neverSaidInTrouble.FindString(string(log)); err == nil && line != "" {
		err = fmt.Errorf("the operator said %q:\n%s", line, log)
	}
	return err
}

// voyage is a namespace with an operator of its own.
type voyage struct {
	*site
	strait *strait
}

// sail opens a site and starts an operator for it alone.
func (x *sea) sail(t *testing.T, args ...string) *voyage {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := x.admin.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	s := &voyage{site: x.staffed(t, namespace.Name), strait: x.straits.at(namespace.Name)}
	args = append([]string{"--metrics-secure=false", "--leader-elect=false", "--namespaces=" + namespace.Name}, args...)
	if _, err := x.start(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
	return s
}

// fleet are the incidents of a try: some fall ill, and five stay well.
type fleet struct {
	*voyage
	name      string
	ill, well []string
	author    client.Client
	due       time.Time
	// begun is when the trouble begins.
	begun time.Time
	// facts is how many were told of each.
	facts map[string]int
}

// endure lets incidents fall due while the writes of some fail. It returns false where
// they fell due before that.
func (s *voyage) endure(name string, is ailment, within time.Duration) bool {
	s.Helper()
	f := s.launch(name, is.ill, within)
	if !s.isBefore(f.due) {
		return false
	}
	f.begun = time.Now()
	s.strait.begin(is.trouble, func(object string) bool { return slices.Contains(f.ill, strings.TrimPrefix(object, "incidents/")) })
	defer s.strait.clear()
	f.tell()
	f.weather(is)
	s.strait.clear()
	f.land()
	return true
}

// launch reports incidents that all fall due in one instant.
func (s *voyage) launch(name string, ill int, within time.Duration) *fleet {
	s.Helper()
	now, err := s.serverTime(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	f := &fleet{voyage: s, name: name, author: s.as("alice", staff), due: now.Add(within), facts: map[string]int{}}
	s.create(fixture.Policy(name, fixture.Step("apologise", v1alpha1.StepApology, fixture.DueAt(f.due))))
	s.awaitReady(name)
	f.ill, f.well = f.report("ill", ill), f.report("well", 5)
	for _, incident := range slices.Concat(f.ill, f.well) {
		s.awaitRunning(incident, "Step/apologise")
	}
	return f
}

func (f *fleet) report(kind string, n int) (names []string) {
	f.Helper()
	for i := range n {
		inc := fixture.In(f.namespace, fixture.Incident(fmt.Sprintf("%s-%s-%02d", f.name, kind, i), fixture.UnderPolicy(v1alpha1.ObjectName(f.name))))
		f.insist("report "+inc.Name, func(ctx context.Context) error { return f.author.Create(ctx, inc) })
		names = append(names, inc.Name)
	}
	return names
}

// tell adds a fact to every second one that is ill, and to one that is well, and checks
// that the latter is served.
func (f *fleet) tell() {
	f.Helper()
	for _, name := range f.ill {
		if !odd(name) {
			f.note(name, "still-waiting")
		}
	}
	f.servesFact("before")
}

// servesFact checks how soon a fact of one that is well is seen.
func (f *fleet) servesFact(id v1alpha1.Name) {
	f.Helper()
	name := f.well[0]
	f.note(name, id)
	told := time.Now()
	f.awaitSeen(name)
	if took := time.Since(told); took > prompt {
		f.Errorf("%s: a fact was seen after %s, while others are ill", name, took)
	}
}

// note adds a fact that changes no clock.
func (f *fleet) note(name string, id v1alpha1.Name) {
	f.Helper()
	f.addAs(f.author, name, fixture.Entry(id).By("alice").Note("the guest waits").Build())
	f.facts[name]++
}

// weather waits until the trouble has lasted, and judges what was tried in it.
func (f *fleet) weather(is ailment) {
	f.Helper()
	end := f.due.Add(settling + roughAfterDue)
	ctx, cancel := context.WithDeadline(f.Context(), end)
	defer cancel()
	for _, name := range f.well {
		if c := f.clockOf(f.awaitBreach(name, "Step/apologise"), "Step/apologise"); lateness(c) > prompt {
			f.Errorf("%s: the breach was observed %s after due + 1s, while others are ill", name, lateness(c))
		}
	}
	f.servesFact("after")
	most := is.tries(end.Sub(f.begun))
	if err := f.strait.watch(ctx, alike(len(f.ill), most)); err != nil {
		f.Errorf("a storm: %v", err)
	}
	f.Logf("tried in %s, where %d times are allowed: %s", end.Sub(f.begun).Round(time.Second), most, f.strait)
}

// land checks that everything is written once the trouble is over, without a nudge: a
// failing incident is looked at once within its longest back-off.
func (f *fleet) land() {
	f.Helper()
	f.within(retriedWithin+prompt, "every breach after the trouble", func(ctx context.Context) (bool, string) {
		missing := f.unbreached(ctx)
		return len(missing) == 0, fmt.Sprint("missing in ", missing)
	})
	for _, name := range slices.Concat(f.ill, f.well) {
		f.breachedOnce(name)
	}
}

// unbreached are those that were ill and have no breach yet.
func (f *fleet) unbreached(ctx context.Context) (names []string) {
	f.Helper()
	var list v1alpha1.IncidentList
	if err := f.admin.List(ctx, &list, client.InNamespace(f.namespace)); err != nil {
		return f.ill
	}
	for i := range list.Items {
		c := findClock(&list.Items[i], "Step/apologise")
		if slices.Contains(f.ill, list.Items[i].Name) && (c == nil || c.BreachedAt == nil) {
			names = append(names, list.Items[i].Name)
		}
	}
	return names
}

// within waits for something that comes in time, and says when it came.
func (s *voyage) within(d time.Duration, what string, holds func(context.Context) (bool, string)) {
	s.Helper()
	began, last := time.Now(), ""
	err := wait.PollUntilContextTimeout(s.Context(), 4*glance, d, true, func(ctx context.Context) (bool, error) {
		ok, why := holds(ctx)
		last = why
		return ok, nil
	})
	if err != nil {
		s.Fatalf("%s did not come within %s: %s", what, d, last)
	}
	s.Logf("%s came after %s", what, time.Since(began).Round(time.Millisecond))
}

// breachedOnce checks that a breach is dated at its due instant, written once and told once.
func (f *fleet) breachedOnce(name string) {
	f.Helper()
	inc := f.awaitBreach(name, "Step/apologise")
	if c := f.clockOf(inc, "Step/apologise"); !c.BreachedAt.Time.Equal(f.due) || inc.Status.ObservedGeneration != inc.Generation {
		f.Errorf("%s: breached at %s, want the due instant %s:\n%s", name, c.BreachedAt, f.due, asYAML(inc.Status))
	}
	f.awaitNotice(name, v1alpha1.EventDeadlineBreached)
	// One for the start, one for the breach, and for each fact one or none: what was sent
	// before the due instant, and sent again by the client, can be taken after it.
	if n, most := f.strait.timesTaken("incidents/"+name), 2+f.facts[name]; n < 2 || n > most {
		f.Errorf("%s: %d writes were taken, want at least 2 and at most %d", name, n, most)
	}
	if told := f.notices(name)[v1alpha1.EventDeadlineBreached]; len(told) != 1 {
		f.Errorf("%s: the breach was told %d times, want once", name, len(told))
	}
}
