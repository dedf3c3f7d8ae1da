package commit

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// seen remembers, for each object, which version our last write replaced, until the
// cache has moved on from it. Deciding on a version that we know to be replaced would
// be harmless, because the write would conflict, but it would cost a request.
type seen struct {
	mu       sync.Mutex
	replaced map[types.NamespacedName]string
}

func (s *seen) wrote(key types.NamespacedName, from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replaced == nil {
		s.replaced = map[types.NamespacedName]string{}
	}
	if from != to {
		s.replaced[key] = from
	}
}

func (s *seen) behind(key types.NamespacedName, version string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, ok := s.replaced[key]
	if !ok {
		return false
	}
	if was == version {
		return true
	}
	delete(s.replaced, key)
	return false
}

func (s *seen) forget(key types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.replaced, key)
}
