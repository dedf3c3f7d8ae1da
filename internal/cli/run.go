package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/amends-dev/amends/internal/cli/refusal"
	"github.com/amends-dev/amends/internal/cli/work"
)

// The exit codes of every command.
const (
	// ExitOK means that it was done.
	ExitOK = 0
	// ExitFailed means that it was not: refused, not found, not reachable.
	ExitFailed = 1
	// ExitUsage means that the command line was wrong; nothing was written.
	ExitUsage = 2
	// ExitLate means that what was waited for has come, or stands, and something is or
	// was late.
	ExitLate = 3
	// ExitTimeout means that what was waited for has not come in time.
	ExitTimeout = 4
	// ExitNever means that what was waited for will not come any more.
	ExitNever = 5
	// ExitRefused means that the entry was recorded and counts for nothing; the answer
	// says why.
	ExitRefused = 6
	// ExitNotYet means that the entry was recorded and does not count yet; the answer says
	// what is missing.
	ExitNotYet = 7
)

// exitError ends a command with a code; what there is to say was said.
type exitError struct{ code int }

// Error is not shown.
func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// ExitCode is the exit code.
func (e *exitError) ExitCode() int { return e.code }

// Told says that there is nothing more to say.
func (*exitError) Told() bool { return true }

// coded is an error that knows with which code its command ends.
type coded interface {
	error
	ExitCode() int
	// Told says that what there is to say was said.
	Told() bool
}

// usageError says that the command line was wrong.
type usageError struct{ error }

// Unwrap is what was wrong.
func (e usageError) Unwrap() error { return e.error }

// Run runs a command line and returns its exit code. Errors go to the error stream, in
// people's words.
func Run(ctx context.Context, f *Factory, args []string) int {
	root := NewRoot(f)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var exit coded
	var usage usageError
	var wrong *work.Wrong
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &exit):
		if !exit.Told() {
			_, _ = fmt.Fprintln(f.ErrOut, "Error: "+refusal.Of(err).String())
		}
		return exit.ExitCode()
	case errors.Is(err, context.Canceled):
		return ExitFailed
	case errors.As(err, &usage) || errors.As(err, &wrong) || isUsage(err):
		_, _ = fmt.Fprintln(f.ErrOut, "Error: "+err.Error())
		return ExitUsage
	}
	_, _ = fmt.Fprintln(f.ErrOut, "Error: "+refusal.Of(err).String())
	return ExitFailed
}

// flagError says what may be given, where a duration was not understood: the flags of
// cobra know no more than that they did not.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) || invalid.GetFlag().Value.Type() != "duration" {
		return err
	}
	return fmt.Errorf("--%s %q: write hours, minutes and seconds, for example 30s, 5m or 1h30m; %s", invalid.GetFlag().Name, invalid.GetValue(), work.ADayIs)
}

// isUsage says that cobra found the command line wrong.
func isUsage(err error) bool {
	for _, begins := range []string{"unknown command", "unknown flag", "unknown shorthand", "required flag", "flag needs", "invalid argument"} {
		if strings.HasPrefix(err.Error(), begins) {
			return true
		}
	}
	return false
}
