package operatortest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

const (
	// ledgerRetriedWithin is how long a failing budget waits at most, and grantRetriedAfter
	// how long a grant does that could not be written.
	ledgerRetriedWithin = 2 * time.Second
	grantRetriedAfter   = time.Second
	// asked is how many remedies are asked of each budget.
	asked = 5
)

// moneyAilment is a kind of trouble, and how often a ledger and a grant are tried at once in
// it: after a conflict several times, because it is the answer to a busy neighbour.
type moneyAilment struct {
	trouble       trouble
	ledger, grant int
}

// moneyAilments are what the ledger of one budget meets, and the grants of another one.
var moneyAilments = map[string]moneyAilment{
	"500":                    {refuses(http.StatusInternalServerError, metav1.StatusReasonInternalError), 1, 2},
	"409 that nobody caused": {refuses(http.StatusConflict, metav1.StatusReasonConflict), 8, 8},
}

// limits bound the tries within a while.
func (a moneyAilment) limits(while time.Duration) limits {
	// A request comes to its ledger when it is created, once it is held and once its
	// incident is: each time the ledger is tried at once.
	ledger := a.ledger * (triesWithin(while, ledgerRetriedWithin) + 3*asked)
	grant := a.grant * (int(while/grantRetriedAfter) + 2)
	early := triesWithin(while, retriedWithin)
	return limits{total: ledger + asked*grant + early, each: func(object string) int {
		switch {
		case object == "recoverybudgets/refused":
			return ledger
		case strings.HasPrefix(object, "compensations/ungranted-"):
			return grant
		}
		return early
	}}
}

// endureAtTheTill asks for remedies while the API server refuses the ledger of a budget,
// the grants of another one, and what a request waits for. A third budget gives meanwhile;
// once the trouble is over every request is answered, counted once and told once.
func (s *voyage) endureAtTheTill(is moneyAilment) {
	s.Helper()
	tills := map[string]*till{}
	for _, budget := range []string{"refused", "ungranted", "well"} {
		tills[budget] = s.openTill(frontline(budget, "1000.00"), 1)
		tills[budget].ledger(budget)
	}
	s.strait.begin(is.trouble, func(object string) bool {
		return slices.Contains([]string{"recoverybudgets/refused", "compensations/early"}, object) || strings.HasPrefix(object, "compensations/ungranted-")
	})
	defer s.strait.clear()
	window, cancel := context.WithTimeout(s.Context(), rough)
	defer cancel()
	early := fixture.Compensation("early", "nobody", "well", "1.00", fixture.FromAllowance("frontline"), fixture.AskedBy(tills["well"].me))
	s.create(early)
	answers := s.askTills(tills, "refused", "ungranted")
	s.givesMeanwhile(tills["well"])
	if err := s.strait.watch(window, is.limits(rough)); err != nil {
		s.Errorf("a storm: %v", err)
	}
	s.Logf("tried in %s: %s", rough, s.strait)
	s.strait.clear()
	cleared := time.Now()
	for range cap(answers) {
		if err := <-answers; err != nil {
			s.Error(err)
		}
	}
	if took := time.Since(cleared); took > ledgerRetriedWithin+prompt {
		s.Errorf("all requests were answered %s after the trouble, want at most %s", took, ledgerRetriedWithin+prompt)
	}
	s.within(retriedWithin+prompt, "what an early request waits for", func(ctx context.Context) (bool, string) {
		err := s.admin.Get(ctx, client.ObjectKeyFromObject(early), early)
		return err == nil && early.Status.Phase != "", asYAML(early)
	})
	s.countedAndTold(tills)
}

// askTills asks for remedies of budgets at once, and gives what comes of each.
func (s *voyage) askTills(tills map[string]*till, budgets ...string) <-chan error {
	answers := make(chan error, len(budgets)*asked)
	for _, budget := range budgets {
		for n := range asked {
			go func() {
				ctx, cancel := context.WithTimeout(s.Context(), patience)
				defer cancel()
				_, err := tills[budget].ask(ctx, fmt.Sprintf("%s-%d", budget, n), budget, 0, "1.00")
				answers <- err
			}()
		}
	}
	return answers
}

// givesMeanwhile checks that a budget answers each request soon.
func (s *voyage) givesMeanwhile(well *till) {
	s.Helper()
	for n := range asked {
		ctx, cancel := context.WithTimeout(s.Context(), prompt)
		if _, err := well.ask(ctx, fmt.Sprint("well-", n), "well", 0, "1.00"); err != nil {
			s.Errorf("while other budgets are ill: %v", err)
		}
		cancel()
	}
}

// countedAndTold checks that each request was granted, counted and told once.
func (s *voyage) countedAndTold(tills map[string]*till) {
	s.Helper()
	for budget, till := range tills {
		if n := till.counted(budget); n != asked {
			s.Errorf("%s: %d requests are granted, want %d", budget, n, asked)
		}
		for n := range asked {
			name := fmt.Sprintf("%s-%d", budget, n)
			s.awaitNotice(name, v1alpha1.EventRemedyGranted)
			if told := s.notices(name)[v1alpha1.EventRemedyGranted]; len(told) != 1 {
				s.Errorf("%s: the grant was told %d times, want once", name, len(told))
			}
		}
	}
}
