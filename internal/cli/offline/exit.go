package offline

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/amends-dev/amends/internal/manifest"
)

// The exit codes of these commands.
const (
	// ExitFound means that it ran and there is something to look at: lint has found
	// something, or diff would move something.
	ExitFound = 1
	// ExitCannot means that it could not run: a file cannot be read, or the command line
	// is wrong.
	ExitCannot = 2
)

// Exit ends a command with a code.
type Exit struct {
	// Code is the exit code.
	Code int
	// Err is what there is to say; nil where all was said.
	Err error
}

// Error is what there is to say.
func (e *Exit) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap is the cause.
func (e *Exit) Unwrap() error { return e.Err }

// Told says that there is nothing more to say.
func (e *Exit) Told() bool { return e.Err == nil }

// ExitCode is the exit code.
func (e *Exit) ExitCode() int { return e.Code }

func cannot(err error) error {
	if err == nil {
		return nil
	}
	return &Exit{Code: ExitCannot, Err: err}
}

// noArgs refuses arguments: these commands take files by -f.
func noArgs(c *cobra.Command, given []string) error {
	if len(given) > 0 {
		return cannot(fmt.Errorf("%s takes no argument %q: name files and folders with -f", c.CommandPath(), given[0]))
	}
	return nil
}

// addFiles adds -f.
func addFiles(c *cobra.Command, files *[]string, usage string) {
	c.Flags().StringSliceVarP(files, "filename", "f", nil, usage)
	_ = c.MarkFlagFilename("filename", "yaml", "yml", "json")
}

// load reads files, of which there must be at least one and all must be readable.
func load(files []string, stdin io.Reader) ([]*manifest.Document, error) {
	docs, bad, err := loadAll(files, stdin)
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 {
		all := make([]error, len(bad))
		for i, b := range bad {
			all[i] = b
		}
		return nil, cannot(errors.Join(all...))
	}
	return docs, nil
}

func loadAll(files []string, stdin io.Reader) ([]*manifest.Document, []*manifest.Unreadable, error) {
	if len(files) == 0 {
		return nil, nil, cannot(errors.New("name files or folders with -f; - is the standard input"))
	}
	docs, bad, err := manifest.Load(files, stdin)
	return docs, bad, cannot(err)
}
