// Package lint finds what is wrong with policies, budgets, calendars and what goes with
// them before they reach a cluster: what the API server would refuse, what the operator
// would stall on, and what both would take although it can never do what its author
// meant. It reads files alone.
package lint
