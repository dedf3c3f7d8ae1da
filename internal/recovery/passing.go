package recovery

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// warning is a threshold that passed in this replay and was not written before.
type warning struct {
	clock   *clock
	percent int
}

// pass lets time pass for a clock up to the instant of the next fact, which itself
// comes first in its instant.
func (r *run) pass(c *clock, to time.Time) {
	if !c.running() {
		return
	}
	r.passWarnings(c, to, false)
	if !c.dueAt.IsZero() && to.After(c.dueAt) {
		r.passDue(c)
	}
}

// passDue breaches a clock at its due instant, once that has certainly passed. The
// first breach stays: it is dated at the due instant however late it is noticed.
func (r *run) passDue(c *clock) {
	if c.missedAt.IsZero() {
		c.missedAt = c.dueAt
	}
	if c.breachedAt.IsZero() && !r.settledBy.Before(c.missedAt) {
		r.breach(c, c.missedAt)
	}
}

// passNow lets time pass for a clock up to now, and says when to look again: at its due
// instant, also where a fact has ended it after that, and an earlier one may still come.
func (r *run) passNow(c *clock) {
	due := c.missedAt
	if c.running() {
		r.passWarnings(c, r.now, true)
		if due.IsZero() {
			due = c.dueAt
		}
	}
	switch {
	case due.IsZero() || !c.breachedAt.IsZero():
	case r.settledBy.Before(due):
		r.wakeBy(due.Add(r.now.Sub(r.settledBy)))
	default:
		r.passDue(c)
	}
}

// breach dates a breach and writes it into what is announced.
func (r *run) breach(c *clock, at time.Time) {
	observed := metav1.NewMicroTime(r.now.Truncate(time.Microsecond))
	c.breachedAt, c.observedAt, r.anyLate = at, &observed, true
	r.announce(v1alpha1.Announced{Key: breachKey(c.name()), At: metav1.NewTime(at), ObservedAt: &observed})
}

// passWarnings takes the thresholds before an instant, or also the one in it. Each
// is written once, with its own instant; only the highest one of a clock that still
// runs is told.
func (r *run) passWarnings(c *clock, to time.Time, inclusive bool) {
	if c.dueAt.IsZero() {
		return
	}
	for ; c.warned < len(c.warnAt) && r.mayTell(); c.warned++ {
		percent := c.warnAt[c.warned]
		at := r.nextThreshold(c, percent)
		ahead := at.After(to) || at.Equal(to) && !inclusive
		if ahead && !inclusive {
			return // Later ones lie ahead too.
		}
		key := "Warning/" + c.name() + "/" + strconv.Itoa(percent)
		if findAnnounced(r.announced, key) != nil {
			continue
		}
		if ahead {
			r.wakeBy(at)
			return
		}
		r.announce(v1alpha1.Announced{Key: key, At: metav1.NewTime(at)})
		r.lastWarnings = append(r.lastWarnings, warning{clock: c, percent: percent})
	}
}

// maxTold bounds what is told beside breaches, far above any incident that is not made
// to test it: the written list must never grow until a breach no longer fits.
const maxTold = 512

// mayTell says whether something that is no breach may still be told.
func (r *run) mayTell() bool {
	return len(r.announced) < maxTold
}

const breachKeyPrefix = "Breach/"

func breachKey(clockName string) string {
	return breachKeyPrefix + clockName
}

// findBreach is findAnnounced for the breach of a clock, and makes neither a key nor, as
// a rule, a name.
func findBreach(list []v1alpha1.Announced, c *clock) *v1alpha1.Announced {
	for i := range list {
		name, ok := strings.CutPrefix(list[i].Key, breachKeyPrefix)
		if ok && strings.HasPrefix(name, string(c.kind)) && name == c.name() {
			return &list[i]
		}
	}
	return nil
}

func findAnnounced(list []v1alpha1.Announced, key string) *v1alpha1.Announced {
	for i := range list {
		if list[i].Key == key {
			return &list[i]
		}
	}
	return nil
}

// announce adds to what is announced. The list is kept in order of its instants, so
// that it does not tell in how many turns it came about.
func (r *run) announce(a v1alpha1.Announced) {
	r.announced = append(r.announced, a)
}

func sortAnnounced(list []v1alpha1.Announced) []v1alpha1.Announced {
	out := slices.Clone(list)
	slices.SortFunc(out, func(a, b v1alpha1.Announced) int {
		return cmp.Or(a.At.Time.Compare(b.At.Time), cmp.Compare(a.Key, b.Key))
	})
	return out
}
