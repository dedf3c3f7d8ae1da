package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/api/v1alpha1"
	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/view"
	"github.com/amends-dev/amends/internal/cli/work"
)

// entry describes a command that appends one entry to a journal.
type entry struct {
	use, short, long, example string
	aliases                   []string
	// fact makes the fact of the arguments behind the incident's name.
	fact func(s *scene, args []string) (work.Fact, error)
	// complete proposes for those arguments.
	complete []completion
	// alone says that no contact may stand beside.
	alone bool
}

// scene is what a fact is made upon.
type scene struct {
	work.Scene
	policy *v1alpha1.RecoveryPolicy
}

// entryOptions are the flags of every such command.
type entryOptions struct {
	common work.Common
	writeOptions
}

// writeOptions are the flags of every command that writes.
type writeOptions struct {
	output
	dryRun string
}

func (o *writeOptions) add(f *Factory, c *cobra.Command) {
	o.output.add(f, c, "yaml", "json", "name")
	c.Flags().StringVar(&o.dryRun, "dry-run", "none", "none, or server: the API server checks everything and writes nothing")
	f.completeWords(c, "dry-run", []string{"none", "server"})
}

func (o *writeOptions) check() error {
	if o.dryRun != "none" && o.dryRun != "server" {
		return usageError{fmt.Errorf("--dry-run %q: it is none or server; only the server can say whether it would take it", o.dryRun)}
	}
	return o.output.check()
}

func (o *writeOptions) dry() bool { return o.dryRun == "server" }

// newEntry makes a command that appends an entry.
func (f *Factory) newEntry(e entry) *cobra.Command {
	o := &entryOptions{}
	c := &cobra.Command{
		Use: e.use, Aliases: e.aliases, Short: e.short, Long: e.long, Example: e.example, GroupID: groupWork,
		Args:              args,
		ValidArgsFunction: places(append([]completion{f.incidents}, e.complete...)...),
		RunE: func(c *cobra.Command, given []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return f.record(c.Context(), &e, o, given)
		},
	}
	o.add(f, c)
	fl := c.Flags()
	fl.StringVar(&o.common.ID, "id", "", "id of the entry; with it, repeating the command does no harm. Without it, one is made")
	fl.StringVarP(&o.common.Note, "note", "m", "", "what there is to say beside")
	fl.StringVar(&o.common.By, "by", "", "who did it, where that was not you; needs the verb record-for-others")
	fl.StringVar(&o.common.At, "at", "", `when it happened, where that was earlier: 16:30, "10m ago", "2026-10-02 16:30"`)
	if !e.alone {
		f.addContact(c, &o.common.Contact)
	}
	return c
}

// addContact adds the flags of a contact that stands beside another fact.
func (f *Factory) addContact(c *cobra.Command, contact *work.Contact) {
	fl := c.Flags()
	fl.StringVar(&contact.Reached, "reached", "", "with it we reached the customer, by this channel: InPerson, Phone, …")
	fl.StringVar(&contact.Tried, "tried", "", "with it we tried to reach the customer, by this channel")
	fl.StringVar(&contact.Heard, "heard", "", "the customer was in touch with us, by this channel")
	fl.StringVar(&contact.Mood, "mood", "", "how the customer sounded: Calm, Upset or Angry")
	fl.Int32Var(&contact.Minutes, "minutes", 0, "how long the contact took, in minutes")
	fl.BoolVar(&contact.Automated, "automated", false, "no person made the contact")
	fl.BoolVar(&contact.Broadcast, "broadcast", false, "the contact was for everybody concerned, as on a status page")
	fl.BoolVar(&contact.Acknowledgement, "thanks", false, "the customer only said thanks or goodbye: no answer is owed")
	fl.BoolVar(&contact.Repeated, "repeated", false, "the customer had to tell the story once more")
	for _, flag := range []string{"reached", "tried", "heard"} {
		f.completeWords(c, flag, work.Channels)
	}
	f.completeWords(c, "mood", work.Moods)
}

