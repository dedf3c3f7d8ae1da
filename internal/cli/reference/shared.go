package reference

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"
)

// many is the number of commands from which on a flag is described once for all of them.
const many = 10

// shared are the flags that many commands have, and mean the same with, by their name.
func shared(root *cobra.Command) []flag {
	counts := map[flag]int{}
	for _, c := range commands(root) {
		for _, f := range flags(c.NonInheritedFlags()) {
			counts[f]++
		}
	}
	var out []flag
	for f, n := range counts {
		if n >= many {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b flag) int { return cmp.Compare(a.long, b.long) })
	return out
}

// split parts the flags of a command into its own and the shared ones.
func split(all, shared []flag) (own, common []flag) {
	for _, f := range all {
		if slices.Contains(shared, f) {
			common = append(common, f)
		} else {
			own = append(own, f)
		}
	}
	return own, common
}
