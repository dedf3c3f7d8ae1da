package remedy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/money"
)

// offer is one offer of a request with what the catalogue says about it.
type offer struct {
	*v1alpha1.CompensationOffer
	// option is nil for a remedy of its own kind, and where the catalogue does not have it.
	option *v1alpha1.CatalogueOption
	// amount is the zero value where it cannot be read.
	amount money.Amount
}

// owed says whether the offer is due by contract or law.
func (o *offer) owed() bool {
	return o.option != nil && o.option.Entitlement == v1alpha1.EntitlementOwed
}

// offers are the offers of the request. An amount that cannot be read is left zero:
// request checks come first, and the API server keeps offers as they were asked.
func (f *Facts) offers() []offer {
	spec := &f.Compensation.Spec
	out := make([]offer, len(spec.Offers))
	for i := range spec.Offers {
		out[i].CompensationOffer = &spec.Offers[i]
		out[i].option = f.option(spec.Offers[i].Option)
		if f.Budget != nil {
			out[i].amount, _ = money.Parse(f.Budget.Spec.Currency, spec.Offers[i].Amount)
		}
	}
	return out
}

// option is an option of the catalogue by its name, or nil.
func (f *Facts) option(name v1alpha1.Name) *v1alpha1.CatalogueOption {
	if f.Terms == nil || name == "" {
		return nil
	}
	for i := range f.Terms.Money.Catalogue {
		if o := &f.Terms.Money.Catalogue[i]; o.Name == name {
			return o
		}
	}
	return nil
}

// picked is the only offer or the chosen one; nil while the customer has the choice.
func (f *Facts) picked() *offer {
	all := f.offers()
	if len(all) == 1 {
		return &all[0]
	}
	choice := f.Compensation.Spec.Choice
	if choice == nil {
		return nil
	}
	for i := range all {
		if all[i].Name == choice.Offer {
			return &all[i]
		}
	}
	return nil
}

// dearest is the offer that costs the most, the first of several that do.
func (f *Facts) dearest() *offer {
	all := f.offers()
	if len(all) == 0 {
		return &offer{CompensationOffer: &v1alpha1.CompensationOffer{}} // The API server asks for one at least.
	}
	out := slices.MaxFunc(all, func(a, b offer) int { return a.amount.Cmp(b.amount) })
	return &out
}

// several says whether there is something to choose.
func (f *Facts) several() bool {
	return len(f.Compensation.Spec.Offers) > 1
}

// refusal is why a request is denied without asking the ledger.
type refusal struct {
	reason, message string
}

func refuse(reason, format string, args ...any) *refusal {
	return &refusal{reason, fmt.Sprintf(format, args...)}
}

// checkOffers looks at every offer, chosen or not: the customer is not to choose what
// cannot be given. Terms and the budget are there.
func (f *Facts) checkOffers() *refusal {
	if len(f.Compensation.Spec.Offers) == 0 {
		return refuse(v1alpha1.AmountInvalidReason, "spec.offers: nothing is offered; name at least one remedy")
	}
	for i := range f.Compensation.Spec.Offers {
		if wrong := f.checkOffer(i); wrong != nil {
			return wrong
		}
	}
	if f.picked() != nil {
		return nil
	}
	all := f.offers()
	for i := range all {
		if all[i].owed() {
			return refuse(v1alpha1.OwedAmongOffersReason, "spec.offers[%d]: option %s is due by contract or law, whatever else is offered; ask for it alone, and offer the rest in another request", i, all[i].Option)
		}
	}
	return nil
}

func (f *Facts) checkOffer(i int) *refusal {
	o := &f.Compensation.Spec.Offers[i]
	field := fmt.Sprintf("spec.offers[%d]", i)
	currency := f.Budget.Spec.Currency
	if o.Currency != "" && o.Currency != currency {
		return refuse(v1alpha1.CurrencyMismatchReason, "%s.currency: %s is another currency than that of budget %s, which is %s; ask in %s, or leave currency out", field, o.Currency, f.Budget.Name, currency, currency)
	}
	amount, err := money.Parse(currency, o.Amount)
	if err != nil {
		return refuse(v1alpha1.AmountInvalidReason, "%s.amount: %v", field, err)
	}
	if o.Option == "" {
		if amount.IsZero() {
			return refuse(v1alpha1.AmountZeroReason, "%s.amount: a remedy that costs nothing needs no request; record it as a gesture in the incident's journal", field)
		}
		return nil
	}
	return f.checkOption(field, o, amount)
}

