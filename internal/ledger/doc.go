// Package ledger decides what a budget gives. It knows the limits of a budget, the
// charges of its Compensations in a Book, and the rules by which the API server guards
// the sums in a budget's status. It reads no clock and writes nothing: the bookkeeper
// does.
package ledger
