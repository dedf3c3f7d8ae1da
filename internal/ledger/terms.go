package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/calendar"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/policy"
)

// Terms are what a budget's spec says, read.
type Terms struct {
	// Currency is that of every amount.
	Currency v1alpha1.Currency
	// Zone is where a day and a period begin.
	Zone *time.Location
	// Period is how long a pool lasts.
	Period v1alpha1.Period
	// Limit is the pool of a period.
	Limit money.Amount
	// WarnAt are the percentages at which a warning is told, ascending.
	WarnAt []int32

	allowances map[v1alpha1.Name]allowance
	// approval is nil where nothing can be approved.
	approval *approval
	opening  *opening
}

// allowance is an allowance, read; a limit that it does not have is nil.
type allowance struct {
	name                  v1alpha1.Name
	incident, day, window *money.Amount
	lookBack              time.Duration
}

// approval is who may approve, lowest first in whatever order the spec lists them: every
// level after one that reaches a total reaches it too.
type approval struct {
	levels []level
}

// level is an approval level; upTo is nil where it approves any amount.
type level struct {
	name v1alpha1.Name
	upTo *money.Amount
}

// opening is what was spent before the budget was there.
type opening struct {
	spent  money.Amount
	period v1alpha1.Date
}

// Compile reads a spec, or says everything that is wrong with it.
func Compile(spec v1alpha1.RecoveryBudgetSpec) (*Terms, []policy.Problem) {
	c := compiler{terms: &Terms{Currency: spec.Currency, Period: spec.Pool.Period, WarnAt: slices.Sorted(slices.Values(spec.WarnAt))}}
	if _, err := money.Digits(spec.Currency); err != nil {
		// Without its decimals no amount can be read, and each would say so again.
		c.wrong("spec.currency", err)
		c.zone(spec.TimeZone)
		return nil, c.problems
	}
	c.zone(spec.TimeZone)
	c.pool(spec.Pool)
	c.allowances(spec.Allowances)
	c.approval(spec.Approval)
	c.opening(spec.OpeningBalance)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return c.terms, nil
}

// compiler gathers what is wrong.
type compiler struct {
	terms    *Terms
	problems []policy.Problem
}

func (c *compiler) wrong(path string, err error) {
	c.problems = append(c.problems, policy.Problem{Reason: v1alpha1.InvalidSpecReason, Field: path, Message: err.Error()})
}

func (c *compiler) zone(name v1alpha1.TimeZone) {
	zone, err := calendar.LoadZone(string(name))
	if err != nil {
		c.wrong("spec.timeZone", err)
		c.problems[len(c.problems)-1].Reason = v1alpha1.UnknownTimeZoneReason
	}
	c.terms.Zone = zone
}

// amount reads an amount of a field; absent, it is nil.
func (c *compiler) amount(path string, m v1alpha1.Money) *money.Amount {
	if m == "" {
		return nil
	}
	a, err := money.Parse(c.terms.Currency, m)
	if err != nil {
		c.wrong(path, err)
	}
	return &a
}

func (c *compiler) pool(p v1alpha1.Pool) {
	if monthsOf(p.Period) == 0 {
		c.wrong("spec.pool.period", fmt.Errorf("%q is no period: it is Month, Quarter or Year", p.Period))
	}
	switch {
	case p.PercentOf == nil && p.Amount == "", p.PercentOf != nil && p.Amount != "":
		c.wrong("spec.pool", fmt.Errorf("it is an amount or a percentOf revenue: give exactly one of them"))
	case p.PercentOf == nil:
		c.terms.Limit = *c.amount("spec.pool.amount", p.Amount)
	default:
		revenue, err := money.Parse(c.terms.Currency, p.PercentOf.Amount)
		if err != nil {
			c.wrong("spec.pool.percentOf.amount", err)
			return
		}
		if c.terms.Limit, err = revenue.Share(p.PercentOf.Percent); err != nil {
			c.wrong("spec.pool.percentOf.percent", err)
		}
	}
}

func (c *compiler) allowances(list []v1alpha1.Allowance) {
	c.terms.allowances = make(map[v1alpha1.Name]allowance, len(list))
	for _, a := range list {
		path := fmt.Sprintf("spec.allowances[%s]", a.Name)
		out := allowance{
			name:     a.Name,
			incident: c.amount(path+".perIncident", a.PerIncident),
			day:      c.amount(path+".perPersonPerDay", a.PerPersonPerDay),
		}
		if a.PerCustomer != nil {
			window, err := policy.ParseDuration(a.PerCustomer.Window)
			if err != nil {
				c.wrong(path+".perCustomer.window", err)
			}
			out.window, out.lookBack = c.amount(path+".perCustomer.amount", a.PerCustomer.Amount), window
		}
		c.terms.allowances[a.Name] = out
	}
}

