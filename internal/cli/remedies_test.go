package cli_test

import (
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture"
)

// becomes waits until the operator has put a remedy into a phase.
func (d *desk) becomes(name string, phase v1alpha1.CompensationPhase) {
	d.Helper()
	deadline := time.Now().Add(patience)
	comp := &v1alpha1.Compensation{}
	for time.Now().Before(deadline) {
		if err := d.admin.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, comp); err != nil {
			d.Fatal(err)
		}
		if comp.Status.Phase == phase {
			return
		}
	}
	d.Fatalf("%s is %s and does not become %s: %+v", name, comp.Status.Phase, phase, comp.Status.Conditions)
}

func remedies(t *testing.T) {
	d := openDesk(t)
	people := d.staff("lin", "gao")
	group := []string{v1alpha1.GroupVersion.Group}
	budget := fixture.In(d.namespace, fixture.Budget("front-desk", "CNY", "60000.00",
		fixture.Allowing(v1alpha1.Allowance{Name: "frontline", PerIncident: "500.00", PerPersonPerDay: "2000.00"}),
		fixture.ApprovedBy("15m", v1alpha1.ApprovalLevel{Name: "duty-manager", UpTo: "1000.00"}, v1alpha1.ApprovalLevel{Name: "general-manager"})))
	pol := fixture.In(d.namespace, fixture.Policy("stay", fixture.Step("apologise", v1alpha1.StepApology, fixture.DueWithin("10m"))))
	pol.Spec.Compensation = &v1alpha1.PolicyCompensation{BudgetName: "front-desk", Catalogue: []v1alpha1.CatalogueOption{
		{Name: "fresh-coffee", Kind: "Replacement", Purpose: v1alpha1.PurposeRestore, Cost: "0"},
		{Name: "lounge-pass", Kind: "Upgrade", Purpose: v1alpha1.PurposeExtra, Cost: "15.00", Value: "60.00"},
		{Name: "refund", Kind: "Refund", Purpose: v1alpha1.PurposeRestore, MaxAmount: "200.00"},
	}}
	for _, o := range []client.Object{budget, pol} {
		if err := d.admin.Create(d.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	d.awaitPolicy("stay")
	d.allow("lin", rbacv1.PolicyRule{APIGroups: group, Resources: []string{"recoverybudgets/frontline"}, ResourceNames: []string{"front-desk"}, Verbs: []string{"spend"}})
	d.allow("gao", rbacv1.PolicyRule{APIGroups: group, Resources: []string{"recoverybudgets/general-manager"}, ResourceNames: []string{"front-desk"}, Verbs: []string{"approve"}})
	d.run(people["lin"], "open", "r", "No hot water", "--policy", "stay", "--customer", "g", "--service", "room", "-s", "medium", "--label", "site=stay")

	may := d.run(people["lin"], "may", "r")
	t.Logf("may:\n%s", may)
	d.insists(may, "from frontline: 2000.00 CNY left of your day", "500.00 CNY left for this incident", "lounge-pass", "compensate r refund=AMOUNT", "gesture r --option fresh-coffee")
	d.insists(d.run(people["gao"], "may", "r"), "nothing without asking")

	if _, errOut, code := d.try(people["lin"], "compensate", "r", "refund"); code == 0 || !strings.Contains(errOut, "refund=AMOUNT, at most 200.00") {
		t.Errorf("a refund of what? %d %s", code, errOut)
	}
	d.insists(d.run(people["lin"], "compensate", "r", "lounge-pass", "--dry-run", "server"), "would be asked for")
	answer := d.run(people["lin"], "compensate", "r", "lounge-pass", "-m", "No hot water since six")
	t.Logf("compensate:\n%s", answer)
	d.insists(answer, "it is Granted")
	d.insists(d.run(people["lin"], "may", "r"), "1985.00 CNY left of your day", "485.00 CNY left for this incident")
	comp := remedyOf(d, answer)
	if comp.Spec.Allowance != "frontline" || comp.Spec.By != "lin" || comp.Spec.Offers[0].Amount != "15.00" {
		t.Errorf("the request is %+v", comp.Spec)
	}

	d.run(people["lin"], "compensate", "r", "lounge-pass", "refund=35.00", "--name", "choice")
	d.becomes("choice", v1alpha1.CompensationOffered)
	d.insists(d.run(people["lin"], "choose", "choice", "refund"), "choice: chosen: refund (chosen), 35.00", "it is Granted")

	d.run(people["lin"], "compensate", "r", "--custom", "A night elsewhere=900.00", "--ask", "-m", "No room left", "--name", "elsewhere")
	d.becomes("elsewhere", v1alpha1.CompensationAwaitingApproval)
	d.insists(d.run(people["lin"], "compensate", "r", "--custom", "A night elsewhere=900.00", "--ask", "-m", "No room left", "--name", "elsewhere"), "asked for before, nothing changed")
	if _, errOut, code := d.try(people["lin"], "compensate", "r", "--custom", "Two nights=900.00", "--ask", "--name", "elsewhere"); code != 1 || !strings.Contains(errOut, "give it another name") {
		t.Errorf("another request of the same name: %d %s", code, errOut)
	}
	waiting := d.run(people["gao"], "approvals")
	t.Logf("approvals:\n%s", waiting)
	d.insists(waiting, "elsewhere", "A night elsewhere", "900.00", "general-manager", "No room left")
	d.insists(d.run(people["gao"], "approvals", "-l", "site=stay"), "elsewhere")
	d.insists(d.run(people["gao"], "approvals", "-l", "site!=stay"), "Nothing waits for you.")
	d.insists(d.run(people["lin"], "approvals"), "Nothing waits for you.", "1 more wait for somebody else")
	if _, errOut, code := d.try(people["lin"], "approve", "elsewhere"); code == 0 || !strings.Contains(errOut, "was asked for by you") {
		t.Errorf("one's own request: %d %s", code, errOut)
	}
	d.insists(d.run(people["gao"], "approve", "r", "Of course"), "elsewhere: approved", "it is Granted")
	d.insists(d.run(people["gao"], "approve", "elsewhere"), "approved before, by you; nothing changed")
	d.insists(d.run(people["gao"], "approve", "elsewhere", "-o", "name"), "compensation.recovery.amends.dev/elsewhere\n")
	d.becomes("elsewhere", v1alpha1.CompensationGranted)
	d.contradicts(people["gao"], "elsewhere was approved at level general-manager, \"Of course\", by gao; nothing was written\n  → a decision is final: kubectl amends withdraw elsewhere", "deny", "elsewhere", "Too dear")
	d.contradicts(people["gao"], "elsewhere was approved at level", "approve", "elsewhere", "--amount", "500.00")
	d.contradicts(people["lin"], "by gao; nothing was written", "approve", "elsewhere")
	d.contradicts(people["lin"], "choice was chosen: refund, by lin", "choose", "choice", "lounge-pass")
	d.insists(d.run(people["lin"], "choose", "choice", "refund"), "chosen before, by you; nothing changed")
	d.insists(d.run(people["lin"], "deliver", "elsewhere", "Booking 8812"), "elsewhere: delivered", "it is Delivered")
	d.insists(d.run(people["lin"], "deliver", "elsewhere", "-o", "json"), "\"kind\": \"Compensation\"", "Booking 8812")
	d.contradicts(people["lin"], "elsewhere was delivered, \"Booking 8812\", by lin", "deliver", "elsewhere", "Card 77")
	d.proposes(people["lin"])
	d.insists(d.run(people["lin"], "withdraw", comp.Name, "The water is back"), "withdrawn")

	status := d.run(people["lin"], "status", "r")
	t.Logf("status:\n%s", status)
	d.insists(status, "MONEY", "A night elsewhere", "refund (chosen)")
	got := remedyNamed(d, "elsewhere")
	if got.Spec.Decision.By != "gao" || got.Spec.Decision.Level != "general-manager" || got.Spec.Decision.RecordedAt == nil || got.Spec.Delivery.RecordedAt == nil {
		t.Errorf("the decision is %+v, the delivery %+v", got.Spec.Decision, got.Spec.Delivery)
	}
}

// contradicts runs a command that says otherwise than what stands.
func (d *desk) contradicts(kubeconfig, says string, args ...string) {
	d.Helper()
	if out, errOut, code := d.try(kubeconfig, args...); code != 1 || !strings.Contains(errOut, says) {
		d.Errorf("kubectl amends %s: exit code %d, want 1 and %q\n%s%s", strings.Join(args, " "), code, says, out, errOut)
	}
}

// proposes completes live names of the money.
func (d *desk) proposes(kubeconfig string) {
	d.Helper()
	for typed, want := range map[string]string{
		"compensate|r|--allowance|":                     "frontline\t2000.00 CNY a day, 500.00 CNY for an incident\n",
		"compensate|r|--budget|front-desk|--allowance|": "frontline\t",
		"compensate|r|--budget|":                        "front-desk",
		"approve|choice|--level|":                       "duty-manager\tup to 1000.00 CNY\ngeneral-manager\twithout a limit\n",
		"open|x|y|--policy|":                            "stay\tpriority",
	} {
		if out := d.run(kubeconfig, append([]string{"__complete"}, strings.Split(typed, "|")...)...); !strings.Contains(out, want) {
			d.Errorf("%s: it proposes %q, want %q", typed, out, want)
		}
	}
}

// remedyOf is the remedy that an answer is about.
func remedyOf(d *desk, answer string) *v1alpha1.Compensation {
	d.Helper()
	name, _, _ := strings.Cut(answer, ":")
	return remedyNamed(d, name)
}

func remedyNamed(d *desk, name string) *v1alpha1.Compensation {
	d.Helper()
	out := &v1alpha1.Compensation{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := d.admin.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, out); err != nil {
		d.Fatal(err)
	}
	return out
}
