package cli

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewOpen is the command that reports an incident.
func NewOpen(f *Factory) *cobra.Command {
	var o work.Opening
	var w writeOptions
	c := &cobra.Command{
		Use: "open [NAME] SUMMARY", Short: "Report a service failure", GroupID: groupWork, Args: args, ValidArgsFunction: nothing,
		Long: `Report a service failure to one customer. Its clocks start when the API server takes it in.

Without a NAME, one is made of the service. The summary, and all that is reported here, stays as
reported; amend corrects it, and retarget the severity.`,
		Example: `  kubectl amends open coffee-0417 "Wind tipped a coffee over the guest's towel" \
      --customer guest-0417 --service pool-bar --severity Low`,
		RunE: func(c *cobra.Command, given []string) error {
			if err := w.check(); err != nil {
				return err
			}
			if o.Summary = given[len(given)-1]; len(given) == 2 {
				o.Name = given[0]
			}
			return f.open(c.Context(), &o, &w)
		},
	}
	w.add(f, c)
	fl := c.Flags()
	fl.StringVar(&o.Customer.ID, "customer", "", "the customer's id in your own systems, never a name")
	fl.StringVar(&o.Customer.Tier, "tier", "", "the customer's standing, for example Gold")
	fl.StringVar(&o.Customer.TimeZone, "time-zone", "", "where the customer lives, for example Asia/Shanghai")
	fl.StringVar(&o.Customer.ContactHours, "contact-hours", "", "when the customer may be called, in their own time: 09:00-21:00")
	fl.StringVarP(&o.Severity, "severity", "s", "", "how bad it is for the customer: Low, Medium, High or Critical")
	fl.StringVar(&o.Service, "service", "", "what failed: a place, a product, a system")
	fl.StringVar(&o.Category, "category", "", "the kind of failure")
	fl.StringVar(&o.DetectedBy, "detected-by", "Staff", "who noticed first: Customer, Staff, Monitoring or EarlyWarning")
	fl.StringVar(&o.Policy, "policy", "", "the policy that holds; without it, the one whose selector does")
	fl.StringVar(&o.OccurredAt, "occurred-at", "", `when it happened: 16:30, "10m ago", "2026-10-02 16:30"`)
	fl.StringVar(&o.ExpectedAt, "expected-at", "", `when it is expected to happen, for an early warning: 16:30, "2026-10-02 16:30"`)
	fl.StringVar(&o.ReportedAt, "reported-at", "", `when it was reported, where that was earlier: 16:30, "10m ago"; clocks start there. Needs the verb backdate`)
	fl.StringArrayVar(&o.Labels, "label", nil, "a label, NAME=VALUE, by which policies may select; may be repeated")
	f.completeWords(c, "severity", work.Severities)
	completeFlag(c, "policy", f.policies)
	f.completeWords(c, "detected-by", work.DetectedBys)
	return c
}

func (f *Factory) open(ctx context.Context, o *work.Opening, w *writeOptions) error {
	if _, err := o.Incident(f.Clock.Now(), f.zone()); work.Beforehand(err) != nil {
		return err
	}
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	if _, err := k.Me(); err != nil { // which also tells the API server's time
		return err
	}
	inc, err := o.Incident(k.Now(), f.zone())
	if err != nil {
		return err
	}
	inc.Namespace = k.Namespace
	if _, err := create(ctx, k, inc, w.dry(), sameReport); err != nil {
		return err
	}
	if w.data() {
		return f.show(w.format, inc)
	}
	frame := f.frame(k.Now())
	if w.dry() {
		return f.print(inc.Name + " would be reported (dry run: nothing was written)")
	}
	waiting, cancel := f.wait(ctx)
	defer cancel()
	after, answered, _ := k.Await(waiting, inc, kube.Answered)
	return f.print(frame.Opened(after, answered)...)
}

// sameReport says whether two incidents report the same, whatever was recorded since.
func sameReport(a, b *v1alpha1.Incident) bool {
	x, y := a.Spec.DeepCopy(), b.Spec.DeepCopy()
	x.Journal, y.Journal = nil, nil
	return equality.Semantic.DeepEqual(x, y)
}
