package work

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// maxOffers is how many offers a request may hold.
const maxOffers = 5

// Request is a request for a remedy as typed.
type Request struct {
	// Options are options of the catalogue, written OPTION or OPTION=AMOUNT.
	Options []string
	// Custom are remedies that the catalogue does not have, written TEXT=AMOUNT.
	Custom []string
	// Allowance is the allowance that it is taken from; empty asks for an approval.
	Allowance v1alpha1.Name
	// Budget is the budget; empty, it is the policy's.
	Budget string
	// Justification says why.
	Justification string
	// Name is the Compensation's name; empty, one is made of the incident's.
	Name string
	// By is who asks, where that is not who types.
	By string
}

// Counter is what a request is made against.
type Counter struct {
	// Terms are the policy's; nil where it has none, or it could not be read.
	Terms *v1alpha1.PolicyCompensation
	// Currency is the budget's; empty where it could not be read.
	Currency v1alpha1.Currency
	// Taken are the names of the compensations that the namespace has for the incident.
	Taken []string
}

// Compensation makes the request. Where it names no allowance, it asks for an approval.
func (r *Request) Compensation(s *Scene, c *Counter) (*v1alpha1.Compensation, error) {
	budget := r.Budget
	if budget == "" && c.Terms != nil {
		budget = string(c.Terms.BudgetName)
	}
	if budget == "" {
		return nil, errors.New("the policy of this incident names no budget: give --budget, or give a kindness that costs none with the command gesture")
	}
	offers, err := r.offers(s, c)
	if err != nil {
		return nil, err
	}
	out := &v1alpha1.Compensation{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Compensation"},
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Incident.Namespace, Name: r.Name},
		Spec: v1alpha1.CompensationSpec{
			IncidentName: v1alpha1.ObjectName(s.Incident.Name), BudgetName: v1alpha1.ObjectName(budget), Offers: offers,
			Allowance: r.Allowance, By: s.Me, Justification: v1alpha1.Text(strings.TrimSpace(r.Justification)),
		},
	}
	if by := v1alpha1.User(strings.TrimSpace(r.By)); by != "" && by != s.Me {
		out.Spec.By, out.Spec.RecordedBy = by, s.Me
	}
	if out.Name == "" {
		out.Name = freeName(s.Incident.Name, c.Taken)
	}
	return out, nil
}

// freeName is the incident's name and the first number that no compensation has.
func freeName(incident string, taken []string) string {
	for n := 1; ; n++ {
		if name := incident + "-" + strconv.Itoa(n); !slices.Contains(taken, name) {
			return name
		}
	}
}

func (r *Request) offers(s *Scene, c *Counter) ([]v1alpha1.CompensationOffer, error) {
	switch n := len(r.Options) + len(r.Custom); {
	case n == 0:
		return nil, wrong("what is offered? Name options of the catalogue, or --custom \"TEXT=AMOUNT\"; the command may shows what you may give")
	case n > maxOffers:
		return nil, wrongf("%d offers: a customer chooses among at most %d", n, maxOffers)
	}
	var out []v1alpha1.CompensationOffer
	for _, typed := range r.Options {
		offer, err := s.option(typed, c)
		if err != nil {
			return nil, err
		}
		out = append(out, offer)
	}
	for i, typed := range r.Custom {
		cut := strings.LastIndexByte(typed, '=')
		if cut <= 0 {
			return nil, wrongf("--custom %q: write what it is and what it costs us, TEXT=AMOUNT", typed)
		}
		amount, err := amount("--custom "+typed, typed[cut+1:], c.Currency)
		if err != nil {
			return nil, err
		}
		offer := v1alpha1.CompensationOffer{Name: "custom", Custom: v1alpha1.Text(strings.TrimSpace(typed[:cut])), Amount: amount}
		if i > 0 {
			offer.Name = v1alpha1.Name("custom-" + strconv.Itoa(i+1))
		}
		out = append(out, offer)
	}
	return out, unique(out)
}

func unique(offers []v1alpha1.CompensationOffer) error {
	for i := range offers {
		for j := range i {
			if offers[i].Name == offers[j].Name {
				return wrongf("the option %s is offered twice", offers[i].Name)
			}
		}
	}
	return nil
}

// option is an offer of the catalogue.
func (s *Scene) option(typed string, c *Counter) (v1alpha1.CompensationOffer, error) {
	what, value, priced := strings.Cut(typed, "=")
	id, err := name("option", what)
	out := v1alpha1.CompensationOffer{Name: id, Option: id}
	if err != nil {
		return out, err
	}
	var entry *v1alpha1.CatalogueOption
	if c.Terms != nil {
		if entry, err = s.listed(id, c.Terms); err != nil {
			return out, err
		}
	}
	switch {
	case priced:
		out.Amount, err = amount("the option "+string(id), value, c.Currency)
	case entry != nil && entry.Cost != "":
		out.Amount = entry.Cost
	case entry == nil && s.Unsure:
		err = fmt.Errorf("what the option %s costs is not known here: say how much, %s=AMOUNT", id, id)
	default:
		err = fmt.Errorf("the option %s has no fixed cost: say how much, %s=AMOUNT%s", id, id, atMost(entry))
	}
	return out, err
}

// listed is an option of the catalogue, for the severity that holds; nil where the
// catalogue at hand does not have it, and another one may.
func (s *Scene) listed(id v1alpha1.Name, terms *v1alpha1.PolicyCompensation) (*v1alpha1.CatalogueOption, error) {
	i := slices.IndexFunc(terms.Catalogue, func(o v1alpha1.CatalogueOption) bool { return o.Name == id })
	if i < 0 {
		return nil, s.doubt(unknownOption(id, terms))
	}
	entry, severity := &terms.Catalogue[i], EffectiveSeverity(s.Incident)
	if len(entry.Severities) > 0 && !slices.Contains(entry.Severities, severity) {
		return entry, s.doubt(fmt.Errorf("the option %s is not for severity %s", id, severity))
	}
	return entry, nil
}

func atMost(entry *v1alpha1.CatalogueOption) string {
	if entry == nil || entry.MaxAmount == "" {
		return ""
	}
	return ", at most " + string(entry.MaxAmount)
}

func unknownOption(id v1alpha1.Name, terms *v1alpha1.PolicyCompensation) error {
	names := make([]v1alpha1.Name, len(terms.Catalogue))
	for i := range terms.Catalogue {
		names[i] = terms.Catalogue[i].Name
	}
	hint := ""
	if n := nearest(id, names); n != "" {
		hint = fmt.Sprintf("; did you mean %s?", n)
	}
	return fmt.Errorf("the catalogue has no option %q; it has %s%s", id, list(names), hint)
}

// amount reads an amount of a currency; where that is not known, the server judges it.
func amount(what, typed string, currency v1alpha1.Currency) (v1alpha1.Money, error) {
	typed = strings.TrimSpace(typed)
	if currency != "" {
		a, err := money.Parse(currency, v1alpha1.Money(typed))
		if err != nil {
			return "", wrongf("%s: %w", what, err)
		}
		return a.Money(), nil
	}
	if !amountPattern.MatchString(typed) {
		return "", wrongf("%s: %q is no amount: write it without sign, currency or thousands, for example 50.00", what, typed)
	}
	return v1alpha1.Money(typed), nil
}
