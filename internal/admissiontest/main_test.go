// Package admissiontest checks who may do what against a real API server: the roles of
// config/rbac, the policies of config/admission and the mutating ones of
// config/components/mutating-admission, for every role and through every door that a
// write can take. It holds tests only.
package admissiontest

import (
	"os"
	"testing"

	"github.com/amends-dev/amends/internal/fixture/planetest"
)

func TestMain(m *testing.M) { os.Exit(planetest.Main(m)) }
