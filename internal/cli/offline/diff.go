package offline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/gather"
	"github.com/amends-dev/amends/internal/manifest"
	"github.com/amends-dev/amends/internal/recovery"
	"github.com/amends-dev/amends/internal/simulate"
)

// Live is a cluster as diff needs it.
type Live struct {
	// Reader reads objects.
	Reader client.Reader
	// Namespace is where to look, unless the file says it.
	Namespace string
	// Snapshot gathers what a decision on an incident depends on.
	Snapshot func(context.Context, *v1alpha1.Incident) (*recovery.Snapshot, error)
	// Now is the time of the API server, after something was read.
	Now func() time.Time
}

// NewDiff is the command that says what a changed policy would do to the incidents that
// are open. connect connects to the cluster; now is the clock where a file takes its
// place.
func NewDiff(s genericiooptions.IOStreams, now func() time.Time, connect func(context.Context) (*Live, error)) *cobra.Command {
	var files, stored []string
	d := &differ{streams: s}
	c := &cobra.Command{
		Use: "diff -f NEW.yaml", Short: "Say what a changed policy would do to the incidents that are open", Args: noArgs,
		Long: `Say what policies in files would do to the incidents that follow them now and are open: which due
instants would move, and which clocks would be late at once, under both rollouts, NewIncidents and
OpenIncidents. Calendars are taken from the files, else from the cluster. Nothing is written.

With --incidents, a file takes the place of the cluster: what kubectl get writes of incidents, and of
the ControllerRevisions or the policies and calendars that they were accepted under.`,
		Example: `  kubectl amends diff -f policies/front-desk.yaml
  kubectl get incidents,controllerrevisions -n hotel-b -o yaml > open.yaml
  kubectl amends diff -f policies/front-desk.yaml --incidents open.yaml`,
		RunE: func(c *cobra.Command, _ []string) error {
			if d.output != "" && d.output != "text" && d.output != "json" {
				return cannot(fmt.Errorf("-o %q: it is one of text, json", d.output))
			}
			docs, err := load(files, s.In)
			if err != nil {
				return err
			}
			live, err := source(c.Context(), stored, s.In, now, connect)
			if err != nil {
				return err
			}
			return d.run(c.Context(), docs, live)
		},
	}
	addFiles(c, &files, "files with the changed policies, and the calendars that change with them")
	c.Flags().StringSliceVar(&stored, "incidents", nil, "files with incidents in the place of the cluster's")
	c.Flags().StringVarP(&d.output, "output", "o", "", "form of the answer: text, json")
	c.Flags().BoolVar(&d.code, "exit-code", false, "exit with 1 where something moves under the rollout that the policy has")
	return c
}

// source is the cluster, or the files in its place.
func source(ctx context.Context, stored []string, stdin io.Reader, now func() time.Time, connect func(context.Context) (*Live, error)) (*Live, error) {
	if len(stored) == 0 {
		if connect == nil {
			return nil, cannot(errors.New("there is no cluster here; name a file with --incidents"))
		}
		return connect(ctx)
	}
	docs, err := load(stored, stdin)
	if err != nil {
		return nil, err
	}
	reader, _, err := simulate.Stored(docs)
	if err != nil {
		return nil, cannot(err)
	}
	gatherer := gather.New(reader, reader, 0)
	return &Live{Reader: reader, Snapshot: gatherer.Snapshot, Now: now}, nil
}

// differ answers diff.
type differ struct {
	streams genericiooptions.IOStreams
	output  string
	code    bool
}

// policies are those of the files, with the calendars beside them.
func policies(docs []*manifest.Document) ([]*v1alpha1.RecoveryPolicy, map[client.ObjectKey]v1alpha1.BusinessCalendarSpec, error) {
	calendars := map[client.ObjectKey]v1alpha1.BusinessCalendarSpec{}
	var out []*v1alpha1.RecoveryPolicy
	for _, doc := range docs {
		if !doc.Known() {
			continue
		}
		switch doc.Kind {
		case "RecoveryPolicy":
			p := &v1alpha1.RecoveryPolicy{}
			if err := doc.Into(p); err != nil {
				return nil, nil, err
			}
			out = append(out, p)
		case "BusinessCalendar":
			c := &v1alpha1.BusinessCalendar{}
			if err := doc.Into(c); err != nil {
				return nil, nil, err
			}
			calendars[client.ObjectKeyFromObject(c)] = c.Spec
		}
	}
	if len(out) == 0 {
		return nil, nil, errors.New("there is no RecoveryPolicy among the files")
	}
	return out, calendars, nil
}
