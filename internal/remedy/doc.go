// Package remedy holds one Compensation to its incident, to the policy that the
// incident is pinned to, and to its budget's spec.
//
// [Judge] says what is to be done with a request now: nothing, a status that moves no
// money, or a claim on the budget. What a claim came to is the ledger's to say; [Record]
// makes the Compensation's status of it. Both are pure and total: they read the facts
// that they are given, and never a clock.
//
// A request is judged once. A later change of the incident's severity, of the policy or
// of the budget moves nothing that was set aside or granted; only the facts that people
// append do, in this order where several are there at once: what an approver refused,
// what was taken back, what an approver granted, what the customer chose, and then
// what was not decided in time.
//
// Every instant in the status is that of a fact and never the one at which it was seen,
// so that a late look writes the same record as one that came in time.
package remedy
