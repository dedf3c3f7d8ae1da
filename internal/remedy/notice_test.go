package remedy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/ledger"
	"github.com/amends-dev/amends/internal/remedy"
)

func TestNotices(t *testing.T) {
	const minute = time.Minute
	offered := ledger.Outcome{Phase: v1alpha1.CompensationOffered, State: reserved, Amount: cny("200.00")}
	cases := map[string]struct {
		changes []change
		outcome ledger.Outcome
		want    []string
	}{
		"granted":            {nil, granted("40.00", "frontline"), []string{"RemedyGranted: refund of Incident coffee is granted (WithinAllowance)"}},
		"awaits an approval": {nil, ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, Amount: cny("40.00")}, []string{"ApprovalAsked: refund of Incident coffee waits for an approval; who may decide, and until when, stands in its condition Ready"}},
		"still awaits":       {list(awaiting("40.00")), ledger.Outcome{Phase: v1alpha1.CompensationAwaitingApproval, Amount: cny("30.00")}, nil},
		"approved": {list(awaiting("40.00"), approving("duty-manager", "", minute)), granted("40.00", ""),
			[]string{"ApprovalGiven: refund of Incident coffee is approved by tom as duty-manager", "RemedyGranted: refund of Incident coffee is granted (Approved)"}},
		"approved, to choose from": {list(twoOffers, awaiting("200.00"), approving("duty-manager", "", minute)), offered,
			[]string{"ApprovalGiven: refund of Incident coffee is approved by tom as duty-manager", "RemedyOffered: refund of Incident coffee is offered; the customer chooses"}},
		"offered": {list(twoOffers), offered, []string{"RemedyOffered: refund of Incident coffee is offered; the customer chooses"}},
		"chosen":  {list(twoOffers, toChoose, choosing("voucher", minute)), granted("150.00", "frontline"), []string{"RemedyGranted: refund of Incident coffee is granted (WithinAllowance)"}},
		"denied": {nil, ledger.Outcome{Phase: v1alpha1.CompensationDenied, Refusals: []ledger.Refusal{{Limit: ledger.LimitPool, Max: cny("7.00")}}},
			[]string{"!RemedyDenied: refund of Incident coffee is denied (PoolExhausted); what to do stands in its condition Ready"}},
		"taken back":   {list(given, withdrawing(minute)), freed(v1alpha1.CompensationReleased, v1alpha1.WithdrawnReason), []string{"RemedyReleased: refund of Incident coffee is taken back (Withdrawn)"}},
		"told already": {list(given), granted("40.00", "frontline"), nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := desk(t, c.changes...)
			was := w.request.Status
			if diff := cmp.Diff(c.want, told(remedy.Notices(was, w.record(c.outcome, at(minute)).request))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("delivered", func(t *testing.T) {
		w := desk(t, given, delivering(minute))
		was := w.request.Status
		w.request.Status = w.judge(at(minute)).Status
		if diff := cmp.Diff([]string{"RemedyDelivered: refund of Incident coffee is delivered"}, told(remedy.Notices(was, w.request))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// told are notices as lines; a warning has a mark before it. None names an amount.
func told(notices []remedy.Notice) []string {
	var out []string
	for _, n := range notices {
		line := n.Reason + ": " + n.Message
		if n.Warning {
			line = "!" + line
		}
		if strings.Contains(line, "CNY") || strings.Contains(line, ".00") || n.Action == "" {
			line = "an amount, or no action: " + line
		}
		out = append(out, line)
	}
	return out
}