func (c *compiler) approval(a *v1alpha1.Approval) {
	if a == nil {
		return
	}
	c.terms.approval = &approval{}
	if _, err := policy.ParseDuration(a.Within); err != nil {
		c.wrong("spec.approval.within", err)
	}
	for _, l := range a.Levels {
		c.terms.approval.levels = append(c.terms.approval.levels, level{
			name: l.Name, upTo: c.amount(fmt.Sprintf("spec.approval.levels[%s].upTo", l.Name), l.UpTo),
		})
	}
	slices.SortStableFunc(c.terms.approval.levels, byReach)
}

// byReach puts the level that approves less first, and those that approve any amount last.
func byReach(a, b level) int {
	switch {
	case a.upTo == nil && b.upTo == nil:
		return 0
	case a.upTo == nil:
		return 1
	case b.upTo == nil:
		return -1
	}
	return cmp.Compare(a.upTo.Minor(), b.upTo.Minor())
}

func (c *compiler) opening(o *v1alpha1.OpeningBalance) {
	if o == nil {
		return
	}
	spent := c.amount("spec.openingBalance.spent", o.Spent)
	day, err := time.Parse(time.DateOnly, string(o.AsOf))
	if err != nil {
		c.wrong("spec.openingBalance.asOf", fmt.Errorf("%q is no day: write it as 2026-01-31", o.AsOf))
	}
	if spent == nil || len(c.problems) > 0 {
		return
	}
	c.terms.opening = &opening{spent: *spent, period: periodOfDay(day, c.terms.Period)}
}

// amount is an amount of the terms' currency. The sums that it is made from are bounded
// by what money counts.
func (t *Terms) amount(minor int64) money.Amount {
	a, err := money.Of(t.Currency, min(max(minor, 0), money.Max))
	if err != nil {
		return money.Zero(t.Currency)
	}
	return a
}

// lowestLevel is the lowest level that may approve a total; empty where none may.
func (t *Terms) lowestLevel(total int64) v1alpha1.Name {
	if t.approval == nil {
		return ""
	}
	for _, l := range t.approval.levels {
		if l.upTo == nil || total <= l.upTo.Minor() {
			return l.name
		}
	}
	return ""
}

// LevelsFrom are the names of a spec's approval levels from one on, lowest first; all of
// them from none. Whatever one level may approve, those after it may.
func LevelsFrom(spec *v1alpha1.RecoveryBudgetSpec, from v1alpha1.Name) []v1alpha1.Name {
	c := compiler{terms: &Terms{Currency: spec.Currency}}
	c.approval(spec.Approval)
	return c.terms.levelsFrom(from)
}

func (t *Terms) levelsFrom(from v1alpha1.Name) []v1alpha1.Name {
	if t.approval == nil {
		return nil
	}
	var out []v1alpha1.Name
	for _, l := range t.approval.levels {
		if from == "" || l.name == from || len(out) > 0 {
			out = append(out, l.name)
		}
	}
	return out
}

// Deciders are the levels of a budget that may approve what a request has set aside, by
// what its incident's other requests say that they have; lowest first. They are for
// messages: the ledger judges by what is in flight, too. It is false where the spec cannot
// be read.
func Deciders(b *v1alpha1.RecoveryBudget, c *v1alpha1.Compensation, others []v1alpha1.Compensation) ([]v1alpha1.Name, bool) {
	terms, problems := Compile(b.Spec)
	if len(problems) > 0 {
		return nil, false
	}
	asked := terms.ChargeOf(c)
	total := asked.Amount
	for i := range others {
		o := &others[i]
		if other := terms.ChargeOf(o); asked.Amount > 0 && other.UID != asked.UID && other.Incident == asked.Incident && o.Spec.BudgetName == c.Spec.BudgetName {
			total += other.counts().incident
		}
	}
	lowest := terms.lowestLevel(total)
	if lowest == "" {
		return nil, true
	}
	return terms.levelsFrom(lowest), true
}

// level finds an approval level.
func (t *Terms) level(name v1alpha1.Name) (level, bool) {
	if t.approval == nil {
		return level{}, false
	}
	i := slices.IndexFunc(t.approval.levels, func(l level) bool { return l.name == name })
	if i < 0 {
		return level{}, false
	}
	return t.approval.levels[i], true
}
