// Package policy turns a RecoveryPolicy into a Plan that can be decided on, or
// says what is wrong with it, and chooses the policy of an incident.
//
// A policy is read in three moves. Complete writes every default out, so that what
// is pinned does not change with the operator's version. Encode makes a revision of
// it, together with the calendars it names, under the hash of its content. Compile
// makes the Plan: the graph of steps, their limits for each severity, and the
// compiled CEL expressions.
//
// The package is pure: it knows no client and no clock.
package policy
