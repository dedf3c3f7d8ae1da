package cli

import (
	"github.com/spf13/cobra"
)

// The groups in which help lists the commands.
const (
	groupWork    = "work"
	groupMoney   = "money"
	groupSee     = "see"
	groupOperate = "operate"
	groupFiles   = "files"
)

// constructors make the commands, in the order of the help.
var constructors = []func(*Factory) *cobra.Command{
	NewOpen, NewContact, NewComplete, NewSkip, NewPromise, NewKeep, NewTask, NewDone, NewNeed, NewGesture, NewNote,
	NewAssign, NewAccept, NewHold, NewResume, NewRetarget, NewFinding, NewFeedback, NewImpact, NewAmend, NewLink,
	NewRedact, NewReopen, NewCancel, NewMerge,
	NewCompensate, NewChoose, NewApprove, NewDeny, NewDeliver, NewWithdraw,
	NewMay, NewApprovals,
	NewGet, NewStatus, NewTimeline, NewWhy, NewPromises, NewWatch,
	NewCheck, NewReport, NewVersion,
	filed(NewLint), filed(NewSimulate), filed(NewDiff), filed(NewCalendar), filed(NewInit),
	NewReference,
}

// NewRoot is the command that all others hang on.
func NewRoot(f *Factory) *cobra.Command {
	root := &cobra.Command{
		Use:   "amends",
		Short: "Work service failures, and what is owed for them",
		Long: `kubectl amends works incidents: what a customer is owed after a service failure, and by when.

Each command that records something signs it with the name under which the API server knows
you, dates it with the API server's time, and says what is due next.`,
		Example: `  kubectl amends get
  kubectl amends promise coffee-0417 "A dry towel" --within 10m
  kubectl amends complete coffee-0417 apologise --reached InPerson
  kubectl amends status coffee-0417
  kubectl amends why coffee-0417`,
		SilenceErrors: true, SilenceUsage: true,
		Annotations:       map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl amends"},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetIn(f.In)
	root.SetOut(f.Out)
	root.SetErr(f.ErrOut)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{flagError(err)} })
	f.flags.AddTo(root.PersistentFlags())
	root.AddGroup(
		&cobra.Group{ID: groupWork, Title: "Work an incident:"}, &cobra.Group{ID: groupMoney, Title: "Give a remedy:"},
		&cobra.Group{ID: groupSee, Title: "See:"}, &cobra.Group{ID: groupOperate, Title: "Operate:"},
		&cobra.Group{ID: groupFiles, Title: "Keep policies in Git:"},
	)
	for _, construct := range constructors {
		root.AddCommand(construct(f))
	}
	f.completeFlags(root)
	return root
}
