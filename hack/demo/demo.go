package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/fixture/plane"
)

// beat is how often there is something new on the screen, and how long the demo
// listens before it tells what it heard in one.
const beat = 250 * time.Millisecond

// demo is one run of the play.
type demo struct {
	options *options
	stage   *stage
	out     *screen
	// stays says that the demo stays up after the play.
	stays bool
	// finished says that everything has been shown as it was to be.
	finished bool

	stories   []*story
	chronicle *chronicle
	seen      <-chan sighting
}

// play sets the stage, plays the stories, and judges what came of them.
func (d *demo) play(ctx context.Context) error {
	var err error
	if d.stories, err = stories(); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeoutCause(ctx, d.options.timeout, fmt.Errorf("%w: %s", errTooLong, d.options.timeout))
	defer cancel()
	if err := d.stage.setUp(bounded, d.options.manager, cast(d.stories), d.out); err != nil {
		return err
	}
	watching, unwatch := context.WithCancel(ctx)
	defer unwatch()
	if d.seen, err = watch(watching, d.stage.plane.Config()); err != nil {
		return err
	}
	d.chronicle = newChronicle(d.out.zero)
	d.out.print("")
	for _, s := range d.stories {
		d.out.text(fmt.Sprintf("  %-*s  ", incidentWidth, s.Incident.Name), s.Title)
	}
	d.out.print("")
	d.out.begin()
	if err := d.perform(bounded); err != nil {
		return err
	}
	d.out.end()
	d.finished = true
	if err := d.summarise(); err != nil {
		return err
	}
	cancel()
	if d.stays {
		return d.stayUp(ctx)
	}
	return nil
}

// perform gives everybody their cue in time and shows what happens, until all that
// was expected has come.
func (d *demo) perform(ctx context.Context) error {
	cues := schedule(d.stories)
	start := time.Now()
	played := make(chan error, 1)
	go func() {
		for i := range cues {
			select {
			case <-time.After(time.Until(start.Add(cues[i].at))):
			case <-ctx.Done():
				return
			}
			if err := d.stage.people.do(ctx, &cues[i]); err != nil {
				played <- err
				return
			}
		}
		played <- nil
	}()
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for over := false; ; {
		select {
		case err := <-played:
			if err != nil {
				return err
			}
			over = true
		case s := <-d.seen:
			d.see(s)
		case <-tick.C:
			d.show()
			if over && d.unmet() == nil {
				return nil
			}
		case <-d.stage.operator.done:
			return d.stage.operator.ended()
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), d.unmet())
		}
	}
}

// see takes in what the watches bring.
func (d *demo) see(s sighting) {
	switch o := s.object.(type) {
	case *v1alpha1.Incident:
		d.chronicle.incident(o, s.when)
	case *eventsv1.Event:
		d.chronicle.event(o)
	}
}

// show tells what is new and redraws the table.
func (d *demo) show() {
	d.out.tell(d.chronicle.take()...)
	d.out.draw(d.incidents(), time.Now())
}

func (d *demo) incidents() []*v1alpha1.Incident {
	var out []*v1alpha1.Incident
	for _, name := range d.chronicle.names() {
		out = append(out, d.chronicle.incidents[name])
	}
	return out
}

// unmet is what of the stories' ends has not come, or nil.
func (d *demo) unmet() error {
	var errs []error
	for _, s := range d.stories {
		name := s.Incident.Name
		if missing := s.Expect.unmet(d.chronicle.incidents[name], d.chronicle.counts[name]); len(missing) > 0 {
			errs = append(errs, fmt.Errorf("%s: %s", name, strings.Join(missing, "; ")))
		}
	}
	return errors.Join(errs...)
}

// summarise shows the record that is left.
func (d *demo) summarise() error {
	width, _ := d.out.size()
	incidents := d.incidents()
	d.out.print("", "What is on record, in seconds of this demo:")
	d.out.print(clockTable(incidents, d.out.zero, width, d.out.paint)...)
	for _, s := range d.stories {
		d.out.text("ok  ", verdictText(s, d.chronicle.incidents[s.Incident.Name]))
	}
	d.out.text("ok  ", eventText(d.chronicle.counts))
	return nil
}

// stayUp leaves everything running for whoever wants to look around, and tells what
// they do.
func (d *demo) stayUp(ctx context.Context) error {
	path, err := d.stage.kubeconfig()
	if err != nil {
		return err
	}
	d.out.print(invitation(path, kubectlPath())...)
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case s := <-d.seen:
			d.see(s)
		case <-tick.C:
			d.show()
		case <-d.stage.operator.done:
			return d.stage.operator.ended()
		case <-ctx.Done():
			return nil
		}
	}
}

// kubectlPath is where the project's own kubectl is, or nothing where the PATH has one.
func kubectlPath() string {
	if _, err := exec.LookPath("kubectl"); err == nil {
		return ""
	}
	root, err := plane.ModuleRoot()
	if err != nil {
		return ""
	}
	return filepath.Join(root, "bin", "controlplane")
}
