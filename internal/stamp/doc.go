// Package stamp knows when each fact of an incident was recorded, and from where that is known.
//
// Deadlines are judged by the time at which the API server took a fact in. An entry of the journal
// carries it in recordedAt, where an admission policy or the command line has filled it. An entry
// without a believable one takes the best time that is left, and [Facts] returns a
// [v1alpha1.Recorded] for status.recorded, so that the choice is made once:
//
//  1. The key journal/ID in status.recorded holds, whatever the entry or its managers say now.
//  2. Else the entry's own recordedAt, unless it lies more than [Tolerance] after now. One that is
//     older than the incident counts from the incident's creation.
//  3. Else the earliest time of a field manager that owns a part of the entry, source
//     ManagedFields.
//  4. Else now, the time at which the operator sees it first, source Observed.
//
// Rules 3 and 4 never give a time before the incident's creation, nor one after now; where the
// clocks disagree so much that creation lies after now, creation holds. Rules 1 and 2 say the same
// at every later now, and what rules 3 and 4 say is held by rule 1 once it is written: a fact's
// time never moves.
//
// A manager's time is the last time at which its set of fields changed, so it is never before the
// entry came, and the earliest one is the closest. It is second best all the same: the API server
// keeps the times of only so many managers, a later edit by the same manager moves its time, and a
// client can rewrite or clear them. That is why it is looked at only where the entry does not say,
// and only once.
//
// All times are UTC and have whole seconds, save observedAt, which has microseconds. The package
// reads no clock.
//
// managedFields are a good part of an object's size and serve nothing else here, so [Transform]
// keeps them out of the cache, except those of an incident with an entry whose time is still to be
// settled.
package stamp
