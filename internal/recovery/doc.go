// Package recovery decides what an incident's status is: Decide is a total, pure
// function of a Snapshot of the world and one instant, now.
//
// It replays the incident from its report to now. Facts (journal entries, each with
// its accepted time) are taken in order; between them, time passes: steps start,
// warning thresholds and due instants go by. In one instant facts come first, so a
// fact stamped at the due instant is in time, and a due instant counts as passed one
// second later, when no such fact can come any more.
//
// Because everything is derived from facts and instants, a replay that comes late
// writes the same record as one that came on time, but for when it was observed.
// Only four things are read back from the written status, because they cannot be
// derived: pins (which revision was taken), recorded (when facts without a time of
// their own were first seen), announced (what was told, which makes a breach final)
// and latched (verdicts that depend on what lies outside the incident).
//
// Each rule has a file of its own; replay.go calls them in order.
package recovery
