// Package ledgermodel searches every order of events of a small world: two operators,
// two requests and one budget, with crashes, answers that are lost, writes that arrive
// late, conflicts and old caches. The operators follow the protocol by which the
// bookkeeper writes a ledger, one request to the API server at a time, and judge by the
// very rules of internal/ledger; the API server locks and guards as the real one does.
// The set of states closes, and in each of them the money must be right.
//
// The package holds tests only.
package ledgermodel
