// Package incidentmodel searches every order of events of a small world: two operators, two
// incidents with a deadline each, facts that people record in time or late or never, and one
// pool that has room for the remedy of one of them; with crashes, answers that are lost,
// writes that arrive late, conflicts that nobody caused, and old caches. The operators follow
// the protocol by which an incident's status is written, and decide by the engine itself; the
// API server locks as the real one does. The set of states closes, and in each of them what
// was written must be true, and nothing may be told twice.
//
// How the pool comes to its answers is searched in ledgermodel; here they come in any order.
// The package holds tests only.
package incidentmodel
