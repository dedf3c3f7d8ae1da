package compensation

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/amends-dev/amends/api/v1alpha1"
)

// told remembers why each deleted Compensation was last said to stay, so that it is said
// again only when that changes. The zero value remembers nothing; it is safe for
// concurrent use.
type told struct {
	mu  sync.Mutex
	why map[types.UID]string
}

// news says whether it was not said before, and remembers it.
func (t *told) news(c *v1alpha1.Compensation, why string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.why[c.UID] == why {
		return false
	}
	if t.why == nil {
		t.why = map[types.UID]string{}
	}
	t.why[c.UID] = why
	return true
}

// forget lets go of one that is gone.
func (t *told) forget(c *v1alpha1.Compensation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.why, c.UID)
}
