package ledger

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/policy"
	"github.com/amends-dev/amends/internal/text"
)

// maxMessage bounds the message of a condition, in bytes.
const maxMessage = 4096

// Status is the next status of the budget: the book as it is, one step on from the one
// before. It is the one before where nothing differs.
func (b *Book) Status(was *v1alpha1.RecoveryBudgetStatus, generation, epoch int64, now time.Time) v1alpha1.RecoveryBudgetStatus {
	next := v1alpha1.RecoveryBudgetStatus{
		ObservedGeneration: generation, Epoch: epoch, Sequence: was.Sequence,
		Entries: b.entries(), ClosedThrough: b.closedThrough,
	}
	for i := range b.periods {
		next.Periods = append(next.Periods, b.periods[i].totals())
	}
	s := b.standing(now)
	s.tell(&next)
	next.Warned = s.warned(was)
	next.Conditions = b.conditions(was.Conditions, generation, now, &s)
	return stepped(was, &next)
}

// stepped raises the sequence where anything differs.
func stepped(was, next *v1alpha1.RecoveryBudgetStatus) v1alpha1.RecoveryBudgetStatus {
	if equality.Semantic.DeepEqual(was, next) {
		return *was
	}
	next.Sequence++
	return *next
}

// Stalled is the status of a budget whose spec is wrong: nothing in the ledger moves.
func Stalled(was *v1alpha1.RecoveryBudgetStatus, generation int64, now time.Time, problems []policy.Problem) v1alpha1.RecoveryBudgetStatus {
	next := was.DeepCopy()
	next.ObservedGeneration = generation
	reason, message := problems[0].Reason, text.Truncate(policy.Describe(problems), maxMessage)
	next.Conditions = dated(was.Conditions, generation, now, []metav1.Condition{
		{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: reason, Message: message},
		{Type: v1alpha1.StalledCondition, Status: metav1.ConditionTrue, Reason: reason, Message: message},
	})
	return stepped(was, next)
}

// standing is how the running period stands, with everything in flight arrived.
type standing struct {
	terms                        *Terms
	start                        v1alpha1.Date
	limit, spent, reserved, owed int64
}

func (b *Book) standing(now time.Time) standing {
	s := standing{terms: b.terms, start: b.terms.PeriodOf(now), limit: b.terms.Limit.Minor()}
	if p := b.period(s.start); p != nil {
		s.spent, s.reserved, s.owed = p.spent, p.reserved, p.owed
	}
	for _, f := range b.flights {
		if f.period == s.start {
			s.move(f.from, -f.leaving)
			s.move(f.to, f.arriving())
		}
	}
	return s
}

func (s *standing) move(state v1alpha1.ChargeState, amount int64) {
	p := period{spent: s.spent, reserved: s.reserved, owed: s.owed}
	p.move(state, amount)
	s.spent, s.reserved, s.owed = p.spent, p.reserved, p.owed
}

func (s *standing) used() int64 { return s.spent + s.reserved }

// percent is how much of the limit is used, rounded down. It is a product of at most
// 1.8e16 and 100, which fits.
func (s *standing) percent() int64 {
	if s.limit == 0 {
		return 100
	}
	return s.used() * 100 / s.limit
}

func (s *standing) text(minor int64) string { return s.terms.amount(minor).Text() }

// tell writes the figures for people.
func (s *standing) tell(next *v1alpha1.RecoveryBudgetStatus) {
	money := func(minor int64) v1alpha1.Money { return s.terms.amount(minor).Money() }
	next.Period, next.Limit, next.Spent, next.Reserved, next.Owed = s.start, money(s.limit), money(s.spent), money(s.reserved), money(s.owed)
	next.Available, next.UsedPercent = money(s.limit-s.used()), new(s.percent())
}

// warned are the thresholds that were reached in the running period. One that was
// reached stays: it is told once a period.
func (s *standing) warned(was *v1alpha1.RecoveryBudgetStatus) []int32 {
	var out []int32
	if was.Period == s.start {
		out = slices.Clone(was.Warned)
	}
	for _, at := range s.terms.WarnAt {
		if s.percent() >= int64(at) && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// conditions say how the budget stands.
func (b *Book) conditions(was []metav1.Condition, generation int64, now time.Time, s *standing) []metav1.Condition {
	near := len(s.terms.WarnAt) > 0 && s.percent() >= int64(s.terms.WarnAt[0])
	out := []metav1.Condition{
		{Type: v1alpha1.ReadyCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.AcceptedReason, Message: "the budget is in force"},
		s.condition(v1alpha1.NearLimitCondition, v1alpha1.ThresholdReachedReason, near,
			fmt.Sprintf("%d %% of %s is spent or reserved in the period that began on %s", s.percent(), s.text(s.limit), s.start)),
		s.condition(v1alpha1.ExhaustedCondition, v1alpha1.NothingLeftReason, s.used() >= s.limit,
			fmt.Sprintf("nothing is left of %s for the period that began on %s: requests are denied until money comes back, the limit is raised or the next period begins", s.text(s.limit), s.start)),
		s.condition(v1alpha1.OverdrawnCondition, v1alpha1.OwedBeyondPoolReason, s.used()+s.owed > s.limit && s.owed > 0,
			fmt.Sprintf("%s of what is owed goes beyond the pool of %s", s.text(min(s.owed, s.used()+s.owed-s.limit)), s.text(s.limit))),
		s.condition(v1alpha1.OverCommittedCondition, v1alpha1.LimitLoweredReason, s.used() > s.limit,
			fmt.Sprintf("%s more is spent and reserved than the limit of %s allows: nothing is revoked, and nothing more is given", s.text(s.used()-s.limit), s.text(s.limit))),
	}
	out = append(out, b.consistent())
	return dated(was, generation, now, out)
}

// dated gives each condition the time of its last transition.
func dated(was []metav1.Condition, generation int64, now time.Time, conditions []metav1.Condition) []metav1.Condition {
	for i := range conditions {
		c := &conditions[i]
		c.ObservedGeneration = generation
		c.LastTransitionTime = metav1.NewTime(now.UTC().Truncate(time.Second))
		if before := apimeta.FindStatusCondition(was, c.Type); before != nil && before.Status == c.Status {
			c.LastTransitionTime = before.LastTransitionTime
		}
	}
	return conditions
}

// condition is true with its message, or false with none of the figures, so that what
// does not change is not written.
func (s *standing) condition(kind, reason string, is bool, message string) metav1.Condition {
	if is {
		return metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: reason, Message: message}
	}
	return metav1.Condition{Type: kind, Status: metav1.ConditionFalse, Reason: v1alpha1.WithinLimitReason, Message: "within the limit of the running period"}
}
