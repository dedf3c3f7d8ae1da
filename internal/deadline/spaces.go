package deadline

import (
	"container/heap"
	"time"
)

// space is a namespace: its entries that are armed, and how many others of it wait in the queue.
type space struct {
	armed   dueHeap
	offered int
	name    string
	place   int // in the order of its namespaces, or nowhere
}

// nowhere is the place of a space without armed entries.
const nowhere = -1

// spaces holds the armed entries by namespace, so that namespaces can take turns. Each step costs the logarithm of the
// entries of one namespace and that of the namespaces.
type spaces struct {
	byName map[string]*space
	// order holds the spaces with armed entries, the one whose first entry comes first on top.
	order spaceHeap
}

// of returns the space of a namespace, a new one if there was none.
func (h *spaces) of(namespace string) *space {
	s := h.byName[namespace]
	if s == nil {
		s = &space{name: namespace, place: nowhere}
		h.byName[namespace] = s
	}
	return s
}

// forget drops a space that has nothing left.
func (h *spaces) forget(s *space) {
	if len(s.armed) == 0 && s.offered == 0 {
		delete(h.byName, s.name)
	}
}

// push puts e into its space.
func (h *spaces) push(e *entry) {
	heap.Push(&e.space.armed, e)
	h.reorder(e.space)
}

// remove takes e out of its space.
func (h *spaces) remove(e *entry) {
	heap.Remove(&e.space.armed, e.place)
	h.reorder(e.space)
}

// fix moves e to where it belongs.
func (h *spaces) fix(e *entry) {
	heap.Fix(&e.space.armed, e.place)
	h.reorder(e.space)
}

// pop takes the first entry out of a space.
func (h *spaces) pop(s *space) *entry {
	e := heap.Pop(&s.armed).(*entry)
	h.reorder(s)
	return e
}

// first returns the entry that comes first of all, or nil.
func (h *spaces) first() *entry {
	if len(h.order) == 0 {
		return nil
	}
	return h.order[0].armed[0]
}

// reorder moves a space to where it belongs now that its entries have changed.
func (h *spaces) reorder(s *space) {
	switch {
	case len(s.armed) == 0 && s.place != nowhere:
		heap.Remove(&h.order, s.place)
	case len(s.armed) > 0 && s.place == nowhere:
		heap.Push(&h.order, s)
	case len(s.armed) > 0:
		heap.Fix(&h.order, s.place)
	}
}

// due appends to turn up to limit spaces whose first entry is due, each once, the most overdue first.
func (h *spaces) due(turn []*space, now time.Time, limit int) []*space {
	// They are taken out to find those behind them, and put back.
	for len(turn) < limit && len(h.order) > 0 && !h.order[0].armed[0].due.After(now) {
		turn = append(turn, heap.Pop(&h.order).(*space))
	}
	for _, s := range turn {
		heap.Push(&h.order, s)
	}
	return turn
}

// spaceHeap is a binary heap of spaces with armed entries, which know their places.
type spaceHeap []*space

// Len implements heap.Interface.
func (h spaceHeap) Len() int { return len(h) }

// Less implements heap.Interface. It is a total order, because that of entries is.
func (h spaceHeap) Less(i, j int) bool { return h[i].armed[0].before(h[j].armed[0]) }

// Swap implements heap.Interface.
func (h spaceHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *spaceHeap) Push(s any) {
	s.(*space).place = len(*h)
	*h = append(*h, s.(*space))
}

// Pop implements heap.Interface.
func (h *spaceHeap) Pop() any {
	last := len(*h) - 1
	s := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	s.place = nowhere
	return s
}
