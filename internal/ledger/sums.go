package ledger

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// view is how charges in flight are counted.
type view int

const (
	// held counts the more of what was and what will be: nothing is free before it is
	// folded. Whatever fits so fits in any case.
	held view = iota
	// arrived counts as if everything in flight had arrived.
	arrived
)

// total is a sum in both views.
type total [2]int64

// personDay is a person's local day.
type personDay struct {
	person v1alpha1.User
	day    v1alpha1.Date
}

// sums are what charges sum up to, by what the limits look at. Each charge is counted
// by what it was and what it will be, so that taking it out again is exact.
type sums struct {
	incidents map[string]total
	days      map[personDay]total
	pending   map[v1alpha1.User]total
	customers map[string][]visit
}

// visit is what one charge counts for its customer.
type visit struct {
	at     time.Time
	uid    string
	amount total
}

func newSums() sums {
	return sums{
		incidents: map[string]total{}, days: map[personDay]total{},
		pending: map[v1alpha1.User]total{}, customers: map[string][]visit{},
	}
}

// line is a charge as its Compensation last said, and as it will be once what is in
// flight has arrived.
type line struct {
	was, is Charge
}

// count adds a line, or with sign -1 takes it out.
func (s *sums) count(l *line, sign int64) {
	was, is := l.was.counts(), l.is.counts()
	of := &l.is
	both := func(was, is int64) total { return total{sign * max(was, is), sign * is} }
	add(s.incidents, of.Incident, both(was.incident, is.incident))
	add(s.pending, of.By, both(was.pending, is.pending))
	day := both(was.day, is.day)
	add(s.days, personDay{of.By, of.Day}, day)
	if of.RecordedBy != "" && of.RecordedBy != of.By {
		add(s.days, personDay{of.RecordedBy, of.Day}, day)
	}
	s.visit(of, both(was.customer, is.customer))
}

func add[K comparable](sums map[K]total, key K, t total) {
	if t == (total{}) {
		return
	}
	now := sums[key]
	now[held] += t[held]
	now[arrived] += t[arrived]
	if now == (total{}) {
		delete(sums, key)
		return
	}
	sums[key] = now
}

// visit adds to what a charge counts for its customer.
func (s *sums) visit(of *Charge, t total) {
	if t == (total{}) {
		return
	}
	list := s.customers[of.Customer]
	at, found := slices.BinarySearchFunc(list, of, func(v visit, of *Charge) int {
		return cmp.Or(v.at.Compare(of.CreatedAt), strings.Compare(v.uid, of.UID))
	})
	if !found {
		list = slices.Insert(list, at, visit{at: of.CreatedAt, uid: of.UID})
	}
	v := &list[at]
	v.amount[held] += t[held]
	v.amount[arrived] += t[arrived]
	if v.amount == (total{}) {
		list = slices.Delete(list, at, at+1)
	}
	if len(list) == 0 {
		delete(s.customers, of.Customer)
		return
	}
	s.customers[of.Customer] = list
}

// ofCustomer is what a customer was given after an instant. It stops at most, so that a
// long history costs nothing once the limit is reached.
func (s *sums) ofCustomer(customer string, after time.Time, v view, most int64) int64 {
	var sum int64
	for _, visit := range slices.Backward(s.customers[customer]) {
		if !visit.at.After(after) || sum >= most {
			break
		}
		sum += visit.amount[v]
	}
	return sum
}
