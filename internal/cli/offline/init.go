package offline

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/amends-dev/amends/internal/lint"
	"github.com/amends-dev/amends/internal/manifest"
)

// templates are what init writes, a folder each.
//
//go:embed templates
var templates embed.FS

// parts are the files of a template, in the order in which they are read best.
var parts = []string{"calendar.yaml", "budget.yaml", "policy.yaml"}

// filling is what a template is filled in with.
type filling struct {
	Name, TimeZone, Currency string
}

// TemplateNames are the templates that there are.
func TemplateNames() []string {
	dirs, err := fs.ReadDir(templates, "templates")
	if err != nil {
		return nil
	}
	var out []string
	for _, d := range dirs {
		out = append(out, d.Name())
	}
	slices.Sort(out)
	return out
}

// NewInit is the command that writes a policy to start from.
func NewInit(s genericiooptions.IOStreams) *cobra.Command {
	var chosen, dir string
	f := filling{}
	c := &cobra.Command{
		Use: "init --template NAME", Short: "Write a policy, a calendar and a budget to start from", Args: noArgs,
		Long: `Write a policy, a calendar and a budget to start from: to a folder, or to the standard output. What is
there already is never overwritten.

  four-step    apologise, review with the customer, put it right and follow up, write it down
  five-step    receive, find the truth, confirm the need, offer, keep in touch
  api-outage   acknowledge, mitigate, resolve, report: with contractual credits`,
		Example: `  kubectl amends init --template four-step --dir policies --timezone Europe/Berlin --currency EUR
  kubectl amends init --template api-outage --name payments-api | kubectl apply -f - --dry-run=server`,
		RunE: func(c *cobra.Command, _ []string) error {
			files, err := fill(c, chosen, f)
			if err != nil {
				return cannot(err)
			}
			if dir == "" {
				for i, data := range files {
					if i > 0 {
						data = append([]byte("---\n"), data...)
					}
					if _, err := s.Out.Write(data); err != nil {
						return err
					}
				}
				return nil
			}
			return cannot(write(s, dir, f.Name, files))
		},
	}
	c.Flags().StringVar(&chosen, "template", "", "template: "+strings.Join(TemplateNames(), ", "))
	c.Flags().StringVar(&dir, "dir", "", "folder to write the files to; default the standard output")
	c.Flags().StringVar(&f.Name, "name", "front-desk", "name of what is written")
	c.Flags().StringVar(&f.TimeZone, "timezone", "UTC", "IANA time zone of the calendar and the budget")
	c.Flags().StringVar(&f.Currency, "currency", "EUR", "ISO 4217 currency of the budget")
	_ = c.MarkFlagDirname("dir")
	_ = c.RegisterFlagCompletionFunc("template", cobra.FixedCompletions(TemplateNames(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// fill fills a template in. What comes of it has nothing for lint to find, or the values
// were wrong.
func fill(c *cobra.Command, chosen string, f filling) ([][]byte, error) {
	if !slices.Contains(TemplateNames(), chosen) {
		return nil, fmt.Errorf("--template %q: it is one of %s", chosen, strings.Join(TemplateNames(), ", "))
	}
	files := make([][]byte, len(parts))
	var docs []*manifest.Document
	var bad []*manifest.Unreadable
	for i, part := range parts {
		t, err := template.ParseFS(templates, "templates/"+chosen+"/"+part)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, f); err != nil {
			return nil, err
		}
		files[i] = out.Bytes()
		d, b := manifest.Parse(part, files[i])
		docs, bad = append(docs, d...), append(bad, b...)
	}
	found, err := lint.Run(c.Context(), docs, bad, lint.Options{})
	if err != nil {
		return nil, err
	}
	wrong := make([]error, len(found))
	for i := range found {
		wrong[i] = fmt.Errorf("%s of the %s: %s", found[i].Field, found[i].Kind, found[i].Message)
	}
	return files, errors.Join(wrong...)
}

// write writes files that are not there yet, all of them or none.
func write(s genericiooptions.IOStreams, dir, name string, files [][]byte) error {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = filepath.Join(dir, name+"-"+part)
		if _, err := os.Lstat(names[i]); err == nil {
			return fmt.Errorf("%s is there already; nothing was written. Choose another --dir or --name", names[i])
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // A folder of a repository is for others to read.
		return err
	}
	for i, file := range names {
		if err := create(file, files[i]); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(s.ErrOut, "wrote %s\n", file); err != nil {
			return err
		}
	}
	return nil
}

// create writes a file that must not be there.
func create(file string, data []byte) error {
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // It is for others to read.
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return errors.Join(err, out.Close())
}
