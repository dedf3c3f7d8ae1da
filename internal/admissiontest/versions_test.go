package admissiontest

import (
	"testing"

	"github.com/amends-dev/amends/internal/fixture/plane"
)

// The validating policies hold on the oldest version that this API server can emulate.
func TestOldestEmulatedVersion(t *testing.T) {
	t.Parallel()
	w := started(t, plane.Options{EmulatedVersion: "1.34"})
	t.Run("journal", func(t *testing.T) { journalTable(t, w) })
	t.Run("asking", func(t *testing.T) { asking(t, w) })
	t.Run("deciding", func(t *testing.T) { deciding(t, w) })
	t.Run("operator's fields", func(t *testing.T) { operatorFields(t, w) })
	t.Run("deletions", func(t *testing.T) { deletions(t, w) })
	t.Run("managed fields", func(t *testing.T) { managedFields(t, w) })
}
