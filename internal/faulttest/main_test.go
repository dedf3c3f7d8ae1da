// Package faulttest breaks the operator on purpose and checks that nothing comes of it.
//
// The operator's own reconcilers are called one after the other, without a manager or a
// work queue, against a real API server and on a fake clock: a story is a list of what
// people write and when; after each of them, and at each instant for which the deadline
// indexes ask, everything is reconciled until a whole round writes nothing. All that an
// operator reads from its cache comes from a view that the test holds still or lets
// follow, and all that it writes passes a hand of the test, which stops the operator,
// loses an answer, refuses a request, or lets a rival act in between. So every order of
// events can be had again, and a whole class of them enumerated.
//
// The package holds tests only. With -short, or in an ordinary run, it tries a part of
// each class; the environment variable AMENDS_FAULTS=all, which make faults sets, tries
// all of it.
package faulttest

import (
	"os"
	"testing"

	"github.com/amends-dev/amends/internal/fixture/planetest"
)

func TestMain(m *testing.M) { os.Exit(planetest.Main(m)) }

// everything says whether the whole of each class is asked for.
func everything() bool { return os.Getenv("AMENDS_FAULTS") == "all" }