// record builds an entry, appends it, and says what came of it.
func (f *Factory) record(ctx context.Context, e *entry, o *entryOptions, given []string) error {
	if err := f.beforehand(e, o, given); err != nil {
		return err
	}
	k, err := f.Cluster(ctx)
	if err != nil {
		return err
	}
	s, err := f.scene(ctx, k, given[0])
	if err != nil {
		return err
	}
	fact, err := e.fact(s, given[1:])
	if err != nil {
		return err
	}
	made, err := work.Build(&s.Scene, &o.common, fact)
	if err != nil {
		return err
	}
	f.hint(s.Hints)
	out, err := f.append(ctx, k, &s.Scene, made, o)
	if err != nil {
		return err
	}
	if o.dry() {
		return f.answerDry(k, o, out)
	}
	return f.answer(ctx, k, s.Incident, o, out)
}

// beforehand says what is wrong with the command line, whatever the incident is, before
// anything is asked for.
func (f *Factory) beforehand(e *entry, o *entryOptions, given []string) error {
	unknown := &v1alpha1.Incident{}
	unknown.Name = given[0]
	s := &scene{Scene: work.Scene{Incident: unknown, Now: f.Clock.Now(), Zone: f.zone()}}
	fact, err := e.fact(s, given[1:])
	if err == nil {
		_, err = work.Build(&s.Scene, &o.common, fact)
	}
	return work.Beforehand(err)
}

// append appends the entry, unless the same one was recorded a moment ago. An id that
// was made and is taken meanwhile gives way to another.
func (f *Factory) append(ctx context.Context, k *kube.Cluster, s *work.Scene, made v1alpha1.JournalEntry, o *entryOptions) (*kube.Appended, error) {
	if o.common.ID == "" {
		if there := work.Twice(s, &made); there != nil {
			return &kube.Appended{Incident: s.Incident, Entry: *there, Repeated: true}, nil
		}
	}
	return k.Append(ctx, s.Incident, made, o.dry())
}

// answerDry says what would be recorded.
func (f *Factory) answerDry(k *kube.Cluster, o *entryOptions, out *kube.Appended) error {
	if o.data() {
		return f.show(o.format, out.Incident)
	}
	return f.print(f.frame(k.Now()).DryRun(out.Incident, &out.Entry)...)
}

// answer waits a little for the operator, and says what it made of the entry: in words or
// as data, and by the exit code, where the entry does not count.
func (f *Factory) answer(ctx context.Context, k *kube.Cluster, before *v1alpha1.Incident, o *entryOptions, out *kube.Appended) error {
	waiting, cancel := f.wait(ctx)
	defer cancel()
	// Whoever may not watch is told that the answer is not there yet.
	after, answered, _ := k.Await(waiting, out.Incident, kube.Answered)
	a := view.Answer{Before: before, After: after, Entry: &out.Entry, Repeated: out.Repeated, Answered: answered}
	if answered {
		var known bool
		a.Remark, known = remarkOn(ctx, k, after, out.Entry.ID)
		a.Unknown = !known
	}
	var err error
	if o.data() {
		err = f.show(o.format, after)
	} else {
		err = f.print(f.frame(k.Now()).Recorded(&a)...)
	}
	if err != nil {
		return err
	}
	return verdict(a.Remark)
}

// hint tells what may be wrong, beside the answer.
func (f *Factory) hint(hints []string) {
	for _, hint := range hints {
		_, _ = fmt.Fprintln(f.ErrOut, "Note: "+hint)
	}
}

// scene reads what a fact is made upon. The policy is a help: where it cannot be read,
// the API server and the operator judge alone.
func (f *Factory) scene(ctx context.Context, k *kube.Cluster, name string) (*scene, error) {
	inc, err := k.Incident(ctx, k.Namespace, name)
	if err != nil {
		return nil, err
	}
	me, err := k.Me()
	if err != nil {
		return nil, err
	}
	s := &scene{Scene: work.Scene{Incident: inc, Me: v1alpha1.User(me.Username), Now: k.Now(), Zone: f.zone()}}
	if terms := k.Terms(ctx, inc); terms != nil {
		s.policy, s.Unsure = terms.Policy, !terms.Sure
		for i := range s.policy.Spec.Steps {
			s.Steps = append(s.Steps, s.policy.Spec.Steps[i].Name)
		}
	}
	return s, nil
}
