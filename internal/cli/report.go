package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/tally"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewReport is the command that sums a period up.
func NewReport(f *Factory) *cobra.Command {
	var o reportOptions
	c := &cobra.Command{
		Use: "report", Short: "Sum up a period: what was met, promised, given, and why it failed", GroupID: groupSee, Args: args, ValidArgsFunction: nothing,
		Long: `Sum up the incidents that were reported in a period: attainment and breaches by clock, promises kept
and broken, remedies by option, causes. Nothing in it names a customer.`,
		Example: `  kubectl amends report --since 720h
  kubectl amends report -A --from "2026-10-01 00:00" --to "2026-11-01 00:00" -o csv`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return f.report(c.Context(), &o)
		},
	}
	o.add(f, c, "table", "json", "csv")
	addScope(c, &o.scope)
	c.Flags().StringVar(&o.since, "since", "720h", "the period, back from now: 24h, 720h")
	c.Flags().StringVar(&o.from, "from", "", `the beginning of the period, instead of --since: "2026-10-01 00:00"`)
	c.Flags().StringVar(&o.to, "to", "", `the end of the period: "2026-11-01 00:00"; without it, now`)
	return c
}

type reportOptions struct {
	output
	scope
	since, from, to string
}

// period reads the period.
func (o *reportOptions) period(now time.Time, zone *time.Location) (from, to time.Time, err error) {
	to = now
	if o.to != "" {
		if to, err = work.Past(o.to, now, zone); err != nil {
			return from, to, usageError{fmt.Errorf("--to: %w", err)}
		}
	}
	if o.from != "" {
		from, err = work.Past(o.from, now, zone)
		switch {
		case err != nil:
			err = usageError{fmt.Errorf("--from: %w", err)}
		case o.to != "" && !from.Before(to):
			err = usageError{fmt.Errorf("--from %q is not before --to %q: a period begins before it ends", o.from, o.to)}
		}
		return from, to, err
	}
	d, err := work.Duration(o.since)
	if err != nil {
		return from, to, usageError{fmt.Errorf("--since: %w", err)}
	}
	return to.Add(-d), to, nil
}

func (f *Factory) report(ctx context.Context, o *reportOptions) error {
	if _, _, err := o.period(f.Clock.Now(), f.zone()); work.Beforehand(err) != nil {
		return err
	}
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	opts, err := o.options(k)
	if err != nil {
		return err
	}
	incidents, err := k.Incidents(ctx, opts...)
	if err != nil {
		return err
	}
	from, to, err := o.period(k.Now(), f.zone())
	if err != nil {
		return err
	}
	remedies, currencies, err := money(ctx, k, o.all)
	if err != nil {
		return err
	}
	r := tally.Of(incidents, remedies, currencies, from, to)
	switch o.format {
	case "json":
		return f.marshal("json", r)
	case "csv":
		return r.CSV(f.Out)
	}
	return f.print(r.Lines(f.frame(k.Now()))...)
}

// money reads the remedies, and the currencies of the budgets.
func money(ctx context.Context, k *kube.Cluster, everywhere bool) ([]v1alpha1.Compensation, map[string]v1alpha1.Currency, error) {
	var in []client.ListOption
	if !everywhere {
		in = append(in, client.InNamespace(k.Namespace))
	}
	remedies, err := k.Compensations(ctx, in...)
	if err != nil {
		return nil, nil, err
	}
	budgets := &v1alpha1.RecoveryBudgetList{}
	currencies := map[string]v1alpha1.Currency{}
	err = k.Each(ctx, budgets, func() {
		for i := range budgets.Items {
			b := &budgets.Items[i]
			currencies[b.Namespace+"/"+b.Name] = b.Spec.Currency
		}
		budgets.Items = nil
	}, in...)
	return remedies, currencies, err
}
