package bookkeeper

import (
	"fmt"
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
)

// The limits of the model's allowance, in cents.
const (
	incidentLimit = 15_000
	dayLimit      = 20_000
	guestLimit    = 25_000
	guestWindow   = 48 * time.Hour
)

// guest is the customer of an incident: several incidents are one customer's.
func guest(incident v1alpha1.ObjectName) string {
	return "guest" + string('0'+incident[len(incident)-1]%4)
}

// checkLimits holds what was given within the allowance against each of its limits, and
// what awaits a decision against how many may. Limits are tested when something is given,
// and what is approved later may add to an incident; but of what the allowance itself
// gave, no limit is ever passed.
func (s *server) checkLimits(terms *ledger.Terms) {
	type day struct {
		person v1alpha1.User
		on     v1alpha1.Date
	}
	days, incidents, pending := map[day]int64{}, map[string]int64{}, map[v1alpha1.User]int{}
	guests := map[string][]ledger.Charge{}
	for _, c := range s.comps {
		charge := terms.ChargeOf(c)
		if charge.State != v1alpha1.ChargeReserved && charge.State != v1alpha1.ChargeSpent {
			continue
		}
		if charge.Awaiting {
			pending[charge.By]++
		}
		if charge.Allowance == "" {
			continue
		}
		incidents[charge.Incident] += charge.Amount
		guests[charge.Customer] = append(guests[charge.Customer], charge)
		for _, person := range slices.Compact([]v1alpha1.User{charge.By, charge.RecordedBy}) {
			if person != "" {
				days[day{person, charge.Day}] += charge.Amount
			}
		}
	}
	for d, given := range days {
		if given > dayLimit {
			s.fail("%s gave %d on %s, and may give %d", d.person, given, d.on, int64(dayLimit))
		}
	}
	for incident, given := range incidents {
		if given > incidentLimit {
			s.fail("incident %s was given %d, and may be given %d: %v", incident, given, int64(incidentLimit), s.givenTo(incident))
		}
	}
	for person, n := range pending {
		if n > ledger.MaxPending {
			s.fail("%d requests of %s await a decision, and %d may", n, person, ledger.MaxPending)
		}
	}
	for who, charges := range guests {
		s.checkGuest(who, charges)
	}
}

// checkGuest looks at each window that ends with something that a customer was given.
func (s *server) checkGuest(who string, charges []ledger.Charge) {
	for _, last := range charges {
		var given int64
		for _, c := range charges {
			if c.CreatedAt.After(last.CreatedAt.Add(-guestWindow)) && !c.CreatedAt.After(last.CreatedAt) {
				given += c.Amount
			}
		}
		if given > guestLimit {
			s.fail("%s was given %d in the %s before %s, and may be given %d", who, given, guestWindow, last.CreatedAt, int64(guestLimit))
		}
	}
}

// givenTo lists what an incident was given, for messages.
func (s *server) givenTo(incident string) []string {
	var out []string
	for _, name := range s.names(func(c *v1alpha1.Compensation) bool { return c.Status.IncidentUID == incident && c.Status.Amount != "" }) {
		c := s.comps[name]
		out = append(out, fmt.Sprintf("%s %s %s from %q created %s", name, c.Status.Phase, c.Status.Amount, c.Status.Allowance, c.CreationTimestamp))
	}
	return out
}
