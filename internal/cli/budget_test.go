package cli_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli"
	"github.com/amends-dev/amends/internal/fixture"
)

// The paths of the money.
const (
	remediesPath = "/apis/recovery.amends.dev/v1alpha1/namespaces/hotel/compensations"
	policyPath   = "/apis/recovery.amends.dev/v1alpha1/namespaces/hotel/recoverypolicies/stay"
	budgetPath   = "/apis/recovery.amends.dev/v1alpha1/namespaces/hotel/recoverybudgets/front-desk"
)

// counter is a scripted API server that takes requests for remedies in.
type counter struct {
	scripted
	asked []v1alpha1.Compensation
}

func (s *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != remediesPath {
		s.scripted.ServeHTTP(w, r)
		return
	}
	var comp v1alpha1.Compensation
	if err := json.NewDecoder(r.Body).Decode(&comp); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.asked = append(s.asked, comp)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(comp)
}

// counterOf is a desk at which the budget is answered so, with a remedy r that waits for a
// decision. Whoever asks may do anything that a budget knows.
func counterOf(budget any) *counter {
	waits := fixture.In("hotel", fixture.Compensation("r", "x", "front-desk", "35.00", fixture.AskedBy("lin")))
	waits.APIVersion, waits.Kind = v1alpha1.GroupVersion.String(), "Compensation"
	waits.Status.Phase = v1alpha1.CompensationAwaitingApproval
	inc := fixture.In("hotel", fixture.Created(noon.Add(-time.Hour), fixture.Incident("x")))
	inc.APIVersion, inc.Kind, inc.Spec.PolicyName = v1alpha1.GroupVersion.String(), "Incident", "stay"
	pol := fixture.In("hotel", fixture.Policy("stay", fixture.Step("apologise", v1alpha1.StepApology)))
	pol.APIVersion, pol.Kind = inc.APIVersion, "RecoveryPolicy"
	pol.Spec.Compensation = &v1alpha1.PolicyCompensation{BudgetName: "front-desk", Catalogue: []v1alpha1.CatalogueOption{{Name: "refund", Kind: "Refund", Purpose: v1alpha1.PurposeRestore}}}
	s := deskOf()
	maps.Copy(s, scripted{
		listPath + "/x": inc, policyPath: pol,
		budgetPath: budget, remediesPath + "/r": waits,
		remediesPath: object(v1alpha1.GroupVersion.String(), "CompensationList", map[string]any{"items": []any{waits}}),
		rightsPath:   object("authorization.k8s.io/v1", "SelfSubjectAccessReview", map[string]any{"status": map[string]any{"allowed": true}}),
	})
	return &counter{scripted: s}
}

// frontDesk is a budget with an allowance and a level.
func frontDesk() *v1alpha1.RecoveryBudget {
	out := fixture.In("hotel", fixture.Budget("front-desk", "CNY", "60000.00",
		fixture.Allowing(v1alpha1.Allowance{Name: "frontline", PerIncident: "500.00"}), fixture.ApprovedBy("15m", v1alpha1.ApprovalLevel{Name: "duty-manager"})))
	out.APIVersion, out.Kind = v1alpha1.GroupVersion.String(), "RecoveryBudget"
	return out
}

// A budget that the server did not answer for is no budget without allowances: nothing is
// asked for. One that may not be read, or is not there, is told.
func TestCompensateNeedsAnAnswer(t *testing.T) {
	const line = "compensate x refund=35.00 --dry-run=server"
	for name, c := range map[string]struct {
		budget    any
		line      string
		code      int
		allowance v1alpha1.Name
		says      string
		silent    bool
	}{
		"it is read":                   {budget: frontDesk(), line: line, allowance: "frontline", silent: true},
		"the server does not say":      {budget: failing, line: line, code: cli.ExitFailed, says: "was not answered", silent: true},
		"nor for a named allowance":    {budget: failing, line: line + " --allowance frontline", code: cli.ExitFailed, says: "was not answered", silent: true},
		"it may not be read":           {budget: http.StatusForbidden, line: line, says: "Note: you may not read the budget front-desk, so that the allowance could not be looked up: this asks for an approval."},
		"the allowance is named":       {budget: http.StatusForbidden, line: line + " --allowance frontline", allowance: "frontline", silent: true},
		"an approval is asked for":     {budget: http.StatusForbidden, line: line + " --ask", silent: true},
		"there is none":                {budget: http.StatusNotFound, line: line, says: "Note: there is no budget front-desk here yet"},
		"none, an approval is ordered": {budget: http.StatusNotFound, line: line + " --ask", silent: true},
	} {
		t.Run(name, func(t *testing.T) {
			server := counterOf(c.budget)
			out, errOut, code := runAgainst(t, server, noon, strings.Fields(c.line)...)
			if code != c.code || !strings.Contains(errOut, c.says) || c.silent && strings.Contains(errOut, "Note:") {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, c.code, c.says, out, errOut)
			}
			if want := 1 - min(1, c.code); len(server.asked) != want {
				t.Fatalf("%d requests were made, want %d", len(server.asked), want)
			}
			if len(server.asked) > 0 && server.asked[0].Spec.Allowance != c.allowance {
				t.Errorf("it is taken from %q, want %q", server.asked[0].Spec.Allowance, c.allowance)
			}
		})
	}
}

// Nor does anything else take a budget that was not read for one in which nobody may do
// anything.
func TestUnreadBudgets(t *testing.T) {
	for name, c := range map[string]struct {
		budget any
		line   string
		code   int
		says   string
	}{
		"approvals":                        {frontDesk(), "approvals", cli.ExitOK, "duty-manager"},
		"approvals, not answered":          {failing, "approvals", cli.ExitFailed, "was not answered"},
		"approvals, hidden":                {http.StatusForbidden, "approvals", cli.ExitOK, "Note: you may not read the budget hotel/front-desk, so that your levels there could not be looked up"},
		"approvals, none":                  {http.StatusNotFound, "approvals", cli.ExitOK, "1 more wait for somebody else"},
		"may":                              {frontDesk(), "may x", cli.ExitOK, "from frontline"},
		"may, not answered":                {failing, "may x", cli.ExitFailed, "was not answered"},
		"may, hidden":                      {http.StatusForbidden, "may x", cli.ExitOK, "no budget can be read"},
		"approve":                          {frontDesk(), "approve r --dry-run=server", cli.ExitOK, "would be approved"},
		"approve, not answered":            {failing, "approve r --dry-run=server", cli.ExitFailed, "was not answered"},
		"approve, hidden":                  {http.StatusForbidden, "approve r --dry-run=server", cli.ExitFailed, "you may not read the budget front-desk"},
		"approve, none":                    {http.StatusNotFound, "approve r --dry-run=server", cli.ExitFailed, "there is no budget front-desk here"},
		"approve at a level, not answered": {failing, "approve r --level duty-manager --dry-run=server", cli.ExitOK, "would be approved"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errOut, code := runAgainst(t, counterOf(c.budget), noon, strings.Fields(c.line)...)
			if code != c.code || !strings.Contains(out+errOut, c.says) {
				t.Errorf("exit code %d, want %d and %q\n%s%s", code, c.code, c.says, out, errOut)
			}
		})
	}
}
