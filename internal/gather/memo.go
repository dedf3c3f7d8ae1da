package gather

import "sync"

// memoSize bounds a memo. What is kept never changes for its key, so that dropping it
// costs a compilation and nothing else.
const memoSize = 1024

// memo keeps what was made for a key. It is safe for concurrent use; two callers may
// both make a value, of which one is kept.
type memo[T any] struct {
	mu   sync.Mutex
	kept map[string]result[T]
}

type result[T any] struct {
	value T
	err   error
}

func (m *memo[T]) get(key string, compute func() (T, error)) (T, error) {
	m.mu.Lock()
	r, ok := m.kept[key]
	m.mu.Unlock()
	if ok {
		return r.value, r.err
	}
	r.value, r.err = compute()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= memoSize {
		m.kept = map[string]result[T]{}
	}
	m.kept[key] = r
	return r.value, r.err
}
