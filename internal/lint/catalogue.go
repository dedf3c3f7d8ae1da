package lint

import (
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
	"github.com/amends-dev/amends/internal/policy"
)

// catalogue looks for remedies that nobody can give.
func (l *linter) catalogue(p *compiledPolicy) {
	c := p.spec.Compensation
	if c == nil {
		return
	}
	l.extras(p, c)
	var b *compiledBudget
	if c.BudgetName != "" {
		b, _ = find(l.world.budgets, "RecoveryBudget", p.doc.Namespace, string(c.BudgetName))
		if !l.world.described("RecoveryBudget", p.doc.Namespace, string(c.BudgetName)) {
			l.add(ruleBudgetNotFound, p.doc, "spec.compensation.budgetName", "there is no RecoveryBudget %q among the files", c.BudgetName)
		}
	}
	for i := range c.Catalogue {
		o, field := &c.Catalogue[i], index("spec.compensation.catalogue", i)
		if c.BudgetName == "" && (o.MaxAmount != "" || costs(o)) {
			l.add(ruleOptionNoBudget, p.doc, field, "the option %s costs money, and the policy names no budget to take it from; give compensation.budgetName, or a cost of \"0\"", o.Name)
		}
		if o.Cost != "" && o.Value != "" && greater(o.Cost, o.Value) {
			l.add(ruleOptionWorthLess, p.doc, field+".value", "the option %s costs %s and is worth %s to the customer: money would do more", o.Name, o.Cost, o.Value)
		}
	}
	if b != nil && b.terms != nil && l.decimals(p, c, b) {
		for i := range c.Catalogue {
			l.option(p, b, &c.Catalogue[i], index("spec.compensation.catalogue", i))
		}
	}
}

// costs says whether an option has a cost that is not zero.
func costs(o *v1alpha1.CatalogueOption) bool {
	return strings.Trim(string(o.Cost), "0.") != ""
}

// finest is a currency with as many decimals as an amount may have: it is used to
// compare amounts whose currency nobody gives.
const finest v1alpha1.Currency = "CLF"

func greater(a, b v1alpha1.Money) bool {
	x, errX := money.Parse(finest, a)
	y, errY := money.Parse(finest, b)
	return errX == nil && errY == nil && x.Minor() > y.Minor()
}

// extras looks for an extra that is owed and not there.
func (l *linter) extras(p *compiledPolicy, c *v1alpha1.PolicyCompensation) {
	if len(c.Catalogue) == 0 {
		return
	}
	for i, d := range c.Demand {
		if d.Extra == v1alpha1.ExtraOptional {
			continue
		}
		has := func(o v1alpha1.CatalogueOption) bool {
			return o.Purpose == v1alpha1.PurposeExtra && selects(o.Severities, d.Severity)
		}
		if !slices.ContainsFunc(c.Catalogue, has) {
			l.add(ruleNoExtra, p.doc, index("spec.compensation.demand", i), "at severity %s an extra is owed (%s), and no option of the catalogue is an Extra for it; add one, perhaps of cost \"0\"", d.Severity, d.Extra)
		}
	}
}

// decimals says whether every amount of the policy is one of the budget's currency.
func (l *linter) decimals(p *compiledPolicy, c *v1alpha1.PolicyCompensation, b *compiledBudget) bool {
	sound := true
	look := func(field string, m v1alpha1.Money) {
		if m == "" {
			return
		}
		if _, err := money.Parse(b.spec.Currency, m); err != nil {
			sound = false
			l.add(ruleAmountDecimals, p.doc, field, "%s (the currency is that of the RecoveryBudget %s)", err, b.doc.Name)
		}
	}
	for i, o := range c.Catalogue {
		field := index("spec.compensation.catalogue", i)
		look(field+".cost", o.Cost)
		look(field+".value", o.Value)
		look(field+".maxAmount", o.MaxAmount)
	}
	for i, o := range c.Bounds {
		field := index("spec.compensation.bounds", i)
		look(field+".min", o.Min)
		look(field+".max", o.Max)
	}
	return sound
}

// option looks at what an option costs against what the budget can give.
func (l *linter) option(p *compiledPolicy, b *compiledBudget, o *v1alpha1.CatalogueOption, field string) {
	if o.Entitlement == v1alpha1.EntitlementOwed || !costs(o) || b.terms.Limit.IsZero() {
		return // What is owed has no limit; what costs nothing needs none.
	}
	cost := b.amount(o.Cost)
	if cost.Minor() > b.terms.Limit.Minor() {
		l.add(ruleOptionAbovePool, p.doc, field+".cost", "the option %s costs %s, and the pool of the RecoveryBudget %s holds %s", o.Name, o.Cost, b.doc.Name, b.terms.Limit.Text())
		return
	}
	if len(b.spec.Allowances) == 0 && b.spec.Approval == nil || b.approves(cost) {
		return // The first is told of the budget itself.
	}
	most, why := b.mostOf(cost), "no allowance gives as much"
	if most {
		most, why = withinBounds(p, b, o, cost), "the bounds of its severities do not let an allowance give as much"
	}
	if !most {
		l.add(ruleOptionNobody, p.doc, field+".cost", "nobody can give the option %s, which costs %s: %s, and no approval level of the RecoveryBudget %s may approve it", o.Name, o.Cost, why, b.doc.Name)
	}
}

// approves says whether a level of the budget may approve an amount.
func (b *compiledBudget) approves(cost money.Amount) bool {
	return b.spec.Approval != nil && slices.ContainsFunc(b.spec.Approval.Levels, func(level v1alpha1.ApprovalLevel) bool {
		return level.UpTo == "" || b.amount(level.UpTo).Minor() >= cost.Minor()
	})
}

// mostOf says whether an allowance gives as much at once.
func (b *compiledBudget) mostOf(cost money.Amount) bool {
	for i := range b.spec.Allowances {
		fits := !slices.ContainsFunc(limitsOf(&b.spec.Allowances[i]), func(each limit) bool { return b.amount(each.amount).Minor() < cost.Minor() })
		if fits {
			return true
		}
	}
	return false
}

// withinBounds says whether the bounds of one of its severities let an allowance give
// the option.
func withinBounds(p *compiledPolicy, b *compiledBudget, o *v1alpha1.CatalogueOption, cost money.Amount) bool {
	return slices.ContainsFunc(policy.Severities, func(s v1alpha1.Severity) bool {
		if !selects(o.Severities, s) {
			return false
		}
		return !slices.ContainsFunc(p.spec.Compensation.Bounds, func(bounds v1alpha1.CompensationBounds) bool {
			return bounds.Severity == s && bounds.Max != "" && b.amount(bounds.Max).Minor() < cost.Minor()
		})
	})
}
