package deadline

import (
	"cmp"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// state says where an entry is on its way from Upsert to being settled.
type state uint8

const (
	// armed entries have not been offered for their instant.
	armed state = iota
	// offered entries have been, and wait for a reconcile to settle them.
	offered
	// swept entries have been too, and the sweep that is under way is about to offer them again.
	swept
)

// entry is the deadline of one key.
type entry struct {
	key      types.NamespacedName
	due      time.Time
	severity int
	space    *space
	place    int // in the heap that holds it
	state    state
}

// dueHeap is a binary heap, first to be offered on top, whose entries know their places.
type dueHeap []*entry

// Len implements heap.Interface.
func (h dueHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h dueHeap) Less(i, j int) bool { return h[i].before(h[j]) }

// before is the order in which entries are offered. It is a total one, because no two entries share a key.
func (e *entry) before(other *entry) bool {
	a, b := e, other
	if c := a.due.Compare(b.due); c != 0 {
		return c < 0
	}
	if a.severity != b.severity {
		return a.severity > b.severity
	}
	return cmp.Or(strings.Compare(a.key.Namespace, b.key.Namespace), strings.Compare(a.key.Name, b.key.Name)) < 0
}

// Swap implements heap.Interface.
func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *dueHeap) Push(e any) {
	e.(*entry).place = len(*h)
	*h = append(*h, e.(*entry))
}

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
