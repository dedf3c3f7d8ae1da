package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/cli/kube"
	"github.com/amends-dev/amends/internal/cli/work"
)

// NewRedact is the command that blanks texts out.
func NewRedact(f *Factory) *cobra.Command {
	var w writeOptions
	var fields []string
	c := &cobra.Command{
		Use: "redact INCIDENT ENTRY", Short: "Blank out the texts of an entry", GroupID: groupWork, Args: args,
		ValidArgsFunction: places(f.incidents, f.ofIncident(entryIDs)),
		Long: `Replace the texts of an entry by [redacted]: a pasted secret, a passport number. Who wrote it, when,
and what kind of fact it is, stays. It cannot be undone, and needs the verb redact.

The texts also stand in backups, in the API server's audit log, and in what others have read.`,
		Example: `  kubectl amends redact coffee-0417 note-2
  kubectl amends redact coffee-0417 promise --field note`,
		RunE: func(c *cobra.Command, given []string) error {
			if err := w.check(); err != nil {
				return err
			}
			return f.redact(c.Context(), given[0], given[1], fields, &w)
		},
	}
	w.add(f, c)
	c.Flags().StringSliceVar(&fields, "field", nil, "only these texts, for example note or promise.text")
	return c
}

func (f *Factory) redact(ctx context.Context, name, id string, fields []string, w *writeOptions) error {
	k, inc, err := f.incident(ctx, name)
	if err != nil {
		return err
	}
	place, texts, err := work.Redaction(inc, id, fields)
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		return f.nothingChanged(w, inc, fmt.Sprintf("%s: entry %s has no text to blank out; nothing changed", name, id))
	}
	operations := []kube.Patch{{Op: "test", Path: place.Path, Value: place.Was}}
	var blanked []string
	for _, t := range texts {
		operations = append(operations, kube.Patch{Op: "test", Path: t.Path, Value: t.Was}, kube.Patch{Op: "replace", Path: t.Path, Value: work.Redacted})
		blanked = append(blanked, strings.ReplaceAll(strings.TrimPrefix(t.Path, strings.TrimSuffix(place.Path, "id")), "/", "."))
	}
	after := inc.DeepCopy()
	if err := kube.Insist(ctx, func() error { return k.Apply(ctx, after, inc.UID, w.dry(), operations...) }); err != nil {
		return err
	}
	if w.data() {
		return f.show(w.format, after)
	}
	if w.dry() {
		return f.print(fmt.Sprintf("%s: %s of entry %s would be blanked out (dry run: nothing was written)", name, strings.Join(blanked, ", "), id))
	}
	said := fmt.Sprintf("%s: blanked out %s of entry %s", name, strings.Join(blanked, ", "), id)
	return f.print(append([]string{said}, f.frame(k.Now()).Next(after)...)...)
}
