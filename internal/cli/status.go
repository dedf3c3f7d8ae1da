package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
)

// NewStatus is the command that shows an incident on one screen.
func NewStatus(f *Factory) *cobra.Command {
	var o statusOptions
	c := &cobra.Command{
		Use: "status INCIDENT", Short: "Show an incident on one screen, or wait for it", GroupID: groupSee, Args: args, ValidArgsFunction: places(f.incidents),
		Long: `Show an incident on one screen: what is asked of whom next, every clock with what is left of it, the
promises, the money, and what the operator has to say.

With --wait it blocks until the incident is Resolved, Closed, Ended (nothing is owed any more) or a
condition is true, and says so by its exit code, for pipelines:

  0  it is, and nothing was ever late
  1  it could not be found out
  2  the command line is wrong
  3  it is, and something is or was late
  4  it was not within --timeout
  5  it never will be: the incident has ended otherwise, or is gone`,
		Example: `  kubectl amends status coffee-0417
  kubectl amends status coffee-0417 --wait Closed --timeout 8h
  kubectl amends status coffee-0417 --exit-code >/dev/null || echo late`,
		RunE: func(c *cobra.Command, given []string) error {
			if err := o.check(c.Flags().Changed("timeout")); err != nil {
				return err
			}
			return f.status(c.Context(), &o, given[0])
		},
	}
	o.add(f, c, "yaml", "json", "name")
	c.Flags().StringVar(&o.wait, "wait", "", "block until it is Resolved, Closed, Ended, or a condition is true")
	c.Flags().DurationVar(&o.timeout, "timeout", 0, "how long to wait, for example 8h; without it, as long as it takes")
	c.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit with 3 where something is or was late")
	f.completeWords(c, "wait", awaited)
	return c
}

type statusOptions struct {
	output
	wait     string
	timeout  time.Duration
	exitCode bool
}

func (o *statusOptions) check(bounded bool) error {
	switch {
	case bounded && o.wait == "":
		return usageError{fmt.Errorf("--timeout goes with --wait")}
	case bounded && o.timeout <= 0:
		return usageError{fmt.Errorf("--timeout %s: write a time longer than 0s, for example 30s or 8h; leave it out to wait as long as it takes", o.timeout)}
	}
	if o.wait != "" && !slices.ContainsFunc(awaited, func(word string) bool { return strings.EqualFold(word, o.wait) }) {
		return usageError{fmt.Errorf("--wait %q: it is one of %s", o.wait, strings.Join(awaited, ", "))}
	}
	return o.output.check()
}

// awaited are what one may wait for: what becomes of an incident, and the conditions that
// it has.
var awaited = []string{
	v1alpha1.ResolvedCondition, v1alpha1.ClosedCondition, "Ended",
	v1alpha1.PolicyBoundCondition, v1alpha1.OnTrackCondition, v1alpha1.HeldCondition, v1alpha1.NextContactScheduledCondition, v1alpha1.PromisesKeptCondition,
	v1alpha1.ApprovalPendingCondition, v1alpha1.RemedyDeliveredCondition, v1alpha1.CustomerAcceptedCondition, v1alpha1.DocumentedCondition, v1alpha1.EndedWellCondition,
	v1alpha1.JournalAcceptedCondition, v1alpha1.JournalNearlyFullCondition, v1alpha1.ReconcilingCondition, v1alpha1.StalledCondition,
}

func (f *Factory) status(ctx context.Context, o *statusOptions, name string) error {
	k, inc, err := f.incident(ctx, name)
	if err != nil {
		return err
	}
	code := ExitOK
	if o.wait != "" {
		if inc, code, err = awaitState(ctx, k, inc, o); err != nil {
			return err
		}
	}
	if err := f.showStatus(ctx, k, o, inc); err != nil {
		return err
	}
	if code == ExitOK && (o.wait != "" || o.exitCode) && late(inc) {
		code = ExitLate
	}
	if code != ExitOK {
		return &exitError{code}
	}
	return nil
}

// showStatus shows an incident. Remedies that cannot be read are left out.
func (f *Factory) showStatus(ctx context.Context, k *kube.Cluster, o *statusOptions, inc *v1alpha1.Incident) error {
	if o.data() {
		return f.show(o.format, inc)
	}
	remedies, _ := k.CompensationsOf(ctx, inc)
	return f.print(f.frame(k.Now()).Status(inc, remedies)...)
}

// late says that something is or was late.
func late(inc *v1alpha1.Incident) bool {
	return inc.Status.SLA == v1alpha1.SLAOverdue || inc.Status.SLA == v1alpha1.SLAMissed
}

// awaitState waits until an incident is as asked for, and says with which code the
// command ends.
func awaitState(ctx context.Context, k *kube.Cluster, inc *v1alpha1.Incident, o *statusOptions) (*v1alpha1.Incident, int, error) {
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	last, there, err := k.Await(ctx, inc, func(i *v1alpha1.Incident) bool { return reached(i, o.wait) || never(i, o.wait) })
	switch {
	case err != nil:
		return last, ExitFailed, err
	case there && reached(last, o.wait):
		return last, ExitOK, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return last, ExitTimeout, nil
	case ctx.Err() != nil:
		return last, ExitFailed, ctx.Err()
	}
	return last, ExitNever, nil // it has ended otherwise, or is gone
}

// reached says whether an incident is as asked for, in what the operator has answered.
func reached(inc *v1alpha1.Incident, what string) bool {
	if !kube.Answered(inc) {
		return false
	}
	switch strings.ToLower(what) {
	case "closed":
		return inc.Status.Phase == v1alpha1.PhaseClosed
	case "ended":
		return view.Ended(inc)
	}
	for i := range inc.Status.Conditions {
		if strings.EqualFold(inc.Status.Conditions[i].Type, what) {
			return apimeta.IsStatusConditionTrue(inc.Status.Conditions, inc.Status.Conditions[i].Type)
		}
	}
	return false
}

// never says that it will not come to that any more.
func never(inc *v1alpha1.Incident, what string) bool {
	return kube.Answered(inc) && view.Ended(inc) && !reached(inc, what)
}
