package work

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/money"
)

// Choice is what the customer chose.
func Choice(comp *v1alpha1.Compensation, offer string, by v1alpha1.User) (*v1alpha1.CompensationChoice, error) {
	names := make([]v1alpha1.Name, len(comp.Spec.Offers))
	for i := range comp.Spec.Offers {
		names[i] = comp.Spec.Offers[i].Name
	}
	if !slices.Contains(names, v1alpha1.Name(offer)) {
		return nil, fmt.Errorf("%s has no offer %q; the customer chooses among %s", comp.Name, offer, list(names))
	}
	return &v1alpha1.CompensationChoice{Offer: v1alpha1.Name(offer), By: by}, nil
}

// Verdict is what an approver decides.
type Verdict struct {
	// Approve says whether it is granted.
	Approve bool
	// Level is the approval level; empty, the lowest one of Levels that reaches.
	Level string
	// Amount is what is approved, where that is less than what was asked.
	Amount string
	// Reason says why; a refusal needs one.
	Reason string
	// Levels are those at which the approver may decide, lowest first.
	Levels []v1alpha1.ApprovalLevel
	// Currency is the budget's.
	Currency v1alpha1.Currency
}

// Decision makes the decision on a request.
func (v *Verdict) Decision(comp *v1alpha1.Compensation, by v1alpha1.User) (*v1alpha1.CompensationDecision, error) {
	if by != "" && (comp.Spec.By == by || comp.Spec.RecordedBy == by) {
		return nil, fmt.Errorf("%s was asked for by you: somebody else decides on it", comp.Name)
	}
	out := &v1alpha1.CompensationDecision{Verdict: v1alpha1.VerdictApproved, By: by, Reason: v1alpha1.Text(strings.TrimSpace(v.Reason))}
	if !v.Approve {
		out.Verdict = v1alpha1.VerdictDenied
		if out.Reason == "" {
			return nil, wrong("say why it is denied: who asked reads it, and tells the customer")
		}
	}
	if v.Amount != "" {
		approved, err := amount("--amount", v.Amount, v.Currency)
		if err != nil {
			return nil, err
		}
		out.Amount = approved
	}
	level, err := v.level(comp, out.Amount)
	out.Level = level
	return out, err
}

// level is the one that is named, or the lowest one that reaches.
func (v *Verdict) level(comp *v1alpha1.Compensation, approved v1alpha1.Money) (v1alpha1.Name, error) {
	if v.Level != "" {
		return name("--level", v.Level)
	}
	if len(v.Levels) == 0 {
		return "", errors.New("you may approve at no level of this budget; the verb approve on recoverybudgets/LEVEL says who may")
	}
	if !v.Approve {
		return v.Levels[0].Name, nil
	}
	if approved == "" {
		approved = Asked(comp)
	}
	for _, l := range v.Levels {
		if Reaches(l, approved, v.Currency) {
			return l.Name, nil
		}
	}
	highest := v.Levels[len(v.Levels)-1]
	return "", fmt.Errorf("%s is more than you may approve: level %s goes up to %s; approve less with --amount, or ask the next level", approved, highest.Name, highest.UpTo)
}

// Asked is what a request asks for: the chosen offer, the only one, or the dearest.
func Asked(comp *v1alpha1.Compensation) v1alpha1.Money {
	if comp.Status.Amount != "" {
		return comp.Status.Amount
	}
	return offered(comp)
}

// offered is what the offers of a request come to, whatever became of it.
func offered(comp *v1alpha1.Compensation) v1alpha1.Money {
	best := comp.Spec.Offers[0].Amount
	for i := range comp.Spec.Offers {
		o := &comp.Spec.Offers[i]
		if comp.Spec.Choice != nil && comp.Spec.Choice.Offer == o.Name {
			return o.Amount
		}
		if more(o.Amount, best) {
			best = o.Amount
		}
	}
	return best
}

// more compares two amounts of one currency as they are written.
func more(a, b v1alpha1.Money) bool {
	pad := func(m v1alpha1.Money) (string, string) {
		whole, fraction, _ := strings.Cut(string(m), ".")
		return whole, (fraction + "0000")[:4]
	}
	aw, af := pad(a)
	bw, bf := pad(b)
	if len(aw) != len(bw) {
		return len(aw) > len(bw)
	}
	return aw+af > bw+bf
}

// Reaches says whether a level may approve an amount, as far as that one request goes.
func Reaches(l v1alpha1.ApprovalLevel, asked v1alpha1.Money, currency v1alpha1.Currency) bool {
	if l.UpTo == "" {
		return true
	}
	limit, err := money.Parse(currency, l.UpTo)
	if err != nil {
		return false
	}
	want, err := money.Parse(currency, asked)
	return err == nil && want.Cmp(limit) <= 0
}

// Delivery says that the customer has it.
func Delivery(evidence string, by v1alpha1.User) *v1alpha1.CompensationDelivery {
	return &v1alpha1.CompensationDelivery{By: by, Evidence: v1alpha1.Text(strings.TrimSpace(evidence))}
}

// Withdrawal takes a request back.
func Withdrawal(reason string, by v1alpha1.User) *v1alpha1.CompensationWithdrawal {
	return &v1alpha1.CompensationWithdrawal{By: by, Reason: v1alpha1.Text(strings.TrimSpace(reason))}
}
