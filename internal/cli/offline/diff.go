package offline

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
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

// home is the namespace of what gives none.
func (l *Live) home() string { return cmp.Or(l.Namespace, "default") }

// Desk is where diff is run.
type Desk struct {
	// Now is the clock where a file takes the place of the cluster.
	Now func() time.Time
	// Namespace is the one that the command line names, if any; nil is none.
	Namespace func() string
	// Connect connects to the cluster; nil where there is none.
	Connect func(context.Context) (*Live, error)
}

// NewDiff is the command that says what a changed policy would do to the incidents that
// are open.
func NewDiff(s genericiooptions.IOStreams, desk Desk) *cobra.Command {
	var files, stored []string
	d := &differ{streams: s}
	c := &cobra.Command{
		Use: "diff -f NEW.yaml", Short: "Say what a changed policy would do to the incidents that are open", Args: noArgs,
		Long: `Say what policies in files would do to the incidents that follow them now and are open: which due
instants would move, and which clocks would be late at once, under both rollouts, NewIncidents and
OpenIncidents. Calendars are taken from the files, else from the cluster. Nothing is written.

With --incidents, a file takes the place of the cluster: what kubectl get writes of incidents, and of
the ControllerRevisions or the policies and calendars that they were accepted under. Policies that
give no namespace are compared with the incidents of -n, else of the one namespace that the file has.`,
		Example: `  kubectl amends diff -f policies/front-desk.yaml
  kubectl get incidents,controllerrevisions -n hotel-b -o yaml > open.yaml
  kubectl amends diff -f policies/front-desk.yaml --incidents open.yaml`,
		RunE: func(c *cobra.Command, _ []string) error {
			if d.output != "" && d.output != "text" && d.output != "json" {
				return cannot(fmt.Errorf("-o %q: it is one of text, json", d.output))
			}
			if slices.Contains(files, manifest.Stdin) && slices.Contains(stored, manifest.Stdin) {
				return cannot(errors.New("-f - and --incidents - would read the same standard input: write one of them into a file"))
			}
			docs, err := load(files, s.In)
			if err != nil {
				return err
			}
			edited, err := policies(docs)
			if err != nil {
				return cannot(err)
			}
			live, err := desk.source(c.Context(), stored, s.In, edited)
			if err != nil {
				return cannot(err)
			}
			return d.run(c.Context(), edited, live)
		},
	}
	addFiles(c, &files, "files with the changed policies, and the calendars that change with them")
	c.Flags().StringSliceVar(&stored, "incidents", nil, "files with incidents in the place of the cluster's")
	c.Flags().StringVarP(&d.output, "output", "o", "", "form of the answer: text, json")
	c.Flags().BoolVar(&d.code, "exit-code", false, "exit with 1 where something moves under the rollout that the policy has")
	return c
}

// source is the cluster, or the files in its place.
func (k *Desk) source(ctx context.Context, stored []string, stdin io.Reader, edited *edition) (*Live, error) {
	if len(stored) == 0 {
		if k.Connect == nil {
			return nil, errors.New("there is no cluster here; name a file with --incidents")
		}
		return k.Connect(ctx)
	}
	piped := bufio.NewReader(cmp.Or[io.Reader](stdin, strings.NewReader("")))
	if err := written(stored, piped); err != nil {
		return nil, err
	}
	docs, err := load(stored, piped)
	if err != nil {
		return nil, err
	}
	namespace := ""
	if k.Namespace != nil {
		namespace = k.Namespace()
	}
	if namespace == "" {
		if namespace, err = home(docs, edited); err != nil {
			return nil, err
		}
	}
	for _, d := range docs {
		d.Namespace = cmp.Or(d.Namespace, namespace)
	}
	reader, _, err := simulate.Stored(docs)
	if err != nil {
		return nil, err
	}
	gatherer := gather.New(reader, reader, 0)
	return &Live{Reader: reader, Namespace: namespace, Snapshot: gatherer.Snapshot, Now: k.Now}, nil
}

// written refuses files in which nothing stands at all: kubectl writes a list even where
// there is nothing, so that it has failed, and nothing is known of what is open.
func written(stored []string, stdin *bufio.Reader) error {
	for _, name := range stored {
		var nothing bool
		if name == manifest.Stdin {
			_, err := stdin.Peek(1)
			nothing = errors.Is(err, io.EOF)
		} else if info, err := os.Stat(name); err == nil {
			nothing = info.Mode().IsRegular() && info.Size() == 0
		}
		if nothing {
			return fmt.Errorf("--incidents %s: it is empty, and kubectl get writes a list even where nothing is open: look whether that has failed", name)
		}
	}
	return nil
}

// home is the namespace of what gives none: the only one that the stored incidents have, or,
// where those give none, that all the policies have.
func home(stored []*manifest.Document, edited *edition) (string, error) {
	var have []string
	for _, d := range stored {
		if d.Known() && d.Kind == "Incident" && d.Namespace != "" && !slices.Contains(have, d.Namespace) {
			have = append(have, d.Namespace)
		}
	}
	slices.Sort(have)
	first := edited.policies[0].Namespace
	at := slices.IndexFunc(edited.policies, func(p *v1alpha1.RecoveryPolicy) bool { return p.Namespace == "" })
	same := !slices.ContainsFunc(edited.policies, func(p *v1alpha1.RecoveryPolicy) bool { return p.Namespace != first })
	switch {
	case len(have) == 1:
		return have[0], nil
	case len(have) == 0 && same:
		return first, nil
	case len(have) > 1 && at >= 0:
		return "", fmt.Errorf("the policy %s gives no namespace, and the incidents are of several: %s; name one of them with -n", edited.policies[at].Name, strings.Join(have, ", "))
	}
	return "", nil
}

// differ answers diff.
type differ struct {
	streams genericiooptions.IOStreams
	output  string
	code    bool
}

// edition is what stands in the files: policies, and the calendars beside them.
type edition struct {
	policies  []*v1alpha1.RecoveryPolicy
	calendars []*v1alpha1.BusinessCalendar
}

// policies are those of the files, with the calendars beside them.
func policies(docs []*manifest.Document) (*edition, error) {
	out := &edition{}
	for _, doc := range docs {
		if !doc.Known() {
			continue
		}
		switch doc.Kind {
		case "RecoveryPolicy":
			p := &v1alpha1.RecoveryPolicy{}
			if err := doc.Into(p); err != nil {
				return nil, err
			}
			out.policies = append(out.policies, p)
		case "BusinessCalendar":
			c := &v1alpha1.BusinessCalendar{}
			if err := doc.Into(c); err != nil {
				return nil, err
			}
			out.calendars = append(out.calendars, c)
		}
	}
	if len(out.policies) == 0 {
		return nil, errors.New("there is no RecoveryPolicy among the files")
	}
	return out, nil
}

// calendar is a calendar of the files, where those that give no namespace are of home.
func (e *edition) calendar(key client.ObjectKey, home string) (v1alpha1.BusinessCalendarSpec, bool) {
	i := slices.IndexFunc(e.calendars, func(c *v1alpha1.BusinessCalendar) bool {
		return c.Name == key.Name && cmp.Or(c.Namespace, home) == key.Namespace
	})
	if i < 0 {
		return v1alpha1.BusinessCalendarSpec{}, false
	}
	return e.calendars[i].Spec, true
}
