// Package bookkeeper writes the ledgers of budgets: it takes claims from an inbox and
// grants, sets aside and gives back what the ledger's rules allow.
//
// A budget has one writer at a time, by a fence in the budget's own status: who takes
// over raises the epoch, and from then on nobody before it can write. The writer puts
// each transition of money into the budget first and onto the Compensation afterwards.
// So a crash between the two leaves an entry that the next writer finishes, and no
// order of crashes, lost replies, stale caches and rivals spends a cent twice or loses
// a grant.
package bookkeeper
