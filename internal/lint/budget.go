package lint

import (
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/policy"
)

// budgets compiles the budgets, and looks at those that compile for money that nobody
// can give.
func (l *linter) budgets() {
	for _, k := range ordered(l.world.budgets) {
		b := l.world.budgets[k]
		var wrong []policy.Problem
		b.terms, wrong = ledger.Compile(b.spec)
		for _, p := range wrong {
			rule := ruleBudgetInvalid
			if p.Reason == v1alpha1.UnknownTimeZoneReason {
				rule = ruleUnknownTimeZone
			}
			l.add(rule, b.doc, p.Field, "%s", p.Message)
		}
		if len(wrong) > 0 {
			b.terms = nil
			continue
		}
		l.pool(b)
		l.allowances(b)
		l.levels(b)
	}
}

func (l *linter) pool(b *compiledBudget) {
	if b.terms.Limit.IsZero() {
		l.add(rulePoolEmpty, b.doc, "spec.pool", "the pool is %s, so that everything is denied but what is owed", b.terms.Limit.Text())
		return
	}
	if len(b.spec.Allowances) == 0 && b.spec.Approval == nil {
		l.add(ruleBudgetGivesNone, b.doc, "spec", "there is neither an allowance nor an approval, so that every request is denied; give allowances, or approval with its levels")
	}
	if o := b.spec.OpeningBalance; o != nil && b.amount(o.Spent).Minor() > b.terms.Limit.Minor() {
		l.add(ruleOpeningAbove, b.doc, "spec.openingBalance.spent", "%s was spent before, and the pool holds only %s", o.Spent, b.terms.Limit.Text())
	}
}

// amount reads an amount that the ledger has read before.
func (b *compiledBudget) amount(m v1alpha1.Money) money.Amount {
	a, err := money.Parse(b.spec.Currency, m)
	if err != nil {
		return money.Zero(b.spec.Currency)
	}
	return a
}

// limit is one limit of an allowance.
type limit struct {
	field, name string
	amount      v1alpha1.Money
}

func limitsOf(a *v1alpha1.Allowance) []limit {
	var out []limit
	add := func(field string, amount v1alpha1.Money) {
		if amount != "" {
			out = append(out, limit{field: field, name: strings.SplitN(field, ".", 2)[0], amount: amount})
		}
	}
	add("perIncident", a.PerIncident)
	add("perPersonPerDay", a.PerPersonPerDay)
	if a.PerCustomer != nil {
		add("perCustomer.amount", a.PerCustomer.Amount)
	}
	return out
}

func (l *linter) allowances(b *compiledBudget) {
	for i := range b.spec.Allowances {
		a, field := &b.spec.Allowances[i], index("spec.allowances", i)
		for _, each := range limitsOf(a) {
			if b.amount(each.amount).Minor() > b.terms.Limit.Minor() && !b.terms.Limit.IsZero() {
				l.add(ruleAllowanceAbove, b.doc, field+"."+each.field, "%s is more than the whole pool of %s", each.amount, b.terms.Limit.Text())
			}
		}
		if a.PerCustomer != nil && a.PerIncident != "" && b.amount(a.PerCustomer.Amount).Minor() < b.amount(a.PerIncident).Minor() {
			l.add(ruleLimitShadowed, b.doc, field+".perIncident", "%s for one incident is never reached: one customer gets at most %s; give perIncident at most as much", a.PerIncident, a.PerCustomer.Amount)
		}
	}
}

func (l *linter) levels(b *compiledBudget) {
	if b.spec.Approval == nil {
		return
	}
	var highest *v1alpha1.ApprovalLevel
	for i := range b.spec.Approval.Levels {
		level, field := &b.spec.Approval.Levels[i], index("spec.approval.levels", i)
		switch {
		case highest == nil:
		case highest.UpTo == "":
			l.add(ruleLevelUnreachable, b.doc, field, "level %s comes after %s, which approves any amount; put it before, with an upTo", level.Name, highest.Name)
			continue
		case level.UpTo != "" && b.amount(level.UpTo).Minor() <= b.amount(highest.UpTo).Minor():
			l.add(ruleLevelsOrder, b.doc, field+".upTo", "level %s approves up to %s, which is not above the %s of %s before it; list the lowest first", level.Name, level.UpTo, highest.UpTo, highest.Name)
			continue
		}
		highest = level
	}
}
