package incidentmodel

const (
	operators = 2
	incidents = 2
)

// tick is one of the few instants at which anything happens in the model; see instants.
type tick uint8

// dueTick is that in which the steps are due.
const dueTick = tick(0)

// never is no tick: nothing asks to be woken.
const never = tick(0xff)

// content is an incident as it stands, but for its version: an index into the library.
type content uint16

// tidings are things that were told, a bit each: indices into the library.
type tidings uint32

// object is an incident as the API server has it, or as an operator knows it.
type object struct {
	content content
	version uint8
}

// answer is how the request for an incident's remedy stands.
type answer struct {
	verdict verdict
	// at is when it was given.
	at tick
}

type verdict uint8

const (
	asked verdict = iota
	granted
	denied
)

// write is a status on its way to the API server, under the version that was decided on.
type write struct {
	set      bool
	incident uint8
	version  uint8
	content  content
	// tells is what there is to tell once it is written, and wakes when to look again.
	tells tidings
	wakes tick
}

// attempt is a write of which no answer came, as far as it is remembered.
type attempt struct {
	set     bool
	version uint8
	content content
	tells   tidings
}

// operator is what one process remembers.
type operator struct {
	// known and answers are its cache; looks says whose turn has come in its work queue.
	known   [incidents]object
	answers [incidents]answer
	looks   [incidents]bool
	// wakes is its index of deadlines.
	wakes [incidents]tick
	// replaced is the version that its own last write replaced, until the cache moves on.
	replaced [incidents]uint8
	unsaid   [incidents]attempt
	// sends is the write that it waits for; it has one worker.
	sends write
}

// troubles are how often each thing may go wrong in one world.
type troubles struct{ crashes, losses uint8 }

// state is the whole world.
type state struct {
	now      tick
	objects  [incidents]object
	answers  [incidents]answer
	recorded [incidents]bool
	ops      [operators]operator
	// late is a write that its operator has given up, or died over, and that may arrive.
	late write
	told [incidents]tidings
	troubles
	// crashed and lost say that something has gone wrong already: what an operator was to
	// tell may be untold then.
	crashed, lost bool
}

// begin is the first state: two operators that have just started, and know everything.
func (m *model) begin(t troubles) state {
	s := state{troubles: t}
	for i := range s.objects {
		s.objects[i] = object{content: m.created[i], version: 1}
	}
	for i := range s.ops {
		s.ops[i] = m.fresh(&s)
	}
	return s
}

// fresh is a process that has just started: it looks at everything.
func (m *model) fresh(s *state) operator {
	o := operator{known: s.objects, answers: s.answers}
	for i := range o.looks {
		o.looks[i], o.wakes[i] = i > 0 || !m.single, never
	}
	return o
}

// key is a state with its versions told apart and no more: how often an incident was written
// matters to nobody.
func (s *state) key() state {
	k := *s
	for i := range k.objects {
		versions := k.versions(uint8(i))
		for rank := uint8(1); ; rank++ {
			lowest := uint8(0xff)
			for _, v := range versions {
				if *v >= rank && *v < lowest {
					lowest = *v
				}
			}
			if lowest == 0xff {
				break
			}
			for _, v := range versions {
				if *v == lowest {
					*v = rank
				}
			}
		}
	}
	return k
}

// versions are all places in which a version of an incident is kept.
func (s *state) versions(i uint8) []*uint8 {
	out := []*uint8{&s.objects[i].version}
	if s.late.set && s.late.incident == i {
		out = append(out, &s.late.version)
	}
	for n := range s.ops {
		o := &s.ops[n]
		out = append(out, &o.known[i].version, &o.replaced[i], &o.unsaid[i].version)
		if o.sends.set && o.sends.incident == i {
			out = append(out, &o.sends.version)
		}
	}
	return out
}