// checkOption holds an offer against the catalogue.
func (f *Facts) checkOption(field string, o *v1alpha1.CompensationOffer, amount money.Amount) *refusal {
	option := f.option(o.Option)
	if option == nil {
		return refuse(v1alpha1.OptionUnknownReason, "%s.option: the catalogue of the incident's policy has no %q; it has %s; what it does not have is offered as custom", field, o.Option, f.optionNames())
	}
	if s := f.severity(); len(option.Severities) > 0 && !slices.Contains(option.Severities, s) {
		return refuse(v1alpha1.OptionNotForSeverityReason, "%s.option: %s is for severity %s, and the incident is %s", field, option.Name, join(option.Severities, "or"), s)
	}
	if option.Cost != "" {
		cost, err := money.Parse(f.Budget.Spec.Currency, option.Cost)
		switch {
		case err != nil:
			return refuse(v1alpha1.AmountInvalidReason, "the catalogue's cost of %s does not fit budget %s: %v; whoever keeps the policy must mend it", option.Name, f.Budget.Name, err)
		case amount != cost:
			return refuse(v1alpha1.AmountMismatchReason, "%s.amount: %s costs %s by the catalogue, and %s is asked; ask for exactly what it costs", field, option.Name, cost.Text(), amount.Text())
		}
		return nil
	}
	if amount.IsZero() {
		return refuse(v1alpha1.AmountZeroReason, "%s.amount: only an option with a cost of 0 in the catalogue may be asked for with nothing; give the amount of %s", field, option.Name)
	}
	if limit := f.maximum(option); option.Entitlement == v1alpha1.EntitlementOwed && limit != nil && amount.Cmp(*limit) > 0 {
		return refuse(v1alpha1.AmountMismatchReason, "%s.amount: at most %s of %s is owed by the catalogue, and %s is asked; ask for the rest as a kindness, in another request", field, limit.Text(), option.Name, amount.Text())
	}
	return nil
}

// maximum is the most that the catalogue gives of an option, or nil where it sets none.
func (f *Facts) maximum(option *v1alpha1.CatalogueOption) *money.Amount {
	if option == nil || option.MaxAmount == "" || f.Budget == nil {
		return nil
	}
	limit, err := money.Parse(f.Budget.Spec.Currency, option.MaxAmount)
	if err != nil {
		// A maximum in finer units than the currency has cannot be kept to the letter: what
		// is above nothing then asks for a person.
		limit = money.Zero(f.Budget.Spec.Currency)
	}
	return &limit
}

// beyond are the limits of the catalogue that an offer is above.
func (f *Facts) beyond(o *offer) []ledger.Refusal {
	limit := f.maximum(o.option)
	if limit == nil || o.amount.Cmp(*limit) <= 0 {
		return nil
	}
	return []ledger.Refusal{{Limit: ledger.LimitCatalogue, Whose: string(o.Option), Max: *limit, Left: *limit}}
}

// bounds are the policy's bounds for the incident's severity, or nil.
func (f *Facts) bounds() *v1alpha1.CompensationBounds {
	if f.Terms == nil {
		return nil
	}
	for i := range f.Terms.Money.Bounds {
		if b := &f.Terms.Money.Bounds[i]; b.Severity == f.severity() {
			return b
		}
	}
	return nil
}

// boundsMax is the most that an allowance gives for the incident's severity, or nil.
func (f *Facts) boundsMax() *money.Amount {
	b := f.bounds()
	if b == nil || b.Max == "" {
		return nil
	}
	limit, err := money.Parse(f.Budget.Spec.Currency, b.Max)
	if err != nil {
		limit = money.Zero(f.Budget.Spec.Currency)
	}
	return &limit
}

// purposes are what several offers are for, each once.
func (f *Facts) purposes() []v1alpha1.RemedyPurpose {
	var out []v1alpha1.RemedyPurpose
	for _, o := range f.offers() {
		if o.option != nil && !slices.Contains(out, o.option.Purpose) {
			out = append(out, o.option.Purpose)
		}
	}
	slices.SortFunc(out, func(a, b v1alpha1.RemedyPurpose) int { return cmp.Compare(b, a) }) // Restore, then Extra
	return out
}

func (f *Facts) optionNames() string {
	var names []v1alpha1.Name
	for i := range f.Terms.Money.Catalogue {
		names = append(names, f.Terms.Money.Catalogue[i].Name)
	}
	if len(names) == 0 {
		return "none at all"
	}
	return join(names, "and")
}

// join lists names in a sentence.
func join[T ~string](names []T, last string) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " " + last + " " + texts[len(texts)-1]
}
