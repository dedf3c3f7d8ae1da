// Package offline has the commands that work with files: lint, simulate, diff, calendar
// import-ics and init. None of them writes to a cluster, and only diff reads from one,
// unless it is given a file for that too.
package offline
